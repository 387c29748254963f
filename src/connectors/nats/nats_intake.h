// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/nats/nats_session.h"
#include "record/batch_builder.h"
#include "sdk/context.h"

namespace penstock {

/// What the messages of a batch are answered with, in order.
struct NatsReceipts {
  std::vector<uint64_t> marks;  ///< what tells the messages apart
  std::string replies;              ///< subjects one after another, each with a final NUL
  bool empty() const { return marks.empty(); }
  /// Calls f(mark, const char* reply) for each.
  template <class F>
  void for_each(F&& f) const {
    const char* reply = replies.data();
    for (const uint64_t mark : marks) {
      f(mark, reply);
      reply += std::string_view(reply).size() + 1;
    }
  }
};

/// Makes batches of messages: a thread of the client library fills, a task takes. Thread-safe.
class NatsIntake {
 public:
  struct Taken {
    Batch batch;
    NatsReceipts receipts;
    uint64_t bytes = 0;
  };
  /// One message to take in. The views need to hold during the call only.
  struct Message {
    std::string_view payload;
    std::string_view key;
    bool has_key = false;
    std::string_view headers;  ///< encoded
    int64_t event_time_us = kNoEventTime;
    uint64_t sequence = 0;     ///< becomes the position
    uint64_t mark = 0;         ///< with receipts
    std::string_view reply;    ///< with receipts
  };

  NatsIntake(BatchPool& pool, uint32_t batch_records_max, Waker* waker);
  /// Wakes the task if it may have found nothing.
  void add(const Message& message, bool receipts);
  /// Everything that waits, up to a batch.
  std::optional<Taken> take();
  /// All that waits, to be given back.
  std::vector<NatsReceipts> drop();
  /// A copy of the receipts of all that waits.
  std::vector<NatsReceipts> receipts() const;
  /// Waiting now.
  uint64_t records() const;
  uint64_t bytes() const;

 private:
  void close_batch();

  mutable std::mutex mutex_;
  Waker* const waker_;
  BatchBuilder builder_;   // guarded by mutex_, as all below
  NatsReceipts receipts_;  // of the builder's records
  uint64_t filled_bytes_ = 0;  // the same
  std::deque<Taken> ready_;
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace penstock
