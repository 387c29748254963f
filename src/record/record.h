// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <string_view>

namespace penstock {

/// The number of an epoch, from 1. The records that a source reads between barrier e−1 and barrier
/// e are of epoch e.
using Epoch = uint64_t;
inline constexpr Epoch kNoEpoch = std::numeric_limits<Epoch>::max();  ///< "holds nothing"

inline constexpr int64_t kNoEventTime = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kEndOfTime = std::numeric_limits<int64_t>::max();  ///< last watermark

/// The head of one record: slices of arenas that its batch keeps alive. 56 bytes, trivially
/// copyable; what is the same for a whole batch (source, epoch) stands on the batch.
struct Record {
  const char* payload = nullptr;
  const char* key = nullptr;      ///< null = no key
  const char* headers = nullptr;  ///< encoded, see record/headers.h
  int64_t event_time_us = kNoEventTime;
  int64_t position = 0;  ///< where it was read, in the terms of its source (byte offset, counter)
  uint32_t payload_size = 0;
  uint32_t key_size = 0;
  uint32_t headers_size = 0;
  uint32_t attempts = 0;  ///< deliveries tried so far

  std::string_view payload_view() const { return {payload, payload_size}; }
  std::string_view key_view() const { return {key, key_size}; }
  std::string_view headers_view() const { return {headers, headers_size}; }
  bool has_key() const { return key != nullptr; }
};
static_assert(sizeof(Record) == 56);

}  // namespace penstock
