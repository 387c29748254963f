// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "value/value.h"

namespace penstock {

/// A calendar date and a time of day, of the proleptic Gregorian calendar.
struct CivilTime {
  int64_t year = 1970;
  int month = 1;  ///< 1 … 12
  int day = 1;    ///< 1 … 31
  int hour = 0, minute = 0, second = 0;
  int nanosecond = 0;  ///< 0 … 999,999,999
  int weekday = 4;     ///< 0 = Sunday; ignored by from_civil()
  int year_day = 1;    ///< 1 … 366; ignored by from_civil()
};

/// Days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
int64_t days_from_civil(int64_t year, int month, int day);
/// How the instant reads at its own offset.
CivilTime to_civil(const Time& time);
/// The instant at which clocks at that offset read so. Fields beyond their range carry over
/// (day 32 is the first of the next month). Years are limited to ±200,000.
Time from_civil(const CivilTime& civil, int offset_minutes);
int days_in_month(int64_t year, int month);

/// RFC 3339 with as many digits of the second as needed ("2024-05-01T10:00:00.25Z"), at the
/// time's own offset.
std::string format_rfc3339(const Time& time);
void append_rfc3339(std::string& out, const Time& time);
/// RFC 3339; the `T` may be a blank or lower case, the seconds may have 1 to 9 digits of fraction
/// (more are cut). Nothing if it is not.
std::optional<Time> parse_rfc3339(std::string_view text);

/// As Go prints a time.Duration: "1h2m3.5s", "250ms", "0s".
std::string format_duration(int64_t nanos);
/// As Go reads one: "1.5h", "-2m30s", "100us". Nothing if it is not, or beyond ±292 years.
std::optional<int64_t> parse_go_duration(std::string_view text);

}  // namespace penstock
