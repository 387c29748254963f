// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace penstock {

/// Stable 64-bit hash (XXH3, seed 0): the same on every machine and in every version, because
/// snapshots and partitions depend on it.
inline uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

/// Keyed state is cut into this many groups; a group is the unit that moves when tasks change.
inline constexpr uint32_t kKeyGroups = 256;
inline uint32_t key_group(uint64_t key_hash) { return static_cast<uint32_t>(key_hash >> 56); }
/// The task, of `tasks` (1…kKeyGroups), that owns a group. Contiguous ranges.
inline uint32_t group_owner(uint32_t group, uint32_t tasks) { return group * tasks / kKeyGroups; }

}  // namespace penstock
