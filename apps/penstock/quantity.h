// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace penstock {

// Numbers as people read them: three digits, a unit, never wider than eight columns.

/// "0", "999", "1.23 k", "45.6 M", "789 G".
std::string short_count(double count);
/// A count a second; "-" if nothing flows.
std::string short_rate(double per_second);
/// "512 B", "1.5 KiB", "20 MiB".
std::string short_bytes(double bytes);
/// "250 µs", "83 ms", "1.2 s", "59 s", "12 min", "3.5 h", "2 d".
std::string short_time(int64_t ns);
/// How long something runs: "0:07", "12:34", "1:02:03".
std::string clock_time(int64_t ns);
/// All digits, in threes: "12 345 678".
std::string long_count(uint64_t count);
/// "1 record", "3 records".
std::string counted(uint64_t count, const std::string& noun);
/// An instant in UTC: "2026-01-31 12:00:00".
std::string wall_time(int64_t wall_us);

}  // namespace penstock
