// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>

#include "runtime/sync.h"

namespace penstock {

/// What an edge may hold, in records and bytes, and which producers wait for room. Thread-safe.
///
/// A producer that finds the edge closed calls wait(), which announces it and looks again; a
/// consumer that made progress looks who waits *after* it. Both sides use sequentially consistent
/// operations, so one of them always sees the other: no wake-up is lost.
///
/// Waiting ends at half the capacity, so that producer and consumer do not take turns per batch.
template <class Sync>
class BasicBudget {
 public:
  BasicBudget(uint64_t records_max, uint64_t bytes_max, uint32_t producers)
      : records_max_(static_cast<int64_t>(records_max)),
        bytes_max_(static_cast<int64_t>(bytes_max)),
        producers_(producers),
        waiting_(std::make_unique<Flag[]>(producers)) {}

  /// Below the limit; a batch may go over it once.
  bool has_room() const { return records_.load() < records_max_ && bytes_.load() < bytes_max_; }
  /// Below half of it: the mark at which waiting ends. An empty edge always is.
  bool has_much_room() const {
    return records_.load() <= records_max_ / 2 && bytes_.load() <= bytes_max_ / 2;
  }
  void charge(uint64_t records, uint64_t bytes) {
    records_.fetch_add(static_cast<int64_t>(records));
    bytes_.fetch_add(static_cast<int64_t>(bytes));
  }
  void release(uint64_t records, uint64_t bytes) {
    records_.fetch_sub(static_cast<int64_t>(records));
    bytes_.fetch_sub(static_cast<int64_t>(bytes));
  }
  /// Producer: announces that it waits until `open()`. False if it need not.
  template <class Open>
  bool wait(uint32_t producer, Open&& open) {
    if (!waiting_[producer].flag.load()) {
      // Counted first: with fewer counted than announced, a consumer that takes this announcement
      // back would leave a count of 0 behind while another producer waits.
      waiters_.fetch_add(1);
      waiting_[producer].flag.store(true);
    }
    if (!open()) return true;
    if (waiting_[producer].flag.exchange(false)) waiters_.fetch_sub(1);
    return false;
  }
  /// Consumer, after progress: calls ring(producer) for each one that waits and is open(producer).
  template <class Open, class Ring>
  void wake(Open&& open, Ring&& ring) {
    if (waiters_.load() == 0) return;
    for (uint32_t p = 0; p < producers_; ++p) {
      if (waiting_[p].flag.load() && open(p) && waiting_[p].flag.exchange(false)) {
        waiters_.fetch_sub(1);
        ring(p);
      }
    }
  }
  uint64_t records() const { return static_cast<uint64_t>(records_.load()); }
  uint64_t bytes() const { return static_cast<uint64_t>(bytes_.load()); }

 private:
  struct Flag {
    typename Sync::template Atomic<bool> flag{false};
  };
  const int64_t records_max_;
  const int64_t bytes_max_;
  const uint32_t producers_;
  typename Sync::template Atomic<int64_t> records_{0};
  typename Sync::template Atomic<int64_t> bytes_{0};
  typename Sync::template Atomic<uint32_t> waiters_{0};
  std::unique_ptr<Flag[]> waiting_;
};

using Budget = BasicBudget<RealSync>;

}  // namespace penstock
