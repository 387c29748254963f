// SPDX-License-Identifier: Apache-2.0
#include "stages/count/slot_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace penstock {
namespace {

constexpr std::align_val_t kLine{64};
constexpr size_t kChunk = size_t{1} << SlotMemory::kChunkLog2;

void* from_system(size_t bytes) {
  void* block = ::operator new(bytes, std::align_val_t{kChunk});
  madvise(block, bytes, MADV_HUGEPAGE);  // a wish
  return block;
}
void to_system(void* block) { ::operator delete(block, std::align_val_t{kChunk}); }

}  // namespace

SlotMemory::~SlotMemory() {
  for (char* chunk : chunks_) to_system(chunk);
}

void* SlotMemory::get(uint32_t log2) {
  const size_t bytes = size_t{1} << log2;
  void* block;
  if (log2 < kSmallLog2) {
    block = ::operator new(bytes, kLine);
    bytes_ += bytes;
  } else if (log2 > kChunkLog2) {
    block = from_system(bytes);
    bytes_ += bytes;
  } else {
    block = cut(log2);
  }
  std::memset(block, 0, bytes);
  return block;
}

/// The smallest free block that is large enough; what is too much of it stays free.
void* SlotMemory::cut(uint32_t log2) {
  uint32_t at = log2;
  while (at <= kChunkLog2 && free_[at].empty()) ++at;
  if (at > kChunkLog2) {
    at = kChunkLog2;
    chunks_.push_back(static_cast<char*>(from_system(kChunk)));
    free_[at].push_back(chunks_.back());
    bytes_ += kChunk;
  }
  char* block = free_[at].back();
  free_[at].pop_back();
  for (; at > log2; --at) free_[at - 1].push_back(block + (size_t{1} << (at - 1)));
  return block;
}

void SlotMemory::put(void* freed, uint32_t log2) {
  if (log2 < kSmallLog2) {
    bytes_ -= size_t{1} << log2;
    return ::operator delete(freed, kLine);
  }
  if (log2 > kChunkLog2) {
    bytes_ -= size_t{1} << log2;
    return to_system(freed);
  }
  char* block = static_cast<char*>(freed);
  for (; log2 < kChunkLog2; ++log2) {
    // Chunks are aligned to their size: the other half of the larger block differs in one bit.
    const uintptr_t other = reinterpret_cast<uintptr_t>(block) ^ (uintptr_t{1} << log2);
    const auto neighbour =
        std::find(free_[log2].begin(), free_[log2].end(), reinterpret_cast<char*>(other));
    if (neighbour == free_[log2].end()) break;
    free_[log2].erase(neighbour);
    block = std::min(block, reinterpret_cast<char*>(other));
  }
  free_[log2].push_back(block);
}

}  // namespace penstock
