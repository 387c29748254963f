// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace penstock {

/// Zeroed memory for tables that double: blocks of a power of two of bytes. Large ones are cut from
/// chunks that the kernel may back with huge pages, and neighbours that were freed become one
/// again, so that a table which grows part by part lives in little more than it uses. One thread.
class SlotMemory {
 public:
  static constexpr uint32_t kChunkLog2 = 21;  ///< 2 MiB
  static constexpr uint32_t kSmallLog2 = 14;  ///< blocks below this many bytes are malloc's

  SlotMemory() = default;
  ~SlotMemory();
  SlotMemory(const SlotMemory&) = delete;
  SlotMemory& operator=(const SlotMemory&) = delete;

  /// 2^log2 bytes, all zero, aligned to 64 or more. REQUIRES: log2 >= 6.
  void* get(uint32_t log2);
  /// REQUIRES: came from get(log2).
  void put(void* block, uint32_t log2);
  /// Bytes taken from the system, those of free blocks included.
  uint64_t bytes() const { return bytes_; }

 private:
  void* cut(uint32_t log2);
  std::vector<char*> free_[kChunkLog2 + 1];  // by log2
  std::vector<char*> chunks_;
  uint64_t bytes_ = 0;
};

}  // namespace penstock
