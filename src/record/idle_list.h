// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace penstock {

/// Freed objects kept for reuse, last freed first: each thread's own first, which are still in its
/// cache and under a lock that nobody else wants, then what other threads had too much of.
/// T has a member `next_`. Thread-safe.
template <class T>
class IdleList {
 public:
  /// Objects that a thread keeps for itself, and that all threads together keep beyond that.
  static constexpr size_t kOwnMax = 32;
  static constexpr size_t kCommonMax = 256;

  /// Null if there is none.
  T* get() {
    Part& own = parts_[part_of_thread()];
    if (T* found = own.pop()) return found;
    return common_.pop();
  }
  /// False if enough are kept: the caller deletes it.
  bool put(T* object) {
    Part& own = parts_[part_of_thread()];
    return own.push(object, kOwnMax) || common_.push(object, kCommonMax);
  }
  /// Calls f(T*) for each and forgets it. REQUIRES: no other call at the same time.
  template <class F>
  void clear(F&& f) {
    while (T* found = common_.pop()) f(found);
    for (Part& part : parts_) {
      while (T* found = part.pop()) f(found);
    }
  }

 private:
  static constexpr uint32_t kParts = 8;  // threads beyond share them
  class alignas(64) Part {
   public:
    T* pop() {
      std::lock_guard lock(mutex_);
      if (free_ == nullptr) return nullptr;
      --idle_;
      return std::exchange(free_, free_->next_);
    }
    bool push(T* object, size_t max) {
      std::lock_guard lock(mutex_);
      if (idle_ >= max) return false;
      ++idle_;
      object->next_ = std::exchange(free_, object);
      return true;
    }

   private:
    std::mutex mutex_;
    T* free_ = nullptr;  // guarded by mutex_
    size_t idle_ = 0;    // guarded by mutex_
  };

  static uint32_t part_of_thread() {
    static std::atomic<uint32_t> threads{0};
    thread_local const uint32_t part = threads.fetch_add(1, std::memory_order_relaxed) % kParts;
    return part;
  }

  Part parts_[kParts];
  Part common_;
};

}  // namespace penstock
