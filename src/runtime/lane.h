// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/element.h"
#include "runtime/sync.h"

namespace penstock {

/// A FIFO from one producing task to one consuming task. What it may hold is limited by the budget
/// of its edge, not here: control elements always find room. One producer, one consumer. Empty,
/// it takes at most 64 bytes; its buffer comes with the first element.
///
/// A mutex, held for a push or a swap, is enough: elements are batches, some ten thousand a second.
template <class Sync, class T>
class BasicLane {
 public:
  /// Producer. The caller rings the consumer afterwards.
  void push(T element) {
    std::lock_guard lock(mutex_);
    if (buffer_ == nullptr) buffer_ = std::make_unique<std::vector<T>>();
    buffer_->push_back(std::move(element));
    size_.store(static_cast<uint32_t>(buffer_->size()));
  }
  /// Consumer: takes everything, in order. `into` must be empty; its memory becomes the lane's.
  void take_all(std::vector<T>& into) {
    if (size_.load() == 0) return;
    std::lock_guard lock(mutex_);
    std::swap(*buffer_, into);
    size_.store(0);
  }
  /// Elements waiting; exact for the side that asks about its own doing.
  uint32_t size() const { return size_.load(); }

 private:
  typename Sync::Mutex mutex_;
  std::unique_ptr<std::vector<T>> buffer_;  // guarded by mutex_
  typename Sync::template Atomic<uint32_t> size_{0};
};

using Lane = BasicLane<RealSync, Element>;
static_assert(sizeof(Lane) <= 64);

}  // namespace penstock
