// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace penstock {

/// MurmurHash2 (Austin Appleby, public domain) with the seed of Kafka's Java client.
inline uint32_t murmur2(std::string_view key) {
  constexpr uint32_t kMix = 0x5bd1e995, kSeed = 0x9747b28c;
  uint32_t hash = kSeed ^ static_cast<uint32_t>(key.size());
  size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    uint32_t word;
    std::memcpy(&word, key.data() + at, sizeof word);
    word *= kMix;
    word ^= word >> 24;
    hash = hash * kMix ^ word * kMix;
  }
  uint32_t rest = 0;
  for (size_t i = key.size(); i > at; --i) {
    rest = rest << 8 | static_cast<unsigned char>(key[i - 1]);
  }
  if (at < key.size()) hash = (hash ^ rest) * kMix;
  hash ^= hash >> 13;
  hash *= kMix;
  return hash ^ hash >> 15;
}

/// The partition that Kafka's Java client gives a key.
inline uint32_t murmur2_partition(std::string_view key, uint32_t partitions) {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

}  // namespace penstock
