// SPDX-License-Identifier: Apache-2.0
#include "expr/time_zone.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <tuple>

#include "expr/eval_context.h"
#include "value/time_text.h"

namespace penstock {
namespace {

int64_t big_endian(std::string_view bytes, size_t at, size_t size) {
  uint64_t out = static_cast<int8_t>(bytes[at]) < 0 ? UINT64_MAX : 0;
  for (size_t i = 0; i < size; ++i) out = out << 8 | static_cast<uint8_t>(bytes[at + i]);
  return static_cast<int64_t>(out);
}

bool safe_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] == '/' || name.find("..") != name.npos) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+-").find(c) != std::string_view::npos;
  });
}

int take_int(std::string_view& text) {
  int out = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9' && out < 100000) {
    out = out * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  return out;
}

/// [+-]hh[:mm[:ss]]
int32_t take_clock(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int32_t out = take_int(text) * 3600;
  for (const int32_t unit : {60, 1}) {
    if (!text.starts_with(':')) break;
    text.remove_prefix(1);
    out += take_int(text) * unit;
  }
  return negative ? -out : out;
}

std::string take_abbreviation(std::string_view& text) {
  std::string out;
  if (text.starts_with('<')) {
    const size_t end = std::min(text.find('>'), text.size());
    out = text.substr(1, end - 1);
    text.remove_prefix(std::min(end + 1, text.size()));
    return out;
  }
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  while (!text.empty() && letter(text[0])) {
    out += text[0];
    text.remove_prefix(1);
  }
  return out;
}

/// Of a local time, which may lie beyond what a Time can be: an offset has been added.
int64_t year_of(int64_t seconds) {
  constexpr int64_t kMost = INT64_MAX / 1'000'000;
  return to_civil(Time{std::clamp(seconds, -kMost, kMost) * 1'000'000, 0, 0}).year;
}

Error unknown_zone(std::string_view name) {
  return eval_error("unknown time zone \"" + std::string(name.substr(0, 64)) + "\"",
                    "zones have names such as Europe/Zurich, UTC or +02:00");
}

}  // namespace

bool TimeZone::read_rule_day(std::string_view& text, RuleDay& out) {
  if (text.starts_with('M')) {
    text.remove_prefix(1);
    out.month = take_int(text);
    if (text.starts_with('.')) text.remove_prefix(1);
    out.week = take_int(text);
    if (text.starts_with('.')) text.remove_prefix(1);
    out.day = take_int(text);
  } else {
    out.form = text.starts_with('J') ? 'J' : 'n';
    if (out.form == 'J') text.remove_prefix(1);
    out.day = take_int(text);
  }
  if (text.starts_with('/')) {
    text.remove_prefix(1);
    out.seconds = take_clock(text);
  }
  return out.month >= 1 && out.month <= 12 && out.week >= 1 && out.week <= 5;
}

bool TimeZone::read_rule(std::string_view text) {
  rule_.standard.abbreviation = take_abbreviation(text);
  if (rule_.standard.abbreviation.empty() || text.empty()) return false;
  rule_.standard.offset = -take_clock(text);
  if (text.empty()) return true;
  rule_.has_daylight = rule_.daylight.daylight = true;
  rule_.daylight.abbreviation = take_abbreviation(text);
  rule_.daylight.offset = rule_.standard.offset + 3600;
  if (!text.empty() && text[0] != ',') rule_.daylight.offset = -take_clock(text);
  for (RuleDay* day : {&rule_.start, &rule_.end}) {
    if (!text.starts_with(',')) return false;
    text.remove_prefix(1);
    if (!read_rule_day(text, *day)) return false;
  }
  return true;
}

int64_t TimeZone::rule_seconds(const RuleDay& rule, int64_t year) {
  int64_t day = 0;
  if (rule.form == 'M') {
    const int64_t first = days_from_civil(year, rule.month, 1);
    const int64_t weekday = ((first + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
    day = first + (rule.day - weekday + 7) % 7 + (rule.week - 1) * 7;
    if (day >= first + days_in_month(year, rule.month)) day -= 7;
  } else {
    const bool leap = days_in_month(year, 2) == 29;
    day = days_from_civil(year, 1, 1) + rule.day;
    if (rule.form == 'J') day -= leap && rule.day >= 60 ? 0 : 1;
  }
  return day * 86400 + rule.seconds;
}

const TimeZone::Period& TimeZone::rule_period(int64_t utc_seconds) const {
  if (!rule_.has_daylight) return rule_.standard;
  const int64_t year = year_of(utc_seconds + rule_.standard.offset);
  const int64_t start = rule_seconds(rule_.start, year) - rule_.standard.offset;
  const int64_t end = rule_seconds(rule_.end, year) - rule_.daylight.offset;
  const bool inside = start < end ? utc_seconds >= start && utc_seconds < end
                                  : !(utc_seconds >= end && utc_seconds < start);
  return inside ? rule_.daylight : rule_.standard;
}

const TimeZone::Period& TimeZone::period_at(int64_t utc_seconds) const {
  if (has_rule_ && (starts_.empty() || utc_seconds >= starts_.back())) {
    return rule_period(utc_seconds);
  }
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), utc_seconds);
  if (after != starts_.begin()) {
    return periods_[kinds_[static_cast<size_t>(after - starts_.begin()) - 1]];
  }
  for (const Period& period : periods_) {
    if (!period.daylight) return period;  // before the first transition: standard time
  }
  return periods_.front();
}

Result<void> TimeZone::read(std::string_view file) {
  constexpr size_t kHeader = 44;
  const Error bad = eval_error("the data of time zone \"" + name_ + "\" cannot be read");
  size_t at = 0;
  int64_t counts[6] = {};
  const auto header = [&] {
    if (file.size() < at + kHeader || file.substr(at, 4) != "TZif") return false;
    for (size_t i = 0; i < 6; ++i) counts[i] = big_endian(file, at + 20 + i * 4, 4);
    return std::all_of(counts, counts + 6, [](int64_t n) { return n >= 0 && n < 100000; });
  };
  if (!header() || file[4] < '2') return bad;
  const auto [utc, standard, leap, times, types, characters] =
      std::tuple(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
  at += kHeader +
        static_cast<size_t>(times * 5 + types * 6 + characters + leap * 8 + standard + utc);
  if (!header()) return bad;
  const auto n = static_cast<size_t>(counts[3]), k = static_cast<size_t>(counts[4]),
             letters = static_cast<size_t>(counts[5]);
  const size_t first = at + kHeader, type_at = first + n * 9, letters_at = type_at + k * 6;
  const size_t end = letters_at + letters +
                     static_cast<size_t>(counts[2] * 12 + counts[1] + counts[0]);
  if (file.size() < end || k == 0 || k > 255) return bad;
  for (size_t i = 0; i < k; ++i) {
    const auto abbreviation = static_cast<size_t>(static_cast<uint8_t>(file[type_at + i * 6 + 5]));
    if (abbreviation >= letters) return bad;
    const std::string_view rest = file.substr(letters_at + abbreviation, letters - abbreviation);
    periods_.push_back({static_cast<int32_t>(big_endian(file, type_at + i * 6, 4)),
                        std::string(rest.substr(0, rest.find('\0'))),
                        file[type_at + i * 6 + 4] != 0});
  }
  for (size_t i = 0; i < n; ++i) {
    const auto kind = static_cast<uint8_t>(file[first + n * 8 + i]);
    if (kind >= k) return bad;
    starts_.push_back(big_endian(file, first + i * 8, 8));
    kinds_.push_back(kind);
  }
  if (!std::is_sorted(starts_.begin(), starts_.end())) return bad;
  std::string_view footer = file.substr(end);
  if (footer.starts_with('\n')) footer.remove_prefix(1);
  has_rule_ = read_rule(footer.substr(0, footer.find('\n')));
  return {};
}

Result<std::shared_ptr<const TimeZone>> TimeZone::load(std::string_view name) {
  auto zone = std::make_shared<TimeZone>();
  zone->name_ = name;
  if (name.empty() || name == "UTC" || name == "Local" || name == "Z") {
    zone->name_ = "UTC";
    zone->periods_.push_back({0, "UTC", false});
    return std::shared_ptr<const TimeZone>(zone);
  }
  if (name[0] == '+' || name[0] == '-') {
    std::string_view rest = name;
    std::string digits(name.substr(0, 1));
    for (const char c : name.substr(1)) {
      if (c != ':') digits += c;
    }
    const std::string clock =
        digits.substr(0, 3) + (digits.size() > 3 ? ":" + digits.substr(3) : "");
    rest = clock;
    if (clock.find_first_not_of("+-0123456789:") != clock.npos || digits.size() < 3 ||
        digits.size() > 5) {
      return unknown_zone(name);
    }
    zone->periods_.push_back({take_clock(rest), std::string(name), false});
    return std::shared_ptr<const TimeZone>(zone);
  }
  if (!safe_name(name)) return unknown_zone(name);
  std::ifstream in("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
  const std::string file((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in || file.empty()) return unknown_zone(name);
  const auto read = zone->read(file);
  if (!read) return read.error();
  return std::shared_ptr<const TimeZone>(zone);
}

int32_t TimeZone::offset_at(int64_t utc_seconds) const { return period_at(utc_seconds).offset; }

std::string TimeZone::abbreviation_at(int64_t utc_seconds) const {
  return period_at(utc_seconds).abbreviation;
}

int64_t TimeZone::to_utc(int64_t local_seconds) const {
  return local_seconds - offset_at(local_seconds - offset_at(local_seconds));
}

Time TimeZone::shown(const Time& time) const {
  Time out = time;
  const int64_t seconds = time.micros >= 0 ? time.micros / 1'000'000
                                           : -((999'999 - time.micros) / 1'000'000);
  out.offset_minutes = static_cast<int16_t>(offset_at(seconds) / 60);
  return out;
}

}  // namespace penstock
