// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "record/idle_list.h"

namespace penstock {

/// Readable bytes behind the end of every arena, so that a parser may load whole vectors there
/// (simdjson wants 64).
inline constexpr size_t kArenaPadding = 64;
/// Payload bytes of a standard arena. A larger record gets an arena of its own.
inline constexpr size_t kArenaBytes = 64 << 10;

class ArenaPool;

/// A recycled block of payload bytes, shared by the batches whose records point into it.
/// Bytes already handed out never change, so that reading needs no lock; the reference count is
/// touched per batch, never per record.
class Arena {
 public:
  char* data() { return reinterpret_cast<char*>(this + 1); }
  size_t capacity() const { return capacity_; }

 private:
  friend class ArenaPool;
  friend class ArenaRef;
  friend class IdleList<Arena>;
  explicit Arena(ArenaPool* pool, size_t capacity) : capacity_(capacity), pool_(pool) {}
  std::atomic<uint32_t> refs_{0};
  size_t capacity_;
  ArenaPool* pool_;
  Arena* next_ = nullptr;  // in the pool's idle list
};

/// A counted reference to an Arena; the last one returns it to its pool. May be dropped on any
/// thread.
class ArenaRef {
 public:
  ArenaRef() = default;
  explicit ArenaRef(Arena* arena) : arena_(arena) { acquire(); }
  ArenaRef(const ArenaRef& other) : arena_(other.arena_) { acquire(); }
  ArenaRef(ArenaRef&& other) noexcept : arena_(std::exchange(other.arena_, nullptr)) {}
  ArenaRef& operator=(ArenaRef other) noexcept {
    std::swap(arena_, other.arena_);
    return *this;
  }
  ~ArenaRef() { release(); }

  Arena* get() const { return arena_; }
  Arena* operator->() const { return arena_; }
  explicit operator bool() const { return arena_ != nullptr; }
  bool unique() const { return arena_->refs_.load(std::memory_order_acquire) == 1; }

 private:
  void acquire() {
    if (arena_ != nullptr) arena_->refs_.fetch_add(1, std::memory_order_relaxed);
  }
  void release();
  Arena* arena_ = nullptr;
};

/// Keeps freed arenas for reuse, last freed first (still in cache); too many go back to the system.
/// Thread-safe; a lock per arena, not per record. Must outlive every Arena it made.
class ArenaPool {
 public:
  ArenaPool() = default;
  ~ArenaPool();
  ArenaPool(const ArenaPool&) = delete;
  ArenaPool& operator=(const ArenaPool&) = delete;

  /// An arena of at least `bytes` (kArenaBytes unless more is asked for), plus kArenaPadding
  /// readable bytes behind.
  ArenaRef get(size_t bytes = kArenaBytes);
  /// Arenas in use; for tests and the memory metric.
  size_t outstanding() const { return outstanding_.load(std::memory_order_relaxed); }

 private:
  friend class ArenaRef;
  void put(Arena* arena);
  IdleList<Arena> idle_;
  std::atomic<size_t> outstanding_{0};
};

inline void ArenaRef::release() {
  if (arena_ != nullptr && arena_->refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    arena_->pool_->put(arena_);
  }
  arena_ = nullptr;
}

}  // namespace penstock
