// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "expr/functions/layout_element.h"
#include "expr/functions/time_layout.h"
#include "expr/functions/time_names.h"
#include "value/time_text.h"

namespace penstock {
namespace {

using E = TimeElement;

void append_padded(std::string& out, int64_t number, int width, char fill) {
  char text[32];
  std::snprintf(text, sizeof text, fill == '0' ? "%0*lld" : "%*lld", width,
                static_cast<long long>(number));
  out += text;
}

void append_zone(std::string& out, int offset_minutes, const LayoutElement& element) {
  if (element.z_for_utc && offset_minutes == 0) {
    out += 'Z';
    return;
  }
  const int size = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  out += offset_minutes < 0 ? '-' : '+';
  append_padded(out, size / 60, 2, '0');
  if (element.minutes) {
    if (element.colon) out += ':';
    append_padded(out, size % 60, 2, '0');
  }
  if (element.seconds) out += element.colon ? ":00" : "00";
}

void append_fraction(std::string& out, int nanos, const LayoutElement& element) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%09d", nanos);
  std::string text = std::string(digits).substr(0, static_cast<size_t>(element.digits));
  if (element.digits > 9) text.append(static_cast<size_t>(element.digits) - 9, '0');
  if (element.kind == E::kFractionCut) {
    while (text.ends_with('0')) text.pop_back();
    if (text.empty()) return;
  }
  if (element.kind != E::kBareFraction) out += element.point;
  out += text;
}

/// ISO 8601 week and its year.
std::pair<int64_t, int> iso_week(const CivilTime& c) {
  const int weekday = (c.weekday + 6) % 7;  // Monday = 0
  int64_t year = c.year;
  int week = (c.year_day - 1 - weekday + 10) / 7;
  const auto weeks = [](int64_t y) {
    const int64_t first = days_from_civil(y, 1, 1);
    const auto day = static_cast<int>(((first + 3) % 7 + 7) % 7);  // Monday = 0
    return day == 3 || (day == 2 && days_in_month(y, 2) == 29) ? 53 : 52;
  };
  if (week < 1) week = weeks(--year);
  else if (week > weeks(year)) { week = 1; ++year; }
  return {year, week};
}

void append_zone_name(std::string& out, const Time& time, const TimeZone* zone) {
  if (zone != nullptr) {
    const std::string name = zone->abbreviation_at(unix_seconds(time));
    if (!name.empty() && name[0] != '+' && name[0] != '-') {
      out += name;
      return;
    }
  }
  if (time.offset_minutes == 0) {
    out += "UTC";
    return;
  }
  LayoutElement form;
  form.minutes = time.offset_minutes % 60 != 0;
  if (zone == nullptr) form.minutes = true;
  append_zone(out, time.offset_minutes, form);
}

struct Writer {
  std::string& out;
  const Time& time;
  const CivilTime& c;
  const TimeZone* zone;

  void date(const LayoutElement& e) {
    switch (e.kind) {
      case E::kLongYear:
        if (c.year < 0) out += '-';
        append_padded(out, c.year < 0 ? -c.year : c.year, 4, '0');
        break;
      case E::kYear: append_padded(out, (c.year % 100 + 100) % 100, 2, '0'); break;
      case E::kCentury: append_padded(out, c.year / 100, 2, '0'); break;
      case E::kLongMonth: out += kMonths[c.month - 1]; break;
      case E::kMonth: out += kMonths[c.month - 1].substr(0, 3); break;
      case E::kNumMonth: out += std::to_string(c.month); break;
      case E::kZeroMonth: append_padded(out, c.month, 2, '0'); break;
      case E::kLongWeekday: out += kWeekdays[c.weekday]; break;
      case E::kWeekday: out += kWeekdays[c.weekday].substr(0, 3); break;
      case E::kWeekdayNumber: out += std::to_string(c.weekday); break;
      case E::kIsoWeekday: out += std::to_string(c.weekday == 0 ? 7 : c.weekday); break;
      case E::kDay: out += std::to_string(c.day); break;
      case E::kUnderDay: append_padded(out, c.day, 2, ' '); break;
      case E::kZeroDay: append_padded(out, c.day, 2, '0'); break;
      case E::kUnderYearDay: append_padded(out, c.year_day, 3, ' '); break;
      case E::kZeroYearDay: append_padded(out, c.year_day, 3, '0'); break;
      case E::kIsoYear: append_padded(out, iso_week(c).first, 4, '0'); break;
      case E::kIsoWeek: append_padded(out, iso_week(c).second, 2, '0'); break;
      default: clock(e);
    }
  }

  void clock(const LayoutElement& e) {
    const int hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
    switch (e.kind) {
      case E::kText: out += e.text; break;
      case E::kHour: append_padded(out, c.hour, 2, '0'); break;
      case E::kUnderHour: append_padded(out, c.hour, 2, ' '); break;
      case E::kHour12: out += std::to_string(hour12); break;
      case E::kZeroHour12: append_padded(out, hour12, 2, '0'); break;
      case E::kUnderHour12: append_padded(out, hour12, 2, ' '); break;
      case E::kMinute: out += std::to_string(c.minute); break;
      case E::kZeroMinute: append_padded(out, c.minute, 2, '0'); break;
      case E::kSecond: out += std::to_string(c.second); break;
      case E::kZeroSecond: append_padded(out, c.second, 2, '0'); break;
      case E::kUpperPm: out += c.hour >= 12 ? "PM" : "AM"; break;
      case E::kLowerPm: out += c.hour >= 12 ? "pm" : "am"; break;
      case E::kFraction:
      case E::kFractionCut:
      case E::kBareFraction: append_fraction(out, c.nanosecond, e); break;
      case E::kZoneName: append_zone_name(out, time, zone); break;
      case E::kZone: append_zone(out, time.offset_minutes, e); break;
      case E::kUnix: out += std::to_string(unix_seconds(time)); break;
      case E::kUnixMillis:
        out += std::to_string(unix_seconds(time) * 1000 + c.nanosecond / 1'000'000);
        break;
      default: break;
    }
  }
};

}  // namespace

int64_t unix_seconds(const Time& time) {
  const int64_t cut = time.micros / 1'000'000;
  return time.micros % 1'000'000 < 0 ? cut - 1 : cut;
}

std::string_view named_layout(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"ANSIC", "Mon Jan _2 15:04:05 2006"},
      {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"},
      {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"},
      {"RFC822", "02 Jan 06 15:04 MST"},
      {"RFC822Z", "02 Jan 06 15:04 -0700"},
      {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
      {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
      {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
      {"RFC3339", "2006-01-02T15:04:05Z07:00"},
      {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
      {"Kitchen", "3:04PM"},
      {"DateTime", "2006-01-02 15:04:05"},
      {"DateOnly", "2006-01-02"},
      {"TimeOnly", "15:04:05"},
  };
  for (const auto& [known, layout] : kNames) {
    if (name == known) return layout;
  }
  return name;
}

std::string format_time(const Time& time, std::string_view layout, const TimeZone* zone) {
  const CivilTime c = to_civil(time);
  std::string out;
  Writer writer{out, time, c, zone};
  layout = named_layout(layout);
  const bool percent = layout.find('%') != std::string_view::npos;
  const auto elements = percent ? strftime_layout(layout) : std::optional(go_layout(layout));
  if (!elements) return std::string(layout);
  for (const LayoutElement& element : *elements) writer.date(element);
  return out;
}

}  // namespace penstock
