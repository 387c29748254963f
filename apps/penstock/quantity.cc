// SPDX-License-Identifier: Apache-2.0
#include "penstock/quantity.h"

#include <time.h>

#include <cmath>
#include <cstdio>

namespace penstock {
namespace {

/// Three significant digits, without zeros at the end of a fraction if `trim`.
std::string three_digits(double value, bool trim) {
  char text[32];
  // the boundaries are where rounding would make a fourth digit
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string out = text;
  if (trim && out.find('.') != std::string::npos) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
  }
  return out;
}

std::string scaled(double value, double step, const char* const* units, size_t count, bool trim) {
  size_t unit = 0;
  while (unit + 1 < count && value >= 999.5) value /= step, ++unit;
  if (unit == 0) {
    char text[32];
    snprintf(text, sizeof text, "%.0f", value);
    return text + std::string(units[0]);
  }
  return three_digits(value, trim) + units[unit];
}

}  // namespace

std::string short_count(double count) {
  static const char* const units[] = {"", " k", " M", " G", " T", " P", " E"};
  return scaled(count, 1000, units, 7, false);
}

std::string short_rate(double per_second) {
  if (per_second <= 0) return "-";
  if (per_second < 9.95) {
    char text[32];
    snprintf(text, sizeof text, "%.1f", per_second);
    return text;
  }
  return short_count(per_second);
}

std::string short_bytes(double bytes) {
  static const char* const units[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  return scaled(bytes, 1024, units, 7, true);
}

std::string short_time(int64_t ns) {
  const double s = static_cast<double>(ns) / 1e9;
  char text[32];
  const auto with = [&](double value, const char* unit) {
    snprintf(text, sizeof text, value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit);
    return std::string(text);
  };
  if (s < 0.0009995) return std::to_string(ns / 1000) + " µs";
  if (s < 0.9995) return std::to_string(std::lround(s * 1e3)) + " ms";
  if (s < 99.5) return with(s, "s");
  if (s < 99.5 * 60) return with(s / 60, "min");
  if (s < 99.5 * 3600) return with(s / 3600, "h");
  return with(s / 86400, "d");
}

std::string clock_time(int64_t ns) {
  const long long s = ns / 1'000'000'000;
  char text[40];
  if (s < 3600) snprintf(text, sizeof text, "%lld:%02lld", s / 60, s % 60);
  else snprintf(text, sizeof text, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  return text;
}

std::string long_count(uint64_t count) {
  std::string out = std::to_string(count);
  for (size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, " ");
  return out;
}

std::string counted(uint64_t count, const std::string& noun) {
  return long_count(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string wall_time(int64_t wall_us) {
  const time_t seconds = wall_us / 1'000'000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

}  // namespace penstock
