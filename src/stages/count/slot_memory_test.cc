// SPDX-License-Identifier: Apache-2.0
#include "stages/count/slot_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/random.h"

namespace penstock {
namespace {

TEST(SlotMemory, blocks_are_zero_apart_and_keep_what_is_written) {
  SlotMemory memory;
  Random random(4);
  struct Block {
    unsigned char* at;
    uint32_t log2;
    unsigned char mark;
  };
  std::vector<Block> blocks;
  for (int round = 0; round < 4000; ++round) {
    if (blocks.size() < 40 && random.chance(3, 5)) {
      const auto log2 = static_cast<uint32_t>(10 + random.below(13));  // 1 KiB to 4 MiB
      auto* at = static_cast<unsigned char*>(memory.get(log2));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(at) % 64, 0u);
      const size_t last = (size_t{1} << log2) - 1;
      ASSERT_TRUE(at[0] == 0 && at[last / 2] == 0 && at[last] == 0);
      const auto mark = static_cast<unsigned char>(1 + round % 255);
      std::memset(at, mark, size_t{1} << log2);
      blocks.push_back({at, log2, mark});
    } else if (!blocks.empty()) {
      std::swap(blocks[random.below(blocks.size())], blocks.back());
      const Block block = blocks.back();
      blocks.pop_back();
      const unsigned char *from = block.at, *end = from + (size_t{1} << block.log2);
      ASSERT_TRUE(std::all_of(from, end, [&](unsigned char c) { return c == block.mark; }));
      memory.put(block.at, block.log2);
    }
  }
  for (const Block& block : blocks) memory.put(block.at, block.log2);
  EXPECT_EQ(memory.bytes() % (size_t{1} << SlotMemory::kChunkLog2), 0u);
}

TEST(SlotMemory, what_was_freed_becomes_one_and_is_used_again) {
  SlotMemory memory;
  std::vector<void*> blocks;
  for (int i = 0; i < 64; ++i) blocks.push_back(memory.get(15));  // one chunk in all
  const uint64_t full = memory.bytes();
  EXPECT_EQ(full, size_t{1} << SlotMemory::kChunkLog2);
  for (void* block : blocks) memory.put(block, 15);
  void* whole = memory.get(SlotMemory::kChunkLog2);
  EXPECT_EQ(memory.bytes(), full);
  memory.put(whole, SlotMemory::kChunkLog2);
}

TEST(SlotMemory, parts_that_double_one_after_another_live_in_little_more_than_they_use) {
  SlotMemory memory;
  std::vector<void*> parts;
  for (int i = 0; i < 64; ++i) parts.push_back(memory.get(14));
  for (uint32_t log2 = 15; log2 <= 18; ++log2) {
    for (void*& part : parts) {
      void* grown = memory.get(log2);
      memory.put(part, log2 - 1);
      part = grown;
    }
  }
  EXPECT_LE(memory.bytes(), (uint64_t{64} << 18) * 5 / 4);
  for (void* part : parts) memory.put(part, 18);
}

}  // namespace
}  // namespace penstock
