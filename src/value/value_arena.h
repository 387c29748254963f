// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace penstock {

/// Where the values of one batch live: bump allocation, all freed at once, a limit on the sum. Not
/// thread-safe; owned by one task.
class ValueArena {
 public:
  static constexpr size_t kBlockBytes = 64 << 10;
  static constexpr size_t kDefaultLimit = 256 << 20;
  explicit ValueArena(size_t limit_bytes = kDefaultLimit) : limit_(limit_bytes) {}
  ValueArena(const ValueArena&) = delete;
  ValueArena& operator=(const ValueArena&) = delete;

  /// `bytes` of uninitialised memory, aligned to 8; null when the limit is reached.
  void* allocate(size_t bytes) {
    bytes = (bytes + 7) & ~size_t{7};
    if (__builtin_expect(static_cast<size_t>(end_ - at_) < bytes, 0)) return allocate_more(bytes);
    char* here = at_;
    at_ += bytes;
    return here;
  }
  template <class T>
  T* allocate_array(size_t count) {
    static_assert(alignof(T) <= 8 && std::is_trivially_destructible_v<T>);
    if (count > limit_ / sizeof(T)) return nullptr;
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  /// Gives back the tail of the last allocation: it was `reserved`, only `used` is kept.
  void shrink_last(const void* start, size_t reserved, size_t used);

  /// Forgets everything; keeps up to kBlocksKept blocks for the next batch.
  void reset();
  /// Handed out since the last reset().
  size_t used() const { return used_ + static_cast<size_t>(at_ - start_); }
  size_t limit() const { return limit_; }

  /// A place to come back to: what was allocated after mark() is free again after rewind().
  struct Mark {
    size_t block = 0;
    char* at = nullptr;
    size_t used = 0;
  };
  Mark mark() const { return {current_, at_, used_}; }
  void rewind(const Mark& mark);

 private:
  static constexpr size_t kBlocksKept = 16;
  struct Block {
    std::unique_ptr<char[]> memory;
    size_t size = 0;
  };
  void* allocate_more(size_t bytes);
  void enter(size_t block);

  size_t limit_;
  size_t used_ = 0;  // in the blocks before the current one
  size_t current_ = 0;
  char* start_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::vector<Block> blocks_;
};

/// What every builder returns at the limit: code "expression-memory", reject_record.
Error memory_limit_error(size_t limit_bytes);

}  // namespace penstock
