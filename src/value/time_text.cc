// SPDX-License-Identifier: Apache-2.0
#include "value/time_text.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

constexpr int64_t kDayMicros = 86'400'000'000;

/// Reads exactly `count` digits.
bool digits(std::string_view& text, size_t count, int& out) {
  if (text.size() < count) return false;
  out = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool eat(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool read_fraction(std::string_view& text, int& nanos) {
  nanos = 0;
  if (!eat(text, ".,")) return true;
  int scale = 100'000'000;
  size_t count = 0;
  for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count) {
    nanos += (text[count] - '0') * scale;
    scale /= 10;
  }
  text.remove_prefix(count);
  return count > 0;
}

bool read_offset(std::string_view& text, int& minutes) {
  minutes = 0;
  if (eat(text, "Zz")) return true;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hour = 0, minute = 0;
  if (!digits(text, 2, hour) || !eat(text, ":") || !digits(text, 2, minute)) return false;
  if (hour > 23 || minute > 59) return false;
  minutes = sign * (hour * 60 + minute);
  return true;
}

void pad(std::string& out, int64_t value, int width) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const auto length = static_cast<int>(end - buffer);
  out.append(static_cast<size_t>(std::max(0, width - length)), '0');
  out.append(buffer, static_cast<size_t>(length));
}

/// ".25" of 250,000,000 of `unit` digits, nothing of 0.
void append_fraction(std::string& out, uint64_t value, int width) {
  if (value == 0) return;
  char buffer[24];
  for (int i = width; i-- > 0; value /= 10) buffer[i] = static_cast<char>('0' + value % 10);
  while (width > 0 && buffer[width - 1] == '0') --width;
  out.push_back('.');
  out.append(buffer, static_cast<size_t>(width));
}

struct Unit {
  std::string_view name;
  int64_t nanos;
};
constexpr Unit kUnits[] = {{"ns", 1}, {"us", 1000}, {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
                           {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000},
                           {"h", 3'600'000'000'000}};

}  // namespace

int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int days_in_month(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

CivilTime to_civil(const Time& time) {
  __int128 local = static_cast<__int128>(time.micros) + int64_t{time.offset_minutes} * 60'000'000;
  __int128 days = local / kDayMicros;
  int64_t of_day = static_cast<int64_t>(local % kDayMicros);
  if (of_day < 0) {
    of_day += kDayMicros;
    --days;
  }
  const int64_t day = static_cast<int64_t>(days);
  const int64_t z = day + 719468;
  const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t of_era = z - era * 146097;
  const int64_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t mp = (5 * of_year + 2) / 153;
  CivilTime c;
  c.day = static_cast<int>(of_year - (153 * mp + 2) / 5 + 1);
  c.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  c.year = year_of_era + era * 400 + (c.month <= 2);
  const int64_t second = of_day / 1'000'000;
  c.hour = static_cast<int>(second / 3600);
  c.minute = static_cast<int>(second / 60 % 60);
  c.second = static_cast<int>(second % 60);
  c.nanosecond = static_cast<int>(of_day % 1'000'000) * 1000 + time.nanos;
  c.weekday = static_cast<int>(((day + 4) % 7 + 7) % 7);
  c.year_day = static_cast<int>(day - days_from_civil(c.year, 1, 1)) + 1;
  return c;
}

Time from_civil(const CivilTime& civil, int offset_minutes) {
  int64_t year = std::clamp<int64_t>(civil.year, -200'000, 200'000);
  int64_t month = civil.month - 1;
  year += month >= 0 ? month / 12 : -((11 - month) / 12);
  month = (month % 12 + 12) % 12;
  const int64_t days = days_from_civil(year, static_cast<int>(month) + 1, 1) + civil.day - 1;
  const int64_t seconds = days * 86400 + int64_t{civil.hour} * 3600 + int64_t{civil.minute} * 60 +
                          civil.second - int64_t{offset_minutes} * 60;
  int64_t nanos = civil.nanosecond;
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t carry = nanos >= 0 ? nanos / kSecond : -((kSecond - 1 - nanos) / kSecond);
  nanos -= carry * kSecond;
  return {(seconds + carry) * 1'000'000 + nanos / 1000, static_cast<uint16_t>(nanos % 1000),
          static_cast<int16_t>(offset_minutes)};
}

void append_rfc3339(std::string& out, const Time& time) {
  const CivilTime c = to_civil(time);
  if (c.year < 0) out.push_back('-');
  pad(out, c.year < 0 ? -c.year : c.year, 4);
  for (const auto& [mark, value] : {std::pair{'-', c.month}, {'-', c.day}, {'T', c.hour},
                                    {':', c.minute}, {':', c.second}}) {
    out.push_back(mark);
    pad(out, value, 2);
  }
  append_fraction(out, static_cast<uint64_t>(c.nanosecond), 9);
  if (time.offset_minutes == 0) {
    out.push_back('Z');
    return;
  }
  const int offset = time.offset_minutes < 0 ? -time.offset_minutes : time.offset_minutes;
  out.push_back(time.offset_minutes < 0 ? '-' : '+');
  pad(out, offset / 60, 2);
  out.push_back(':');
  pad(out, offset % 60, 2);
}

std::string format_rfc3339(const Time& time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  CivilTime c;
  int year = 0, offset = 0;
  if (!digits(text, 4, year) || !eat(text, "-") || !digits(text, 2, c.month) || !eat(text, "-") ||
      !digits(text, 2, c.day) || !eat(text, "Tt ") || !digits(text, 2, c.hour) ||
      !eat(text, ":") || !digits(text, 2, c.minute) || !eat(text, ":") ||
      !digits(text, 2, c.second) || !read_fraction(text, c.nanosecond) ||
      !read_offset(text, offset) || !text.empty()) {
    return std::nullopt;
  }
  c.year = year;
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in_month(c.year, c.month) ||
      c.hour > 23 || c.minute > 59 || c.second > 60) {
    return std::nullopt;
  }
  return from_civil(c, offset);
}

std::string format_duration(int64_t nanos) {
  if (nanos == 0) return "0s";
  std::string out;
  uint64_t left = nanos < 0 ? 0 - static_cast<uint64_t>(nanos) : static_cast<uint64_t>(nanos);
  if (nanos < 0) out.push_back('-');
  if (left < 1'000'000'000) {
    const int width = left < 1000 ? 0 : left < 1'000'000 ? 3 : 6;
    const uint64_t unit = width == 0 ? 1 : width == 3 ? 1000 : 1'000'000;
    out += std::to_string(left / unit);
    append_fraction(out, left % unit, width);
    return out += width == 0 ? "ns" : width == 3 ? "\xc2\xb5s" : "ms";
  }
  const uint64_t seconds = left / 1'000'000'000;
  if (seconds >= 3600) out += std::to_string(seconds / 3600) + "h";
  if (seconds >= 60) out += std::to_string(seconds / 60 % 60) + "m";
  out += std::to_string(seconds % 60);
  append_fraction(out, left % 1'000'000'000, 9);
  return out += "s";
}

std::optional<int64_t> parse_go_duration(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  __int128 total = 0;
  while (!text.empty()) {
    const size_t length = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string_view number = text.substr(0, length);
    text.remove_prefix(length);
    const size_t unit_length = std::min(text.find_first_of("0123456789."), text.size());
    const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) {
      return u.name == text.substr(0, unit_length);
    });
    text.remove_prefix(unit_length);
    if (unit == std::end(kUnits) || number.empty() || number == ".") return std::nullopt;
    __int128 whole = 0, fraction = 0, scale = 1;
    bool point = false;
    for (const char c : number) {
      if (c == '.') {
        if (point) return std::nullopt;
        point = true;
      } else if (!point) {
        whole = whole * 10 + (c - '0');
        if (whole > INT64_MAX) return std::nullopt;
      } else if (scale < 1'000'000'000'000'000) {
        fraction = fraction * 10 + (c - '0');
        scale *= 10;
      }
    }
    total += whole * unit->nanos + fraction * unit->nanos / scale;
    if (total > static_cast<__int128>(INT64_MAX) + negative) return std::nullopt;
  }
  return static_cast<int64_t>(negative ? -total : total);
}

}  // namespace penstock
