// SPDX-License-Identifier: Apache-2.0
#include "stages/count/count_table.h"

#include <algorithm>

#include "base/random.h"

namespace penstock {
namespace {

constexpr uint32_t kSlotsLog2Min = 5;
constexpr uint32_t kBlockBytesMin = 1 << 10;
constexpr uint32_t kBlockBytesMax = 64 << 10;

}  // namespace

CountTable::CountTable(uint64_t seed) {
  Random random(seed);
  for (uint64_t& secret : secret_) secret = random.next();
  for (Shard& shard : shards_) allocate(shard, kSlotsLog2Min);
}

CountTable::~CountTable() {
  for (const Shard& shard : shards_) memory_.put(shard.slots, 64 - shard.shift + kSlotLog2);
}

void CountTable::allocate(Shard& shard, uint32_t slots_log2) {
  shard.slots = static_cast<Slot*>(memory_.get(slots_log2 + kSlotLog2));
  shard.mask = (1u << slots_log2) - 1;
  shard.shift = 64 - slots_log2;
  shard.multiplier = Random(slots_log2).next() | 1;
}

CountTable::Slot& CountTable::insert(const CountKey& key, Shard& shard, uint32_t at) {
  if (shard.used >= shard.mask - shard.mask / 4) {  // three quarters full
    grow(shard);
    at = shard.home(key.hash);
    while (shard.slots[at].count != 0) at = (at + 1) & shard.mask;
  }
  ++shard.used;
  ++keys_;
  Slot& slot = shard.slots[at];
  slot.low = key.low;
  slot.high = key.high;
  slot.size = key.size;
  slot.mark = 0;
  if (key.size > kInlineBytes) {
    const auto number = static_cast<uint32_t>(&shard - shards_);
    slot.low = reinterpret_cast<uint64_t>(store(number, {key.data, key.size}));
  }
  return slot;
}

void CountTable::grow(Shard& shard) {
  Slot* const old = shard.slots;
  const uint32_t old_mask = shard.mask, old_log2 = 64 - shard.shift;
  allocate(shard, old_log2 + 1);
  for (uint32_t i = 0; i <= old_mask; ++i) {
    if (old[i].count == 0) continue;
    uint32_t at = shard.home(hash_of(old[i]));
    while (shard.slots[at].count != 0) at = (at + 1) & shard.mask;
    shard.slots[at] = old[i];
  }
  memory_.put(old, old_log2 + kSlotLog2);
}

uint64_t CountTable::hash_of(const Slot& slot) const {
  return slot.size > kInlineBytes ? slot.high : mix(slot.low, slot.high, slot.size);
}

const char* CountTable::store(uint32_t shard, std::string_view key) {
  LongKeys& keys = long_keys_[shard];
  if (keys.blocks.empty() || keys.blocks.back().capacity - keys.used < key.size()) {
    const uint32_t last = keys.blocks.empty() ? 0 : keys.blocks.back().capacity;
    const uint32_t usual = std::clamp(2 * last, kBlockBytesMin, kBlockBytesMax);
    const uint32_t capacity = std::max(usual, static_cast<uint32_t>(key.size()));
    keys.blocks.push_back({std::make_unique<char[]>(capacity), capacity});
    keys.used = 0;
    key_bytes_ += capacity;
  }
  char* to = keys.blocks.back().bytes.get() + keys.used;
  std::memcpy(to, key.data(), key.size());
  keys.used += static_cast<uint32_t>(key.size());
  return to;
}

void CountTable::clear_shard(uint32_t number) {
  Shard& shard = shards_[number];
  std::memset(static_cast<void*>(shard.slots), 0, sizeof(Slot) * (size_t{shard.mask} + 1));
  keys_ -= shard.used;
  shard.used = 0;
  for (const Block& block : long_keys_[number].blocks) key_bytes_ -= block.capacity;
  long_keys_[number] = {};
}

}  // namespace penstock
