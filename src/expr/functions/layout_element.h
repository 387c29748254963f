// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// What one element of a time layout stands for.
enum class TimeElement : uint8_t {
  kText,         ///< literal
  kLongYear, kYear, kCentury,
  kLongMonth, kMonth, kNumMonth, kZeroMonth,
  kLongWeekday, kWeekday, kWeekdayNumber, kIsoWeekday,
  kDay, kUnderDay, kZeroDay, kUnderYearDay, kZeroYearDay,
  kHour, kUnderHour, kHour12, kZeroHour12, kUnderHour12,
  kMinute, kZeroMinute, kSecond, kZeroSecond,
  kUpperPm, kLowerPm,
  kFraction,      ///< "." and exactly `digits`
  kFractionCut,   ///< "." and up to `digits`, trailing zeros cut, nothing if all are zero
  kBareFraction,  ///< `digits` digits without a point
  kZoneName,
  kZone,          ///< numeric, in one of the forms below
  kUnix, kUnixMillis,
  kIsoYear, kIsoWeek,
};

struct LayoutElement {
  TimeElement kind = TimeElement::kText;
  std::string_view text;   ///< of kText
  char point = '.';        ///< before a fraction: . or ,
  int digits = 0;          ///< of a fraction
  // A numeric zone:
  bool z_for_utc = false, colon = false, minutes = true, seconds = false;
};

/// Go's layout, cut into elements as time.nextStdChunk does.
std::vector<LayoutElement> go_layout(std::string_view layout);
/// strftime's; nothing if a % is followed by what it does not know.
std::optional<std::vector<LayoutElement>> strftime_layout(std::string_view layout);

}  // namespace penstock
