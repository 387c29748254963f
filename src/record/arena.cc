// SPDX-License-Identifier: Apache-2.0
#include "record/arena.h"

#include <cstring>
#include <new>

#include "base/check.h"

namespace penstock {

namespace {

void destroy(Arena* arena) {
  arena->~Arena();
  ::operator delete(arena);
}

}  // namespace

ArenaPool::~ArenaPool() {
  CHECK_EQ(outstanding(), 0u);
  idle_.clear(destroy);
}

ArenaRef ArenaPool::get(size_t bytes) {
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  if (bytes <= kArenaBytes) {
    if (Arena* arena = idle_.get()) return ArenaRef(arena);
  }
  const size_t capacity = bytes <= kArenaBytes ? kArenaBytes : bytes;
  void* memory = ::operator new(sizeof(Arena) + capacity + kArenaPadding);
  Arena* arena = new (memory) Arena(this, capacity);
  std::memset(arena->data() + capacity, 0, kArenaPadding);
  return ArenaRef(arena);
}

void ArenaPool::put(Arena* arena) {
  outstanding_.fetch_sub(1, std::memory_order_relaxed);
  if (arena->capacity() == kArenaBytes && idle_.put(arena)) return;
  destroy(arena);
}

}  // namespace penstock
