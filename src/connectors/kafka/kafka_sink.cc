// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_sink.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

/// Batches of fewer records are sent at once; with more, waiting (linger) makes larger requests.
constexpr uint32_t kFewRecords = 32;
/// What a record's own fields take in a batch, at most.
constexpr uint64_t kFramingBytes = 100;

uint64_t size_of(const Record& record) {
  return uint64_t{record.payload_size} + record.key_size + record.headers_size;
}

}  // namespace

KafkaSink::~KafkaSink() {
  if (flight_ == nullptr) return;
  flight_->leave();
  // What is under way still refers to these.
  if (open_ != nullptr) closed_.push_back({std::move(open_), 0});
  for (Closed& closed : closed_) producer_->keep(std::move(closed.sending));
}

Result<void> KafkaSink::open(const TaskContext& context) {
  context_ = context;
  if (place_.shelf == nullptr) place_.shelf = &own_shelf_;
  PENSTOCK_TRY(meet());
  // Before anything is asked about the topic: who names it first says how it is written.
  auto topic = producer_->topic(options_->topic,
                                kafka_topic_settings(*options_, context.exactly_once));
  if (!topic) return topic.error();
  topic_ = *topic;
  PENSTOCK_TRY(find_topic());
  flight_ = producer_->flight(context.waker);
  flight_->set_poison(poison_);
  open_ = std::make_unique<KafkaSending>(flight_.get());
  return {};
}

/// One producer for the tasks of a stage; with transactions, for all sinks of the region.
Result<void> KafkaSink::meet() {
  if (context_.exactly_once) {
    const std::string name = "kafka transaction " + options_->brokers + " " +
                             options_->transactional_id;
    auto transaction = place_.shelf->get<KafkaTransaction>(
        name, [&] { return KafkaTransaction::make(*options_, place_.identity, context_); });
    if (!transaction) return transaction.error();
    transaction_ = *std::move(transaction);
    producer_ = transaction_->shared_producer();
    return {};
  }
  auto producer = place_.shelf->get<KafkaProducer>("kafka producer " + context_.stage, [&] {
    return KafkaProducer::make(
        {options_.get(), kafka_producer_settings(*options_), context_.log, context_.stage});
  });
  if (!producer) return producer.error();
  producer_ = *std::move(producer);
  return {};
}

Result<void> KafkaSink::find_topic() {
  KafkaClient& client = producer_->client();
  auto found = client.topics({options_->topic});
  if (!found && found.error().code == "kafka-topic-missing" && options_->create) {
    PENSTOCK_TRY(client.create_topic(options_->topic, options_->partitions, options_->replicas,
                                     options_->topic_config));
    found = std::vector<KafkaTopic>();
  }
  if (!found) return found.error();
  record_bytes_max_ = options_->max_record_bytes.bytes;
  // A batch larger than the topic takes would take its neighbours along: know the limit before.
  const std::string limit = client.topic_setting(options_->topic, "max.message.bytes");
  uint64_t bytes = 0;
  std::from_chars(limit.data(), limit.data() + limit.size(), bytes);
  if (bytes > kFramingBytes) {
    record_bytes_max_ = std::min(record_bytes_max_, bytes - kFramingBytes);
  }
  return {};
}

void KafkaSink::write(Batch batch, SinkOutput& out) {
  if (failed_ || batch.empty()) return;
  // The engine does not feed a full sink; a stage ahead may still let go of something.
  if (flight_->sealed()) return waiting_.push_back(std::move(batch));
  send_waiting(out);
  send(batch, out);
  // Where little comes, nothing is worth waiting for.
  if (batch.size() < kFewRecords) producer_->hurry();
}

void KafkaSink::send_waiting(SinkOutput& out) {
  for (; !waiting_.empty() && !flight_->sealed(); waiting_.pop_front()) {
    send(waiting_.front(), out);
  }
}

void KafkaSink::send(const Batch& batch, SinkOutput& out) {
  if (transaction_ != nullptr) {
    if (Result<void> begun = transaction_->begin(); !begun) {
      failed_ = true;
      return out.fail(begun.error());
    }
  }
  batch.for_each([&](const Record& record) {
    if (failed_) return;
    if (__builtin_expect(poison_->contains(record), 0)) {
      return out.reject(record, batch.epoch(),
                        reject_error("kafka-record-refused",
                                     "topic '" + options_->topic + "' did not take this record",
                                     "the broker's log says why"));
    }
    if (__builtin_expect(size_of(record) > record_bytes_max_, 0)) {
      out.reject(record, batch.epoch(),
                 reject_error("record-too-large",
                              "a record of " + std::to_string(size_of(record)) +
                                  " bytes; topic '" + options_->topic + "' takes " +
                                  std::to_string(record_bytes_max_) + " from here",
                              "raise max_record_bytes here and max.message.bytes of the topic"));
      return;
    }
    const std::optional<Error> error = producer_->produce(topic_, record, *open_);
    if (!error) return;
    if (error->reaction == Reaction::kRejectRecord) {
      return out.reject(record, batch.epoch(), *error);
    }
    failed_ = true;
    Error fatal = *error;
    if (fatal.reaction == Reaction::kRetryLater) fatal.reaction = Reaction::kReconnect;
    out.fail(std::move(fatal));
  });
}

void KafkaSink::barrier(const Barrier& barrier, SinkOutput& out) {
  send_waiting(out);
  open_->close();
  closed_.push_back({std::move(open_), barrier.epoch});
  open_ = std::make_unique<KafkaSending>(flight_.get());
  if (transaction_ != nullptr) {
    // The commit waits for the brokers, and says what they did not take.
    if (barrier.checkpoint) transaction_->seal(flight_);
    out.delivered(barrier.epoch);
  }
  confirm(out);
}

void KafkaSink::on_wake(int64_t, SinkOutput& out) {
  send_waiting(out);
  confirm(out);
}

/// Says which barriers are behind us.
void KafkaSink::confirm(SinkOutput& out) {
  Epoch delivered = 0;
  while (!closed_.empty() && closed_.front().sending->done()) {
    delivered = closed_.front().epoch;
    closed_.pop_front();
  }
  take_back(out);
  if (delivered != 0 && !failed_ && transaction_ == nullptr) out.delivered(delivered);
}

/// What the brokers did not take.
void KafkaSink::take_back(SinkOutput& out) {
  for (KafkaUndelivered& one : flight_->take_undelivered()) {
    if (failed_) return;
    if (transaction_ != nullptr && one.error.reaction == Reaction::kRejectRecord) {
      // It costs the transaction; the next one leaves it out.
      one.error.reaction = Reaction::kReconnect;
    }
    if (one.error.reaction == Reaction::kRejectRecord) {
      out.reject(one.placed(), kNoEpoch, one.error);
      continue;
    }
    failed_ = true;
    out.fail(one.error);
  }
}

}  // namespace penstock
