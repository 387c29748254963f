// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "value/value.h"

namespace penstock {

/// A zone of the IANA database, read from the system's compiled files (RFC 8536, with the POSIX
/// rule for times behind the last transition). Immutable, thread-safe.
class TimeZone {
 public:
  /// "UTC", "" and "Local" are UTC; "Europe/Zurich" is read from /usr/share/zoneinfo; "+02:00" is a
  /// fixed offset. Error: "expression-failed". Reads a small file: keep what it returns.
  static Result<std::shared_ptr<const TimeZone>> load(std::string_view name);

  const std::string& name() const { return name_; }
  /// Seconds east of UTC at an instant in seconds since 1970.
  int32_t offset_at(int64_t utc_seconds) const;
  /// "CEST".
  std::string abbreviation_at(int64_t utc_seconds) const;
  /// The instant at which clocks of the zone read so (seconds since 1970 as if it were UTC). Of the
  /// two that a backward step gives, the first; in a gap, as Go's time.Date.
  int64_t to_utc(int64_t local_seconds) const;
  /// The same instant, shown at this zone's offset.
  Time shown(const Time& time) const;

 private:
  struct Period {
    int32_t offset = 0;
    std::string abbreviation;
    bool daylight = false;
  };
  /// Mm.w.d/time, Jn or n of a POSIX rule.
  struct RuleDay {
    char form = 'M';
    int month = 1, week = 1, day = 0;
    int32_t seconds = 7200;
  };
  struct Rule {
    Period standard, daylight;
    RuleDay start, end;
    bool has_daylight = false;
  };
  Result<void> read(std::string_view file);
  bool read_rule(std::string_view text);
  const Period& period_at(int64_t utc_seconds) const;
  const Period& rule_period(int64_t utc_seconds) const;
  static bool read_rule_day(std::string_view& text, RuleDay& out);
  static int64_t rule_seconds(const RuleDay& day, int64_t year);

  std::string name_;
  std::vector<int64_t> starts_;    // of periods, ascending
  std::vector<uint8_t> kinds_;     // which of periods_ starts there
  std::vector<Period> periods_;
  bool has_rule_ = false;
  Rule rule_;
};

}  // namespace penstock
