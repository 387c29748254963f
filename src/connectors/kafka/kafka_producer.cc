// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_producer.h"

#include <librdkafka/rdkafka.h>

#include "base/hash.h"
#include "record/headers.h"

namespace penstock {
namespace {

constexpr int kServeMs = 1000;
constexpr int kHurryMs = 20;
/// What a record costs beside its bytes while it is under way.
constexpr uint64_t kRecordOverhead = 200;

rd_kafka_headers_t* headers_of(const Record& record) {
  if (record.headers_size == 0) return nullptr;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(8);
  for_each_header(record.headers_view(), [&](std::string_view name, std::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  });
  return headers;
}

constexpr char kName[] = "penstock";

}  // namespace

void KafkaPoison::add(std::string_view payload, std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (hashes_.size() >= kMax) hashes_.clear();
  hashes_.insert(hash64(payload) ^ (hash64(key) << 1));
  any_.store(true, std::memory_order_relaxed);
}

bool KafkaPoison::contains(const Record& record) const {
  if (!any_.load(std::memory_order_relaxed)) return false;
  const std::lock_guard lock(mutex_);
  return hashes_.contains(hash64(record.payload_view()) ^ (hash64(record.key_view()) << 1));
}

const Record& KafkaUndelivered::placed() {
  if (head.payload != nullptr) head.payload = payload.data();
  if (head.key != nullptr) head.key = key.data();
  head.headers = headers.data();
  head.payload_size = static_cast<uint32_t>(payload.size());
  head.key_size = static_cast<uint32_t>(key.size());
  head.headers_size = static_cast<uint32_t>(headers.size());
  return head;
}

void KafkaFlight::leave() {
  const std::lock_guard lock(mutex_);
  waker_ = nullptr;
}

void KafkaFlight::unseal() {
  sealed_.store(false);
  wake();
}

bool KafkaFlight::full(uint64_t limit) {
  if (sent_bytes_ - known_settled_ < limit) return false;
  known_settled_ = settled_bytes_.load();
  if (sent_bytes_ - known_settled_ < limit) return false;
  wake_at_.store(sent_bytes_ - limit / 2);
  known_settled_ = settled_bytes_.load();
  if (sent_bytes_ - known_settled_ >= limit) return true;
  wake_at_.store(0);  // it went meanwhile
  return false;
}

void KafkaFlight::settled(uint64_t bytes) {
  const uint64_t now = settled_bytes_.fetch_add(bytes) + bytes;
  uint64_t at = wake_at_.load();
  if (__builtin_expect(at != 0 && now >= at, 0) && wake_at_.compare_exchange_strong(at, 0)) wake();
}

void KafkaFlight::wake() {
  const std::lock_guard lock(mutex_);
  if (waker_ != nullptr) waker_->wake();
}

std::vector<KafkaUndelivered> KafkaFlight::take_undelivered() {
  const std::lock_guard lock(mutex_);
  return std::exchange(undelivered_, {});
}

Result<std::shared_ptr<KafkaProducer>> KafkaProducer::make(const Setup& setup) {
  std::shared_ptr<KafkaProducer> producer(new KafkaProducer());
  const auto configure = [](rd_kafka_conf_t* conf) {
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* to) {
      static_cast<KafkaProducer*>(static_cast<KafkaClient*>(to)->owner())->undelivered(*message);
    });
    // Called for every record that is settled; one that failed comes as a report, too.
    rd_kafka_conf_interceptor_add_on_new(
        conf, kName,
        [](rd_kafka_t* made, const rd_kafka_conf_t*, void*, char*, size_t) {
          return rd_kafka_interceptor_add_on_acknowledgement(
              made, kName,
              [](rd_kafka_t*, rd_kafka_message_t* message, void*) {
                if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) settle(*message);
                return RD_KAFKA_RESP_ERR_NO_ERROR;
              },
              nullptr);
        },
        nullptr);
  };
  auto client = KafkaClient::make(KafkaClient::Kind::kProducer, *setup.connection, setup.settings,
                                  setup.log, setup.stage, configure);
  if (!client) return client.error();
  producer->client_ = *std::move(client);
  producer->client_->set_owner(producer.get());
  PENSTOCK_TRY(producer->client_->connect());
  producer->reports_ = rd_kafka_queue_get_main(producer->client_->handle());
  producer->thread_ = std::thread([raw = producer.get()] { raw->serve(); });
  return producer;
}

KafkaProducer::~KafkaProducer() {
  stopped_.store(true);
  if (thread_.joinable()) {
    rd_kafka_queue_yield(reports_);
    thread_.join();
    rd_kafka_queue_destroy(reports_);
  }
  for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
}

void KafkaProducer::serve() {
  while (!stopped_.load()) {
    if (hurried_.exchange(false)) {
      rd_kafka_flush(client_->handle(), kHurryMs);  // serves reports, too
    } else {
      rd_kafka_poll(client_->handle(), kServeMs);
    }
  }
}

void KafkaProducer::hurry() {
  if (!hurried_.exchange(true)) rd_kafka_queue_yield(reports_);
}

Result<rd_kafka_topic_s*> KafkaProducer::topic(const std::string& name,
                                               const KafkaSettings& settings) {
  const std::lock_guard lock(mutex_);
  rd_kafka_topic_s*& made = topics_[name];
  if (made != nullptr) return made;
  rd_kafka_topic_conf_t* conf = rd_kafka_topic_conf_new();
  char text[512] = "";
  for (const auto& [setting, value] : settings) {
    if (rd_kafka_topic_conf_set(conf, setting.c_str(), value.c_str(), text, sizeof text) !=
        RD_KAFKA_CONF_OK) {
      rd_kafka_topic_conf_destroy(conf);
      topics_.erase(name);
      return stop_error("kafka-bad-property", text);
    }
  }
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client_->handle(), name.c_str(), conf);
  if (topic == nullptr) {
    rd_kafka_topic_conf_destroy(conf);
    topics_.erase(name);
    return kafka_error(rd_kafka_last_error(), "topic '" + name + "'");
  }
  return made = topic;
}

std::shared_ptr<KafkaFlight> KafkaProducer::flight(Waker* waker) {
  auto made = std::make_shared<KafkaFlight>(waker);
  const std::lock_guard lock(mutex_);
  flights_.push_back(made);
  return made;
}

void KafkaProducer::keep(std::unique_ptr<KafkaSending> sending) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(sending));
}

std::optional<Error> KafkaProducer::produce(rd_kafka_topic_s* topic, const Record& record,
                                            KafkaSending& sending) {
  rd_kafka_vu_t fields[7];
  size_t n = 0;
  fields[n].vtype = RD_KAFKA_VTYPE_RKT;
  fields[n++].u.rkt = topic;
  fields[n].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[n].u.mem.ptr = const_cast<char*>(record.payload);
  fields[n++].u.mem.size = record.payload_size;
  fields[n].vtype = RD_KAFKA_VTYPE_KEY;
  fields[n].u.mem.ptr = const_cast<char*>(record.key);
  fields[n++].u.mem.size = record.key_size;
  fields[n].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[n++].u.i = RD_KAFKA_MSG_F_COPY;
  fields[n].vtype = RD_KAFKA_VTYPE_OPAQUE;
  fields[n++].u.ptr = &sending;
  if (record.event_time_us > 0) {
    fields[n].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[n++].u.i64 = record.event_time_us / 1000;
  }
  rd_kafka_headers_t* headers = headers_of(record);
  if (headers != nullptr) {
    fields[n].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[n++].u.headers = headers;
  }
  rd_kafka_error_t* error = rd_kafka_produceva(client_->handle(), fields, n);
  if (__builtin_expect(error == nullptr, 1)) {
    sending.sent();
    sending.flight->sent_bytes_ += record.payload_size + record.key_size + kRecordOverhead;
    return std::nullopt;
  }
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  Error made = kafka_error(rd_kafka_error_code(error), "a record was not taken",
                           client_->masked_text(rd_kafka_error_string(error)));
  if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    made.reaction = Reaction::kRetryLater;
  }
  rd_kafka_error_destroy(error);
  return made;
}

/// On threads of the client, and for a record that it delivered or gives to undelivered().
void KafkaProducer::settle(const rd_kafka_message_t& message) {
  auto* sending = static_cast<KafkaSending*>(message._private);
  KafkaFlight& flight = *sending->flight;
  flight.settled(message.len + message.key_len + kRecordOverhead);
  // The sending may be gone at once after the last.
  if (sending->left_.fetch_sub(1) == 1) flight.wake();
}

/// On the serving thread.
void KafkaProducer::undelivered(const rd_kafka_message_t& message) {
  const auto& sending = *static_cast<KafkaSending*>(message._private);
  KafkaUndelivered one;
  const char* topic = rd_kafka_topic_name(message.rkt);
  one.error = kafka_error(message.err, "topic '" + std::string(topic) + "'",
                          client_->last_error());
  if (message.payload != nullptr) {
    one.head.payload = "";
    one.payload.assign(static_cast<const char*>(message.payload), message.len);
  }
  if (message.key != nullptr) {
    one.head.key = "";
    one.key.assign(static_cast<const char*>(message.key), message.key_len);
  }
  rd_kafka_timestamp_type_t type;
  const int64_t time_ms = rd_kafka_message_timestamp(&message, &type);
  if (time_ms > 0) one.head.event_time_us = time_ms * 1000;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                       RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      append_header(one.headers, name, {static_cast<const char*>(value), size});
    }
  }
  if (sending.flight->poison_ != nullptr && one.error.reaction == Reaction::kRejectRecord) {
    sending.flight->poison_->add(one.payload, one.key);
  }
  KafkaFlight& flight = *sending.flight;
  {
    const std::lock_guard lock(flight.mutex_);
    flight.undelivered_.push_back(std::move(one));
  }
  settle(message);
  flight.wake();
}

}  // namespace penstock
