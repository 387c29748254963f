// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_consumer.h"

#include <librdkafka/rdkafka.h>

#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "record/headers.h"

namespace penstock {
namespace {

/// Stands beside each offset that we commit to a group: one without it is somebody else's.
constexpr std::string_view kOurMark = "penstock";

/// A list of librdkafka's that ends with the scope.
struct List {
  explicit List(const std::vector<KafkaPlace>& places, std::string_view mark = {})
      : list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size()))) {
    for (const KafkaPlace& place : places) {
      rd_kafka_topic_partition_t* one =
          rd_kafka_topic_partition_list_add(list, place.topic.c_str(), place.partition);
      one->offset = place.offset;
      if (mark.empty()) continue;
      one->metadata = std::malloc(mark.size());  // the list frees it
      if (one->metadata == nullptr) continue;
      std::memcpy(one->metadata, mark.data(), mark.size());
      one->metadata_size = mark.size();
    }
  }
  ~List() { rd_kafka_topic_partition_list_destroy(list); }
  List(const List&) = delete;
  rd_kafka_topic_partition_list_t* list;
};

std::vector<KafkaPlace> places_of(const rd_kafka_topic_partition_list_t* list) {
  std::vector<KafkaPlace> places;
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    const std::string_view mark(static_cast<const char*>(one.metadata), one.metadata_size);
    places.push_back({one.topic, one.partition, one.offset, mark == kOurMark});
  }
  return places;
}

/// The error of a whole call, and of the first of its partitions that has one.
Result<std::vector<KafkaPlace>> answered(int code, const List& list, const char* what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, what);
  for (int i = 0; i < list.list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list.list->elems[i];
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return kafka_error(one.err, std::string(what) + " of " + one.topic + "/" +
                                    std::to_string(one.partition));
  }
  return places_of(list.list);
}

constexpr int kSettlePauseMs = 50;

/// What a group's coordinator answers while it starts, moves, or ends a transaction.
bool settles(int code) {
  return code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
         code == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT || code == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

Result<void> outcome(rd_kafka_error_t* error, const char* what) {
  if (error == nullptr) return {};
  const Error made = kafka_error(rd_kafka_error_code(error), what, rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return made;
}

}  // namespace

Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::make(Setup setup) {
  std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer());
  consumer->setup_ = std::move(setup);
  const Setup& s = consumer->setup_;
  auto client = KafkaClient::make(KafkaClient::Kind::kConsumer, *s.connection, s.settings, s.log,
                                  s.stage, [](rd_kafka_conf_t* conf) {
                                    rd_kafka_conf_set_rebalance_cb(
                                        conf, [](rd_kafka_t* handle, rd_kafka_resp_err_t code,
                                                 rd_kafka_topic_partition_list_t* list, void* to) {
                                          on_rebalance(handle, code, list, to);
                                        });
                                  });
  if (!client) return client.error();
  consumer->client_ = *std::move(client);
  consumer->client_->set_owner(consumer.get());
  PENSTOCK_TRY(consumer->client_->connect());
  rd_kafka_poll_set_consumer(consumer->client_->handle());
  consumer->queue_ = rd_kafka_queue_get_consumer(consumer->client_->handle());
  consumer->messages_.resize(kPullMax);
  rd_kafka_queue_cb_event_enable(consumer->queue_, on_arrival, consumer.get());
  return consumer;
}

KafkaConsumer::~KafkaConsumer() {
  if (queue_ == nullptr) return;
  disconnect();
  rd_kafka_queue_destroy(queue_);
}

void KafkaConsumer::disconnect() { rd_kafka_queue_cb_event_enable(queue_, nullptr, nullptr); }

bool KafkaConsumer::lost() const { return rd_kafka_assignment_lost(client_->handle()) != 0; }

void KafkaConsumer::on_arrival(rd_kafka_s*, void* opaque) {
  static_cast<KafkaConsumer*>(opaque)->setup_.arrived();
}

Result<void> KafkaConsumer::subscribe(const std::vector<std::string>& topics) {
  std::vector<KafkaPlace> places;
  for (const std::string& topic : topics) places.push_back({topic, -1, kKafkaNone});
  const List list(places);
  grouped_ = true;
  const auto code = rd_kafka_subscribe(client_->handle(), list.list);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "subscribing");
  return {};
}

void KafkaConsumer::on_rebalance(rd_kafka_s* handle, int code,
                                 rd_kafka_topic_partition_list_s* list, void* opaque) {
  auto* consumer = static_cast<KafkaConsumer*>(static_cast<KafkaClient*>(opaque)->owner());
  KafkaRebalance rebalance;
  rebalance.assign = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  rebalance.lost = rd_kafka_assignment_lost(handle) != 0;
  rebalance.places = places_of(list);
  if (consumer->closing_) {
    (void)consumer->remove(rebalance.places);
    return;
  }
  consumer->setup_.rebalanced(std::move(rebalance));
}

Result<void> KafkaConsumer::add(const std::vector<KafkaPlace>& places) {
  for (const KafkaPlace& place : places) {
    auto& reading = readings_[{place.topic, place.partition}];
    if (reading == nullptr) reading = std::make_unique<KafkaReading>();
    reading->topic = place.topic;
    reading->partition = place.partition;
    reading->next = reading->given = reading->begun = place.offset;
    reading->delivered = kKafkaNone;
    reading->leaving = false;
  }
  last_ = nullptr;
  last_topic_ = nullptr;
  rd_kafka_t* handle = client_->handle();
  const std::string protocol = grouped_ ? rd_kafka_rebalance_protocol(handle) : "NONE";
  const List list(places);
  if (protocol == "EAGER" || !grouped_) {
    const auto code = rd_kafka_assign(handle, list.list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "assigning partitions");
    return {};
  }
  return outcome(rd_kafka_incremental_assign(handle, list.list), "assigning partitions");
}

Result<void> KafkaConsumer::remove(const std::vector<KafkaPlace>& places) {
  for (const KafkaPlace& place : places) readings_.erase({place.topic, place.partition});
  last_ = nullptr;
  last_topic_ = nullptr;
  rd_kafka_t* handle = client_->handle();
  // None while the client closes.
  const char* const protocol = rd_kafka_rebalance_protocol(handle);
  if (protocol == nullptr || std::string_view(protocol) != "COOPERATIVE") {
    readings_.clear();
    const auto code = rd_kafka_assign(handle, nullptr);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "giving up partitions");
    return {};
  }
  const List list(places);
  return outcome(rd_kafka_incremental_unassign(handle, list.list), "giving up partitions");
}

KafkaReading* KafkaConsumer::find(std::string_view topic, int32_t partition) {
  const auto found = readings_.find({std::string(topic), partition});
  return found == readings_.end() ? nullptr : found->second.get();
}

Result<void> KafkaConsumer::look_at_error(const rd_kafka_message_t& message) {
  const char* topic = message.rkt == nullptr ? "" : rd_kafka_topic_name(message.rkt);
  const std::string what = topic[0] == '\0' ? "reading" : "topic '" + std::string(topic) + "'";
  const std::string says = client_->masked_text(rd_kafka_message_errstr(&message));
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // Behind the last record there may be offsets that no record has (ends of transactions).
      if (KafkaReading* reading = find(topic, message.partition)) {
        reading->next = std::max(reading->next, message.offset);
      }
      return {};
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
      // The client goes on trying by itself.
      client_->log().warn("kafka: no answer from the brokers; trying on",
                          {{"stage", client_->stage()}, {"says", says}});
      return {};
    default: break;
  }
  const Error error = kafka_error(message.err, what, says);
  if (error.code != "kafka-unavailable") return error;
  if (message.err == RD_KAFKA_RESP_ERR__FATAL) return error;
  client_->log().warn("kafka: reading is disturbed",
                      {{"stage", client_->stage()}, {"error", to_string(error)}});
  return {};
}

bool KafkaConsumer::append(BatchBuilder& builder, const rd_kafka_message_t& message) {
  if (message.rkt != last_topic_ || message.partition != last_partition_) {
    last_ = find(rd_kafka_topic_name(message.rkt), message.partition);
    last_topic_ = message.rkt;
    last_partition_ = message.partition;
  }
  // What is being given up, or was already, is for the next owner; and nothing comes twice.
  if (last_ == nullptr || last_->leaving || message.offset < last_->next) return false;
  if (message.offset >= last_->end) {
    last_->next = last_->end;
    return false;
  }
  last_->next = message.offset + 1;
  Record& record = builder.append({static_cast<const char*>(message.payload), message.len});
  if (message.payload == nullptr) record.payload = nullptr;  // a tombstone
  record.position = message.offset;
  if (message.key != nullptr) {
    builder.set_key(record, {static_cast<const char*>(message.key), message.key_len});
  }
  rd_kafka_timestamp_type_t type;
  const int64_t time_ms = rd_kafka_message_timestamp(&message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.event_time_us = time_ms * 1000;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    headers_.clear();
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                       RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      append_header(headers_, name, {static_cast<const char*>(value), size});
    }
    builder.set_headers(record, headers_);
  }
  return true;
}

Result<uint32_t> KafkaConsumer::pull(BatchBuilder& builder, uint32_t count,
                                     const std::function<void()>& full) {
  const ssize_t came = rd_kafka_consume_batch_queue(queue_, 0, messages_.data(),
                                                    std::min(count, kPullMax));
  if (came < 0) return kafka_error(rd_kafka_last_error(), "reading");
  uint32_t appended = 0;
  std::optional<Error> error;
  for (ssize_t i = 0; i < came; ++i) {
    rd_kafka_message_t* message = messages_[static_cast<size_t>(i)];
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (auto looked = look_at_error(*message); !looked && !error) error = looked.error();
    } else if (append(builder, *message)) {
      ++appended;
      if (builder.full()) full();
    }
    rd_kafka_message_destroy(message);
  }
  if (error) return *error;
  return came > 0 ? std::max(appended, 1u) : 0;
}

void KafkaConsumer::all_given() {
  for (const auto& [key, reading] : readings_) reading->given = reading->next;
}

void KafkaConsumer::pause(bool paused) {
  std::vector<KafkaPlace> places;
  for (const auto& [key, reading] : readings_) places.push_back({key.first, key.second, 0});
  const List list(places);
  if (paused) {
    rd_kafka_pause_partitions(client_->handle(), list.list);
  } else {
    rd_kafka_resume_partitions(client_->handle(), list.list);
  }
}

Result<std::vector<KafkaPlace>> KafkaConsumer::committed(std::vector<KafkaPlace> places) {
  if (places.empty()) return places;
  const List list(places);
  const SystemClock clock;
  const int64_t until_ns = clock.monotonic_ns() + client_->timeout().ns();
  rd_kafka_queue_t* nothing = rd_kafka_queue_new(client_->handle());
  int code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int64_t left_ms = client_->timeout().ms(); left_ms > 0;
       left_ms = (until_ns - clock.monotonic_ns()) / 1'000'000) {
    code = rd_kafka_committed(client_->handle(), list.list, static_cast<int>(left_ms));
    for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < list.list->cnt; ++i) {
      code = list.list->elems[i].err;
    }
    if (!settles(code)) break;
    rd_kafka_event_t* event = rd_kafka_queue_poll(nothing, kSettlePauseMs);
    if (event != nullptr) rd_kafka_event_destroy(event);
  }
  rd_kafka_queue_destroy(nothing);
  return answered(code, list, "committed offsets");
}

Result<std::vector<KafkaPlace>> KafkaConsumer::at_time(std::vector<KafkaPlace> places,
                                                       int64_t time_ms) {
  if (places.empty()) return places;
  for (KafkaPlace& place : places) place.offset = time_ms;
  const List list(places);
  const auto code = rd_kafka_offsets_for_times(client_->handle(), list.list,
                                               static_cast<int>(client_->timeout().ms()));
  auto found = answered(code, list, "offsets at a time");
  if (!found) return found;
  for (KafkaPlace& place : *found) {
    if (place.offset < 0) place.offset = kKafkaLatest;
  }
  return found;
}

Result<std::pair<int64_t, int64_t>> KafkaConsumer::bounds(const KafkaPlace& place) {
  int64_t low = 0, high = 0;
  const auto code = rd_kafka_query_watermark_offsets(client_->handle(), place.topic.c_str(),
                                                     place.partition, &low, &high,
                                                     static_cast<int>(client_->timeout().ms()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return kafka_error(code, "partition " + place.topic + "/" + std::to_string(place.partition));
  }
  return std::pair{low, high};
}

Result<void> KafkaConsumer::commit(const std::vector<KafkaPlace>& places) {
  if (places.empty()) return {};
  const List list(places, kOurMark);
  const auto code = rd_kafka_commit(client_->handle(), list.list, 1);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "committing offsets");
  return {};
}

Result<void> KafkaConsumer::commit_and_wait(const std::vector<KafkaPlace>& places,
                                            Duration timeout) {
  if (places.empty()) return {};
  const List list(places, kOurMark);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client_->handle());
  auto code = rd_kafka_commit_queue(client_->handle(), list.list, queue, nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, static_cast<int>(timeout.ms()));
    code = event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event);
    if (event != nullptr) rd_kafka_event_destroy(event);
  }
  rd_kafka_queue_destroy(queue);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "committing offsets");
  return {};
}

std::string KafkaConsumer::membership() {
  rd_kafka_consumer_group_metadata_t* group =
      rd_kafka_consumer_group_metadata(client_->handle());
  if (group == nullptr) return {};
  std::string bytes;
  void* buffer = nullptr;
  size_t size = 0;
  // Without a generation it is no member now, and the broker would check nothing.
  if (rd_kafka_consumer_group_metadata_generation_id(group) >= 0 &&
      rd_kafka_consumer_group_metadata_write(group, &buffer, &size) == nullptr) {
    bytes.assign(static_cast<const char*>(buffer), size);
    rd_kafka_mem_free(client_->handle(), buffer);
  }
  rd_kafka_consumer_group_metadata_destroy(group);
  return bytes;
}

void KafkaConsumer::look_at_lag() {
  int64_t lag = 0;
  for (const auto& [key, reading] : readings_) {
    int64_t low = 0, high = 0;
    if (rd_kafka_get_watermark_offsets(client_->handle(), key.first.c_str(), key.second, &low,
                                       &high) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      continue;
    }
    if (high > reading->next && reading->next >= 0) lag += high - reading->next;
  }
  lag_.store(lag, std::memory_order_relaxed);
}

void KafkaConsumer::close() {
  closing_ = true;
  rd_kafka_queue_cb_event_enable(queue_, nullptr, nullptr);
  // The group may wait for an answer to what it wanted: the client would wait for ours, for ever.
  (void)rd_kafka_assign(client_->handle(), nullptr);
  rd_kafka_consumer_close(client_->handle());
}

}  // namespace penstock
