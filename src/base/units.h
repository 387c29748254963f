// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

/// A length of time at an interface. Microseconds inside.
struct Duration {
  int64_t us = 0;
  constexpr int64_t ns() const { return us * 1000; }
  constexpr int64_t ms() const { return us / 1000; }
  auto operator<=>(const Duration&) const = default;
};
constexpr Duration microseconds(int64_t n) { return {n}; }
constexpr Duration milliseconds(int64_t n) { return {n * 1000}; }
constexpr Duration seconds(int64_t n) { return {n * 1'000'000}; }

/// A number of bytes at an interface.
struct ByteSize {
  uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};
constexpr ByteSize kibibytes(uint64_t n) { return {n << 10}; }
constexpr ByteSize mebibytes(uint64_t n) { return {n << 20}; }

/// "250ms", "1.5s", "2h45m", "10us"; as Go's time.ParseDuration, plus "d" (24 h). What is finer
/// than a microsecond is cut off. Code "bad-duration".
Result<Duration> parse_duration(std::string_view text);
/// "64KiB", "10MB", "1Gi", "4096"; KB = 1000, KiB = Ki = 1024. Code "bad-size".
Result<ByteSize> parse_byte_size(std::string_view text);
/// The shortest text that parses to the same value: "1m30s", "250ms"; "64KiB", "1000".
std::string to_string(Duration duration);
std::string to_string(ByteSize size);

}  // namespace penstock
