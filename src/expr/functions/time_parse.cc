// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "expr/eval_context.h"
#include "expr/functions/layout_element.h"
#include "expr/functions/time_layout.h"
#include "expr/functions/time_names.h"
#include "expr/functions/unicode.h"
#include "value/time_text.h"

namespace penstock {
namespace {

using E = TimeElement;

/// As std::optional, about whose insides this compiler warns wrongly.
template <class T>
struct Found {
  T value = T();
  bool set = false;
  Found() = default;
  Found(T v) : value(v), set(true) {}
  explicit operator bool() const { return set; }
  T operator*() const { return value; }
  T value_or(T otherwise) const { return set ? value : otherwise; }
};

bool digit_at(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

/// Reads one element after the other, remembering what it found.
class Reader {
 public:
  Reader(std::string_view text, bool go) : rest_(text), go_(go) {}

  bool read(const LayoutElement& e, const LayoutElement* next) {
    switch (e.kind) {
      case E::kText: return skip(e.text);
      case E::kLongYear: return year(4);
      case E::kYear: return short_year();
      case E::kLongMonth: return named(kMonths, 12, false, month_);
      case E::kMonth: return named(kMonths, 12, true, month_);
      case E::kNumMonth: return number(1, 2, month_);
      case E::kZeroMonth: return number(2, 2, month_);
      case E::kLongWeekday: return named(kWeekdays, 7, false, ignored_);
      case E::kWeekday: return named(kWeekdays, 7, true, ignored_);
      case E::kWeekdayNumber:
      case E::kIsoWeekday: return number(1, 1, ignored_);
      case E::kUnderDay:
      case E::kDay: return blanks() && number(1, 2, day_);
      case E::kZeroDay: return number(2, 2, day_);
      case E::kUnderYearDay:
      case E::kZeroYearDay: return blanks() && number(go_ ? 1 : 3, 3, year_day_);
      default: return read_clock(e, next);
    }
  }

  bool finished() const { return rest_.empty(); }
  std::optional<Time> result(const TimeZone* zone) const;

 private:
  bool read_clock(const LayoutElement& e, const LayoutElement* next) {
    switch (e.kind) {
      case E::kUnderHour:
      case E::kHour: return blanks_if(e.kind == E::kUnderHour) && number(go_ ? 2 : 1, 2, hour_);
      case E::kUnderHour12:
      case E::kHour12: return blanks_if(e.kind == E::kUnderHour12) && number(1, 2, hour12_);
      case E::kZeroHour12: return number(2, 2, hour12_);
      case E::kMinute: return number(1, 2, minute_);
      case E::kZeroMinute: return number(2, 2, minute_);
      case E::kSecond:
      case E::kZeroSecond: return number(e.kind == E::kSecond ? 1 : 2, 2, second_) &&
                                  implied_fraction(next);
      case E::kUpperPm:
      case E::kLowerPm: return half_day(e.kind == E::kUpperPm);
      case E::kFraction:
        return (rest_.starts_with('.') || rest_.starts_with(',')) && fraction(1, e.digits);
      case E::kFractionCut:
        if ((rest_.starts_with('.') || rest_.starts_with(',')) && digit_at(rest_, 1)) {
          return fraction(1, 0);
        }
        return true;
      case E::kBareFraction: return fraction(0, 0);
      case E::kZone: return zone_offset(e);
      case E::kZoneName: return zone_name();
      case E::kUnix:
      case E::kUnixMillis: return unix_time(e.kind == E::kUnixMillis);
      default: return false;
    }
  }

  bool skip(std::string_view text) {
    while (!text.empty()) {
      if (text[0] == ' ') {
        if (!rest_.empty() && rest_[0] != ' ') return false;
        while (text.starts_with(' ')) text.remove_prefix(1);
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        continue;
      }
      if (rest_.empty() || rest_[0] != text[0]) return false;
      text.remove_prefix(1);
      rest_.remove_prefix(1);
    }
    return true;
  }
  bool blanks() {
    if (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return true;
  }
  bool blanks_if(bool yes) { return !yes || blanks(); }

  bool number(size_t least, size_t most, Found<int>& out) {
    size_t n = 0;
    int value = 0;
    for (; n < most && digit_at(rest_, n); ++n) value = value * 10 + (rest_[n] - '0');
    if (n < least) return false;
    rest_.remove_prefix(n);
    out = value;
    return true;
  }
  bool year(size_t digits) {
    Found<int> value;
    if (!number(digits, digits, value)) return false;
    year_ = *value;
    return true;
  }
  bool short_year() {
    Found<int> value;
    if (!number(2, 2, value)) return false;
    year_ = *value >= 69 ? 1900 + *value : 2000 + *value;
    return true;
  }
  bool named(const std::string_view* names, int count, bool abbreviated, Found<int>& out) {
    for (int i = 0; i < count; ++i) {
      const std::string_view name = abbreviated ? names[i].substr(0, 3) : names[i];
      if (rest_.size() < name.size() ||
          map_code_points(rest_.substr(0, name.size()), to_lower) !=
              map_code_points(name, to_lower)) {
        continue;
      }
      rest_.remove_prefix(name.size());
      out = i + 1;
      return true;
    }
    return false;
  }
  bool half_day(bool upper) {
    const std::string word = std::string(rest_.substr(0, 2));
    const bool pm = word == (upper ? "PM" : "pm"), am = word == (upper ? "AM" : "am");
    if (!pm && !am) return false;
    afternoon_ = pm;
    rest_.remove_prefix(2);
    return true;
  }
  /// `skip` bytes, then `digits` digits (0 = as many as there are).
  bool fraction(size_t skip, int digits) {
    size_t n = 0;
    int64_t value = 0;
    for (; digit_at(rest_, skip + n) && (digits == 0 || n < static_cast<size_t>(digits)); ++n) {
      if (n < 9) value = value * 10 + (rest_[skip + n] - '0');
    }
    if (n == 0 || (digits > 0 && n != static_cast<size_t>(digits))) return false;
    for (size_t i = n; i < 9; ++i) value *= 10;
    nanosecond_ = static_cast<int>(value);
    rest_.remove_prefix(skip + n);
    return true;
  }
  /// Go takes a fraction behind the seconds though the layout has none.
  bool implied_fraction(const LayoutElement* next) {
    if (!go_ || rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !digit_at(rest_, 1)) {
      return true;
    }
    if (next != nullptr && (next->kind == E::kFraction || next->kind == E::kFractionCut))
      return true;
    return fraction(1, 0);
  }
  bool zone_offset(const LayoutElement& e) {
    if ((e.z_for_utc || !go_) && rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      offset_seconds_ = 0;
      return true;
    }
    if (rest_.empty() || (rest_[0] != '+' && rest_[0] != '-')) return false;
    const bool negative = rest_[0] == '-';
    rest_.remove_prefix(1);
    Found<int> hours, minutes = 0, seconds = 0;
    if (!number(2, 2, hours)) return false;
    const bool colon = e.colon || (!go_ && rest_.starts_with(':'));
    if (e.minutes && (!(!colon || skip(":")) || !number(2, 2, minutes))) return false;
    if (e.seconds && (!(!colon || skip(":")) || !number(2, 2, seconds))) return false;
    if (*hours > 24 || *minutes >= 60) return false;
    const int size = *hours * 3600 + *minutes * 60 + *seconds;
    offset_seconds_ = negative ? -size : size;
    return true;
  }
  /// Three or four capitals, or "+03"; only UTC and GMT+n say what their offset is.
  bool zone_name() {
    if (rest_.starts_with("UTC")) {
      rest_.remove_prefix(3);
      offset_seconds_ = 0;
      return true;
    }
    size_t n = 0;
    while (n < rest_.size() && n < 6 && rest_[n] >= 'A' && rest_[n] <= 'Z') ++n;
    if (n < 3 || n > 5) {
      LayoutElement form;
      form.minutes = false;
      return zone_offset(form);
    }
    zone_name_ = rest_.substr(0, n);
    rest_.remove_prefix(n);
    if (zone_name_ == "GMT" && !rest_.empty() && (rest_[0] == '+' || rest_[0] == '-')) {
      const bool negative = rest_[0] == '-';
      rest_.remove_prefix(1);
      Found<int> hours;
      if (!number(1, 2, hours)) return false;
      offset_seconds_ = (negative ? -3600 : 3600) * *hours;
    }
    return true;
  }
  bool unix_time(bool millis) {
    const bool negative = rest_.starts_with('-');
    size_t n = negative ? 1 : 0;
    int64_t value = 0;
    for (; digit_at(rest_, n) && n < 18; ++n) value = value * 10 + (rest_[n] - '0');
    if (n == (negative ? 1u : 0u)) return false;
    rest_.remove_prefix(n);
    if (negative) value = -value;
    if (!millis && (value > INT64_MAX / 1'000'000 || value < INT64_MIN / 1'000'000)) return false;
    unix_micros_ = value * (millis ? 1000 : 1'000'000);
    return true;
  }

  std::string_view rest_;
  bool go_;
  Found<int> month_, day_, year_day_, hour_, hour12_, minute_, second_, ignored_;
  Found<int64_t> unix_micros_;
  Found<bool> afternoon_;
  Found<int> offset_seconds_;
  std::string_view zone_name_;
  int64_t year_ = 0;
  int nanosecond_ = 0;
};

std::optional<Time> Reader::result(const TimeZone* zone) const {
  if (unix_micros_) return Time{*unix_micros_ + nanosecond_ / 1000, 0, 0};
  CivilTime c;
  c.year = year_;
  c.month = month_.value_or(1);
  c.day = day_.value_or(1);
  c.hour = hour12_ ? *hour12_ : hour_.value_or(0);
  if (hour12_ && (c.hour < (go_ ? 0 : 1) || c.hour > 12)) return std::nullopt;
  if (afternoon_) {
    if (*afternoon_ && c.hour < 12) c.hour += 12;
    else if (!*afternoon_ && c.hour == 12) c.hour = 0;
  }
  c.minute = minute_.value_or(0);
  c.second = second_.value_or(0);
  c.nanosecond = nanosecond_;
  if (c.month < 1 || c.month > 12 || c.hour > 23 || c.minute > 59 || c.second > 59) {
    return std::nullopt;
  }
  if (year_day_) {
    const int days = days_in_month(c.year, 2) == 29 ? 366 : 365;
    if (*year_day_ < 1 || *year_day_ > days) return std::nullopt;
    if (!month_) c.day = *year_day_;
  }
  if (!year_day_ && (c.day < 1 || c.day > days_in_month(c.year, c.month))) return std::nullopt;
  if (offset_seconds_) {
    Time out = from_civil(c, 0);
    out.micros -= int64_t{*offset_seconds_} * 1'000'000;
    out.offset_minutes = static_cast<int16_t>(*offset_seconds_ / 60);
    return out;
  }
  Time out = from_civil(c, 0);
  if (zone == nullptr) return out;
  const int64_t local = unix_seconds(out);
  out.micros += (zone->to_utc(local) - local) * 1'000'000;
  return zone->shown(out);
}

}  // namespace

Result<Time> parse_time(std::string_view text, std::string_view layout, const TimeZone* zone) {
  const auto fail = [&] {
    return eval_error("\"" + std::string(text.substr(0, 60)) + "\" is not a time as \"" +
                      std::string(layout.substr(0, 60)) + "\" says");
  };
  const std::string_view form = named_layout(layout);
  const bool percent = form.find('%') != std::string_view::npos;
  const auto elements = percent ? strftime_layout(form) : std::optional(go_layout(form));
  if (!elements) return eval_error("\"" + std::string(layout.substr(0, 60)) +
                                   "\" has a % that means nothing");
  Reader reader(text, !percent);
  for (size_t i = 0; i < elements->size(); ++i) {
    const LayoutElement* next = i + 1 < elements->size() ? &(*elements)[i + 1] : nullptr;
    if (!reader.read((*elements)[i], next)) return fail();
  }
  if (!reader.finished()) return fail();
  const auto time = reader.result(zone);
  if (!time) return fail();
  return *time;
}

}  // namespace penstock
