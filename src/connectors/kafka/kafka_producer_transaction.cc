// SPDX-License-Identifier: Apache-2.0
// The transactional calls of a producer. Every error but a missing permission starts the region
// again: what the broker has is found out then.
#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "base/clock.h"
#include "connectors/kafka/kafka_producer.h"

namespace penstock {
namespace {

struct GroupMetadata {
  ~GroupMetadata() {
    if (data != nullptr) rd_kafka_consumer_group_metadata_destroy(data);
  }
  rd_kafka_consumer_group_metadata_t* data = nullptr;
};

struct Offsets {
  explicit Offsets(const std::vector<KafkaOffset>& all)
      : list(rd_kafka_topic_partition_list_new(static_cast<int>(all.size()))) {
    for (const KafkaOffset& one : all) {
      rd_kafka_topic_partition_list_add(list, one.topic.c_str(), one.partition)->offset =
          one.offset;
    }
  }
  ~Offsets() { rd_kafka_topic_partition_list_destroy(list); }
  rd_kafka_topic_partition_list_t* list;
};

/// Calls until it works, it can never work, or the time is over.
template <class F>
Result<void> insist(const char* what, const KafkaClient& client, Duration timeout, F&& call) {
  const SystemClock clock;
  const int64_t until = clock.monotonic_ns() + timeout.ns();
  while (true) {
    const int64_t left_ms = std::max<int64_t>((until - clock.monotonic_ns()) / 1'000'000, 1);
    rd_kafka_error_t* error = call(static_cast<int>(left_ms));
    if (error == nullptr) return {};
    const bool again = rd_kafka_error_is_retriable(error) != 0 && clock.monotonic_ns() < until;
    int code = rd_kafka_error_code(error);
    std::string says = client.masked_text(rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    if (again) continue;
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      char text[512] = "";
      code = rd_kafka_fatal_error(client.handle(), text, sizeof text);
    }
    Error made = kafka_error(code, what, says);
    if (made.reaction != Reaction::kStopPipeline) made.reaction = Reaction::kReconnect;
    return made;
  }
}

}  // namespace

Result<void> KafkaProducer::init_transactions(Duration timeout) {
  return insist("taking over the transactions", *client_, timeout, [&](int wait_ms) {
    return rd_kafka_init_transactions(client_->handle(), wait_ms);
  });
}

Result<void> KafkaProducer::begin() {
  return insist("beginning a transaction", *client_, Duration{0},
                [&](int) { return rd_kafka_begin_transaction(client_->handle()); });
}

Result<void> KafkaProducer::send_offsets(const std::string& membership,
                                         const std::vector<KafkaOffset>& offsets,
                                         Duration timeout) {
  GroupMetadata group;
  rd_kafka_error_t* error = rd_kafka_consumer_group_metadata_read(
      &group.data, membership.data(), membership.size());
  if (error != nullptr) {
    rd_kafka_error_destroy(error);
    return stop_error("bad-position", "a group membership cannot be read");
  }
  const Offsets list(offsets);
  return insist("offsets in the transaction", *client_, timeout, [&](int wait_ms) {
    return rd_kafka_send_offsets_to_transaction(client_->handle(), list.list, group.data, wait_ms);
  });
}

Result<void> KafkaProducer::send_mark(const std::string& group, const std::string& topic,
                                      int64_t mark, Duration timeout) {
  GroupMetadata metadata{rd_kafka_consumer_group_metadata_new(group.c_str())};
  const std::vector<KafkaOffset> marks(1, KafkaOffset{topic, 0, mark});
  const Offsets list(marks);
  return insist("the mark of a commit", *client_, timeout, [&](int wait_ms) {
    return rd_kafka_send_offsets_to_transaction(client_->handle(), list.list, metadata.data,
                                                wait_ms);
  });
}

Result<void> KafkaProducer::commit(Duration timeout) {
  return insist("committing a transaction", *client_, timeout, [&](int wait_ms) {
    return rd_kafka_commit_transaction(client_->handle(), wait_ms);
  });
}

void KafkaProducer::abort(Duration timeout) {
  rd_kafka_error_t* error =
      rd_kafka_abort_transaction(client_->handle(), static_cast<int>(timeout.ms()));
  if (error != nullptr) rd_kafka_error_destroy(error);
}

}  // namespace penstock
