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

constexpr int kSettlePauseMs = 50;

/// What a group's coordinator answers while it starts, moves, or ends a transaction.
bool settles(int code) {
  return code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
         code == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT ||
         code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

/// The offset that a group has of the one partition in `wanted`, -1 if none; only one that no open
/// transaction can change. Returns a code of librdkafka's.
int ask_for_offset(rd_kafka_t* handle, rd_kafka_queue_t* queue, const std::string& group,
                   const Offsets& wanted, int wait_ms, int64_t& offset) {
  rd_kafka_ListConsumerGroupOffsets_t* request =
      rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), wanted.list);
  rd_kafka_AdminOptions_t* options =
      rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
  char text[512] = "";
  rd_kafka_AdminOptions_set_request_timeout(options, wait_ms, text, sizeof text);
  if (rd_kafka_error_t* error = rd_kafka_AdminOptions_set_require_stable_offsets(options, 1)) {
    rd_kafka_error_destroy(error);
  }
  rd_kafka_ListConsumerGroupOffsets(handle, &request, 1, options, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, wait_ms);
  int code = event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    size_t count = 0;
    const auto* const* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
    const auto* error = count == 0 ? nullptr : rd_kafka_group_result_error(groups[0]);
    const auto* list = count == 0 ? nullptr : rd_kafka_group_result_partitions(groups[0]);
    if (error != nullptr) {
      code = rd_kafka_error_code(error);
    } else if (list != nullptr && list->cnt > 0) {
      code = list->elems[0].err;
      offset = std::max<int64_t>(list->elems[0].offset, -1);
    }
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_ListConsumerGroupOffsets_destroy(request);
  return code;
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

Result<int64_t> KafkaProducer::read_mark(const std::string& group, const std::string& topic,
                                         Duration timeout) {
  const std::vector<KafkaOffset> marks(1, KafkaOffset{topic, 0, RD_KAFKA_OFFSET_INVALID});
  const Offsets wanted(marks);
  const SystemClock clock;
  const int64_t until = clock.monotonic_ns() + timeout.ns();
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client_->handle());
  int64_t mark = -1;
  int code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int64_t left_ns = timeout.ns(); left_ns > 0; left_ns = until - clock.monotonic_ns()) {
    const int wait_ms = static_cast<int>(std::max<int64_t>(left_ns / 1'000'000, 1));
    code = ask_for_offset(client_->handle(), queue, group, wanted, wait_ms, mark);
    if (!settles(code)) break;
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kSettlePauseMs);  // nothing comes: a pause
    if (event != nullptr) rd_kafka_event_destroy(event);
  }
  rd_kafka_queue_destroy(queue);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "the mark of the last commit");
  return mark;
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
