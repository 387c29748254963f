// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "plan/plan.h"
#include "record/batch_builder.h"
#include "record/key.h"

namespace penstock {

/// Records that wait to be tried again, and behind each the later records of its key, so that order
/// per key is kept. A hold: floor() keeps back the positions of what is here. Bounded by
/// RetryPolicy::parked_records_max (the owner stops taking input when full()). Used by one task.
///
/// A key's records go back together and in order; the key stays blocked until the owner says that
/// what was sent is settled().
class Park {
 public:
  /// `whole_lane`: the order of the input is kept, not only that of each key: everything waits
  /// behind the first record that is parked.
  Park(const RetryPolicy& policy, KeySelector key, bool whole_lane, uint64_t seed)
      : policy_(policy), key_(std::move(key)), whole_lane_(whole_lane), random_(seed) {}

  bool empty() const { return count_ == 0 && queues_.empty(); }
  bool full() const { return count_ >= policy_.parked_records_max; }
  uint64_t size() const { return count_; }
  /// Something was released that is not yet settled.
  bool in_flight() const { return !sent_.empty(); }
  /// The oldest epoch of what is here and of what is in flight.
  Epoch floor() const;
  /// The oldest event time of what is here; kEndOfTime if none has one.
  int64_t oldest_event_time_us() const;
  /// When release() has something to give; kNever if nothing waits for time.
  int64_t next_ns() const;

  /// Takes records that shall be retried; `now_ns` monotonic. Those that had their last attempt are
  /// passed to give_up(record, epoch) instead.
  template <class GiveUp>
  void add(const Batch& batch, int64_t now_ns, GiveUp&& give_up) {
    batch.for_each([&](const Record& record) {
      if (policy_.attempts_max > 0 && record.attempts + 1 >= policy_.attempts_max) {
        settle_key(record);
        give_up(record, batch.epoch());
      } else {
        put_back(record, batch.epoch(), now_ns, true);
      }
    });
  }
  /// Takes records that were not tried, because one ahead of them failed: no attempt is counted.
  void add_untried(const Batch& batch, int64_t now_ns) {
    batch.for_each([&](const Record& r) { put_back(r, batch.epoch(), now_ns, false); });
  }
  /// Takes out of a new batch what must wait behind a parked record of its key.
  void divert(Batch& batch);
  /// Gives everything whose back-off is over to send(batch), a batch at a time. `covered_by`: the
  /// barrier that will stand behind it.
  template <class Send>
  void release(int64_t now_ns, BatchPool& pool, Send&& send, Epoch covered_by = 0) {
    while (true) {
      Batch batch = take_due(now_ns, pool, covered_by);
      if (batch.empty()) return;
      send(std::move(batch));
    }
  }
  /// What was released before barrier `covered` and did not come back is done: its keys are free.
  void settled(Epoch covered = kNoEpoch);

 private:
  struct Parked {
    std::string payload, key, headers;
    Record head;  // pointers unused
    Epoch epoch;
  };
  struct Queue {
    std::deque<Parked> records;
    int64_t due_ns = kNever;  // kNever = released, waiting to be settled
    uint32_t returned = 0;    // came back since the release: stand in front, in order
    Epoch covered_by = 0;     // of the last release
  };
  std::string_view key_of(const Record& record) const;
  std::string queue_name(const Record& record);
  void keep(const Record& record);
  void put_back(const Record& record, Epoch epoch, int64_t now_ns, bool tried);
  void settle_key(const Record& record);
  Batch take_due(int64_t now_ns, BatchPool& pool, Epoch covered_by);
  int64_t back_off_ns(uint32_t attempts);

  const RetryPolicy policy_;
  const KeySelector key_;
  const bool whole_lane_;
  Random random_;
  std::map<std::string, Queue> queues_;
  std::map<Epoch, Epoch> sent_;  // in flight: the barrier that covers it → its oldest epoch
  uint64_t count_ = 0;
  mutable std::optional<int64_t> oldest_us_ = kEndOfTime;  // unset = must be looked for
  uint64_t unkeyed_ = 0;  // names queues of records without a key
};

}  // namespace penstock
