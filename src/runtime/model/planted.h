// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/model/model_sync.h"

namespace penstock::model {

/// Mistakes planted into copies of BasicLane, BasicBudget and BasicBell: what the search must find.
enum class Mistake : uint8_t {
  kNone,
  kNoSecondLook,        ///< Budget::wait announces, but does not look again
  kAnnouncedUncounted,  ///< Budget::wait counts after it announces
  kWakesOnlyOne,        ///< Budget::wake stops at the first producer
  kMarkNeverReached,    ///< an empty edge of capacity 1 does not count as half empty
  kFinishForgetsRing,   ///< Bell::finish goes idle whatever came meanwhile
  kRingOfRunningLost,   ///< Bell::ring leaves a running task alone
  kRingTornApart,       ///< Bell::ring looks and then stores, instead of one exchange
  kSizeAfterUnlock,     ///< Lane::take_all resets the size when others can push again
};

template <Mistake mistake>
class PlantedBudget {
 public:
  PlantedBudget(uint64_t records_max, uint64_t, uint32_t producers)
      : records_max_(static_cast<int64_t>(records_max)),
        producers_(producers),
        waiting_(std::make_unique<ModelSync::Atomic<bool>[]>(producers)) {}

  bool has_room() const { return records_.load() < records_max_; }
  bool has_much_room() const {
    if constexpr (mistake == Mistake::kMarkNeverReached) return records_.load() < records_max_ / 2;
    return records_.load() <= records_max_ / 2;
  }
  void charge(uint64_t records, uint64_t) { records_.fetch_add(static_cast<int64_t>(records)); }
  void release(uint64_t records, uint64_t) { records_.fetch_sub(static_cast<int64_t>(records)); }
  template <class Open>
  bool wait(uint32_t producer, Open&& open) {
    if constexpr (mistake == Mistake::kAnnouncedUncounted) {
      if (!waiting_[producer].exchange(true)) waiters_.fetch_add(1);
    } else if (!waiting_[producer].load()) {
      waiters_.fetch_add(1);
      waiting_[producer].store(true);
    }
    if (mistake == Mistake::kNoSecondLook || !open()) return true;
    if (waiting_[producer].exchange(false)) waiters_.fetch_sub(1);
    return false;
  }
  template <class Open, class Ring>
  void wake(Open&& open, Ring&& ring) {
    if (waiters_.load() == 0) return;
    for (uint32_t p = 0; p < producers_; ++p) {
      if (waiting_[p].load() && open(p) && waiting_[p].exchange(false)) {
        waiters_.fetch_sub(1);
        ring(p);
        if (mistake == Mistake::kWakesOnlyOne) return;
      }
    }
  }
  uint64_t records() const { return static_cast<uint64_t>(records_.load()); }

 private:
  const int64_t records_max_;
  const uint32_t producers_;
  ModelSync::Atomic<int64_t> records_{0};
  ModelSync::Atomic<uint32_t> waiters_{0};
  std::unique_ptr<ModelSync::Atomic<bool>[]> waiting_;
};

template <Mistake mistake>
class PlantedBell {
 public:
  bool ring() {
    uint8_t state = state_.load();
    while (true) {
      if (state == kQueued || state == kRunningRung) return false;
      const uint8_t next = state == kIdle ? kQueued : kRunningRung;
      if (mistake == Mistake::kRingOfRunningLost && next == kRunningRung) return false;
      if constexpr (mistake == Mistake::kRingTornApart) {
        state_.store(next);
        return next == kQueued;
      }
      if (state_.compare_exchange_strong(state, next)) return next == kQueued;
    }
  }
  void start() { state_.store(kRunning); }
  bool finish(bool again) {
    if (mistake == Mistake::kFinishForgetsRing && !again) {
      state_.store(kIdle);
      return false;
    }
    uint8_t running = kRunning;
    if (!again && state_.compare_exchange_strong(running, kIdle)) return false;
    state_.store(kQueued);
    return true;
  }

 private:
  enum : uint8_t { kIdle, kQueued, kRunning, kRunningRung };
  ModelSync::Atomic<uint8_t> state_{kIdle};
};

template <Mistake mistake, class T>
class PlantedLane {
 public:
  void push(T element) {
    std::lock_guard lock(mutex_);
    buffer_.push_back(std::move(element));
    size_.store(static_cast<uint32_t>(buffer_.size()));
  }
  void take_all(std::vector<T>& into) {
    if (size_.load() == 0) return;
    {
      std::lock_guard lock(mutex_);
      std::swap(buffer_, into);
      if (mistake != Mistake::kSizeAfterUnlock) size_.store(0);
    }
    if (mistake == Mistake::kSizeAfterUnlock) size_.store(0);
  }
  uint32_t size() const { return size_.load(); }

 private:
  ModelSync::Mutex mutex_;
  std::vector<T> buffer_;  // guarded by mutex_
  ModelSync::Atomic<uint32_t> size_{0};
};

/// Parts of a PipeScenario with one mistake.
template <Mistake mistake>
struct PlantedParts {
  template <class T>
  using Lane = PlantedLane<mistake, T>;
  using Budget = PlantedBudget<mistake>;
  using Bell = PlantedBell<mistake>;
};

}  // namespace penstock::model
