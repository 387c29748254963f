// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "stages/count/slot_memory.h"

namespace penstock {

/// A key, made ready for look-ups. Keys of up to 16 bytes are the two words themselves.
struct CountKey {
  uint64_t low = 0;   ///< bytes 0–7; longer keys: 0
  uint64_t high = 0;  ///< bytes 8–15; longer keys: the hash
  uint64_t hash = 0;
  const char* data = nullptr;
  uint32_t size = 0;
};

/// Counts by key: open addressing in shards, so that growing moves one part of the keys at a time
/// and stalls nobody. Keys of up to 16 bytes stand in their slot; longer ones in blocks of the
/// table's own. Look-ups by batch: prepare() all, prefetch() all, then slot() each.
/// One thread. Never shrinks, except by take_shard().
class CountTable {
 public:
  static constexpr uint32_t kShards = 64;
  static constexpr uint32_t kInlineBytes = 16;
  /// Bytes that prepare() may read behind a key's end (and does not use): arenas are padded.
  static constexpr uint32_t kPadding = 16;

  struct Slot {
    uint64_t count;  ///< 0 = the slot is free
    uint64_t low;    ///< as in CountKey; longer keys: where the bytes are
    uint64_t high;
    uint32_t size;
    uint32_t mark;  ///< for whoever uses the table: 0 in a new slot
    std::string_view key() const {
      if (size <= kInlineBytes) return {reinterpret_cast<const char*>(&low), size};
      return {reinterpret_cast<const char*>(low), size};
    }
  };
  static_assert(sizeof(Slot) == 32);

  /// `seed` makes the places of keys differ between runs, so that nobody can choose keys that
  /// collide.
  explicit CountTable(uint64_t seed);
  ~CountTable();
  CountTable(const CountTable&) = delete;
  CountTable& operator=(const CountTable&) = delete;

  CountKey prepare(std::string_view key) const;
  void prefetch(const CountKey& key) const {
    const Shard& shard = shards_[key.hash % kShards];
    __builtin_prefetch(&shard.slots[shard.home(key.hash)], 1);
  }
  /// The slot of the key, with count 0 if it is new. The caller must make the count positive at
  /// once. Valid until the next call.
  Slot& slot(const CountKey& key) {
    Shard& shard = shards_[key.hash % kShards];
    for (uint32_t at = shard.home(key.hash);; at = (at + 1) & shard.mask) {
      Slot& slot = shard.slots[at];
      if (slot.size == key.size && slot.high == key.high && slot.count != 0 &&
          (slot.low == key.low || (key.size > kInlineBytes && same_bytes(slot, key)))) {
        return slot;
      }
      if (slot.count == 0) return insert(key, shard, at);
    }
  }
  void add(const CountKey& key, uint64_t count) { slot(key).count += count; }

  uint64_t keys() const { return keys_; }
  /// Bytes of slots and key blocks.
  uint64_t memory_bytes() const { return memory_.bytes() + key_bytes_; }

  /// Where a scan() goes on. Good while no key is added.
  struct Cursor {
    uint32_t shard = 0;
    uint32_t at = 0;
  };
  /// Calls f(const Slot&) for up to `keys_max` keys, in an order that means nothing. True when all
  /// keys were seen.
  template <class F>
  bool scan(Cursor& cursor, size_t keys_max, F&& f) const {
    for (; cursor.shard < kShards; ++cursor.shard, cursor.at = 0) {
      const Shard& shard = shards_[cursor.shard];
      for (; cursor.at <= shard.mask; ++cursor.at) {
        if (shard.slots[cursor.at].count == 0) continue;
        if (keys_max-- == 0) return false;
        f(shard.slots[cursor.at]);
      }
    }
    return true;
  }
  /// Calls f(const Slot&) for each key of one shard, then forgets them. The slots stay allocated.
  template <class F>
  void take_shard(uint32_t shard, F&& f) {
    for (uint32_t at = 0; at <= shards_[shard].mask; ++at) {
      if (shards_[shard].slots[at].count != 0) f(std::as_const(shards_[shard].slots[at]));
    }
    clear_shard(shard);
  }

 private:
  static constexpr uint32_t kSlotLog2 = 5;
  static_assert(sizeof(Slot) == 1 << kSlotLog2);
  struct Shard {
    Slot* slots = nullptr;  // from memory_
    uint64_t multiplier = 0;
    uint32_t shift = 0;
    uint32_t mask = 0;
    uint32_t used = 0;
    /// Another multiplier for each size: keys that come in the order of another table's slots would
    /// otherwise pile up in one place.
    uint32_t home(uint64_t hash) const {
      return static_cast<uint32_t>((hash * multiplier) >> shift);
    }
  };
  /// Bytes of long keys of one shard.
  struct Block {
    std::unique_ptr<char[]> bytes;
    uint32_t capacity = 0;
  };
  struct LongKeys {
    std::vector<Block> blocks;
    uint32_t used = 0;  // bytes of the last block
  };

  static bool same_bytes(const Slot& slot, const CountKey& key) {
    return std::memcmp(reinterpret_cast<const char*>(slot.low), key.data, key.size) == 0;
  }
  void clear_shard(uint32_t shard);
  [[gnu::noinline]] Slot& insert(const CountKey& key, Shard& shard, uint32_t at);
  void allocate(Shard& shard, uint32_t slots_log2);
  void grow(Shard& shard);
  uint64_t hash_of(const Slot& slot) const;
  uint64_t mix(uint64_t low, uint64_t high, uint32_t size) const {
    const auto product = static_cast<unsigned __int128>(low ^ secret_[0]) *
                         (high ^ secret_[1] ^ (uint64_t{size} << 32));
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  const char* store(uint32_t shard, std::string_view key);

  uint64_t secret_[2];
  uint64_t keys_ = 0;
  uint64_t key_bytes_ = 0;  // of long keys' blocks
  SlotMemory memory_;
  Shard shards_[kShards];
  LongKeys long_keys_[kShards];
};

namespace count_detail {
struct Masks {
  uint64_t of[CountTable::kInlineBytes + 1][2];
};
inline constexpr Masks kMasks = [] {
  Masks masks{};
  for (uint32_t size = 0; size <= CountTable::kInlineBytes; ++size) {
    for (uint32_t word = 0; word < 2; ++word) {
      const uint32_t bytes = size > 8 * word ? size - 8 * word : 0;
      masks.of[size][word] = bytes >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * bytes)) - 1;
    }
  }
  return masks;
}();
}  // namespace count_detail

/// Reads behind the key, where another thread may be writing its next record: masked out, so
/// harmless, but hidden from TSan.
__attribute__((no_sanitize("thread"))) inline CountKey CountTable::prepare(
    std::string_view key) const {
  CountKey out;
  out.data = key.data();
  out.size = static_cast<uint32_t>(key.size());
  if (__builtin_expect(key.size() > kInlineBytes, 0)) {
    out.high = out.hash = XXH3_64bits_withSeed(key.data(), key.size(), secret_[0]);
    return out;
  }
  static constexpr char kNothing[kInlineBytes] = {};
  const char* from = key.empty() ? kNothing : key.data();
  uint64_t words[2];
  std::memcpy(words, from, sizeof words);
  out.low = words[0] & count_detail::kMasks.of[out.size][0];
  out.high = words[1] & count_detail::kMasks.of[out.size][1];
  out.hash = mix(out.low, out.high, out.size);
  return out;
}

}  // namespace penstock
