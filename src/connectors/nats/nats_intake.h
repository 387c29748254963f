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
  /// Wakes the task if it found nothing, and there is a batch for it now: a full one, or what waits
  /// if `more` (messages are on their way) is false. True if the message begins a batch that waits
  /// for more: ripen() is to be called soon.
  bool add(const Message& message, bool receipts, bool more = false);
  /// A batch that has waited for more for so long is one now. True if one still waits.
  bool ripen(Duration longest);
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
  bool to_be_woken();

  mutable std::mutex mutex_;
  Waker* const waker_;
  BatchBuilder builder_;   // guarded by mutex_, as all below
  NatsReceipts receipts_;  // of the builder's records
  uint64_t filled_bytes_ = 0;  // the same
  int64_t begun_ns_ = 0;       // when the first of them came
  bool ripe_ = false;          // they need not wait for more
  bool asleep_ = true;         // the task found nothing
  std::deque<Taken> ready_;
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace penstock
