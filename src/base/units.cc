// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <limits>

namespace penstock {
namespace {

/// A non-negative decimal number in units of 10^-9.
struct Decimal {
  unsigned __int128 nano = 0;
  bool fits = true;
};

constexpr unsigned __int128 kNanoMax = (static_cast<unsigned __int128>(1) << 96);

/// Takes "12", "1.5" or ".5" from the front of `text`; false if it does not start with a number.
bool take_decimal(std::string_view& text, Decimal& out) {
  size_t i = 0;
  size_t digits = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits) {
    if (out.nano > kNanoMax) out.fits = false;
    else out.nano = out.nano * 10 + static_cast<unsigned>(text[i] - '0');
  }
  out.nano *= 1'000'000'000;
  if (i < text.size() && text[i] == '.') {
    unsigned unit = 100'000'000;
    for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits) {
      out.nano += static_cast<unsigned>(text[i] - '0') * unit;
      unit /= 10;  // digits beyond the ninth do not count
    }
  }
  text.remove_prefix(i);
  if (out.nano > kNanoMax) out.fits = false;
  return digits > 0;
}

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// Longest names first where one is the beginning of another.
constexpr Unit kTimeUnits[] = {  // factor in nanoseconds
    {"ns", 1}, {"us", 1'000}, {"\u00b5s", 1'000}, {"\u03bcs", 1'000}, {"ms", 1'000'000},
    {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
};
constexpr Unit kSizeUnits[] = {
    {"", 1}, {"B", 1}, {"KB", 1'000}, {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000}, {"K", 1'000}, {"k", 1'000}, {"M", 1'000'000},
    {"G", 1'000'000'000}, {"T", 1'000'000'000'000}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20},
    {"GiB", 1ull << 30}, {"TiB", 1ull << 40}, {"Ki", 1ull << 10}, {"Mi", 1ull << 20},
    {"Gi", 1ull << 30}, {"Ti", 1ull << 40},
};

/// Letters up to the next digit, dot or end.
std::string_view take_word(std::string_view& text) {
  size_t i = 0;
  while (i < text.size() && text[i] != '.' && !(text[i] >= '0' && text[i] <= '9')) ++i;
  const std::string_view word = text.substr(0, i);
  text.remove_prefix(i);
  return word;
}

template <size_t N>
const Unit* find_unit(const Unit (&units)[N], std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

Error bad_duration(std::string_view text) {
  return stop_error("bad-duration", "not a duration: \"" + std::string(text) + "\"",
                    "write a number with a unit: 250ms, 1.5s, 2h45m");
}

Error bad_size(std::string_view text) {
  return stop_error("bad-size", "not a size: \"" + std::string(text) + "\"",
                    "write bytes, or a number with a unit: 4096, 64KiB, 10MB");
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return Duration{0};
  if (rest.empty()) return bad_duration(text);
  unsigned __int128 total_ns = 0;
  while (!rest.empty()) {
    Decimal number;
    if (!take_decimal(rest, number) || !number.fits) return bad_duration(text);
    const Unit* unit = find_unit(kTimeUnits, take_word(rest));
    if (!unit) return bad_duration(text);
    // nano is below 2^97 and the factor below 2^47, so cut first what cannot be a duration
    if (number.nano / 1'000'000'000 > std::numeric_limits<uint64_t>::max() / unit->factor) {
      return bad_duration(text);
    }
    total_ns += number.nano * unit->factor / 1'000'000'000;
    if (total_ns / 1000 > static_cast<uint64_t>(std::numeric_limits<int64_t>::max() / 1000)) {
      return bad_duration(text);  // must fit in nanoseconds too
    }
  }
  const int64_t us = static_cast<int64_t>(total_ns / 1000);
  return Duration{negative ? -us : us};
}

Result<ByteSize> parse_byte_size(std::string_view text) {
  std::string_view rest = text;
  Decimal number;
  if (!take_decimal(rest, number) || !number.fits) return bad_size(text);
  while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  const Unit* unit = find_unit(kSizeUnits, rest);
  if (!unit) return bad_size(text);
  const bool whole = number.nano % 1'000'000'000 == 0;
  if (unit->factor == 1 && !whole) return bad_size(text);
  if (number.nano / 1'000'000'000 > std::numeric_limits<uint64_t>::max() / unit->factor) {
    return bad_size(text);
  }
  const unsigned __int128 bytes = number.nano * unit->factor / 1'000'000'000;
  if (bytes > std::numeric_limits<uint64_t>::max()) return bad_size(text);
  return ByteSize{static_cast<uint64_t>(bytes)};
}

std::string to_string(Duration duration) {
  if (duration.us == 0) return "0s";
  std::string out;
  uint64_t left = static_cast<uint64_t>(duration.us);
  if (duration.us < 0) {
    out = "-";
    left = ~left + 1;
  }
  for (const auto& [name, us] : {std::pair<const char*, uint64_t>{"h", 3'600'000'000},
                                 {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}}) {
    if (left < us) continue;
    out += std::to_string(left / us) + name;
    left %= us;
  }
  return out;
}

std::string to_string(ByteSize size) {
  for (const auto& [name, bytes] : {std::pair<const char*, uint64_t>{"TiB", 1ull << 40},
                                    {"GiB", 1ull << 30},
                                    {"MiB", 1ull << 20},
                                    {"KiB", 1ull << 10}}) {
    if (size.bytes >= bytes && size.bytes % bytes == 0) {
      return std::to_string(size.bytes / bytes) + name;
    }
  }
  return std::to_string(size.bytes);
}

}  // namespace penstock
