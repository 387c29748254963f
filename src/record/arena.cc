// SPDX-License-Identifier: Apache-2.0
#include "record/arena.h"

#include <cstring>
#include <new>

#include "base/check.h"

namespace penstock {

ArenaPool::~ArenaPool() {
  CHECK_EQ(outstanding(), 0u);
  while (free_ != nullptr) {
    Arena* arena = std::exchange(free_, free_->next_);
    arena->~Arena();
    ::operator delete(arena);
  }
}

ArenaRef ArenaPool::get(size_t bytes) {
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  if (bytes <= kArenaBytes) {
    std::lock_guard lock(mutex_);
    if (free_ != nullptr) {
      Arena* arena = std::exchange(free_, free_->next_);
      --idle_;
      return ArenaRef(arena);
    }
  }
  const size_t capacity = bytes <= kArenaBytes ? kArenaBytes : bytes;
  void* memory = ::operator new(sizeof(Arena) + capacity + kArenaPadding);
  Arena* arena = new (memory) Arena(this, capacity);
  std::memset(arena->data() + capacity, 0, kArenaPadding);
  return ArenaRef(arena);
}

void ArenaPool::put(Arena* arena) {
  outstanding_.fetch_sub(1, std::memory_order_relaxed);
  if (arena->capacity() == kArenaBytes) {
    std::lock_guard lock(mutex_);
    if (idle_ < kIdleMax) {
      arena->next_ = std::exchange(free_, arena);
      ++idle_;
      return;
    }
  }
  arena->~Arena();
  ::operator delete(arena);
}

}  // namespace penstock
