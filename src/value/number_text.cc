// SPDX-License-Identifier: Apache-2.0
#include "value/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace penstock {
namespace {

constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (int i = 0; i < 100; ++i) {
    pairs[static_cast<size_t>(2 * i)] = static_cast<char>('0' + i / 10);
    pairs[static_cast<size_t>(2 * i + 1)] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

char* write_unsigned(char* to, uint64_t value) {
  char buffer[20];
  char* at = buffer + sizeof buffer;
  while (value >= 100) {
    at -= 2;
    std::memcpy(at, &kPairs[value % 100 * 2], 2);
    value /= 100;
  }
  if (value >= 10) {
    at -= 2;
    std::memcpy(at, &kPairs[value * 2], 2);
  } else {
    *--at = static_cast<char>('0' + value);
  }
  const auto size = static_cast<size_t>(buffer + sizeof buffer - at);
  std::memcpy(to, at, size);
  return to + size;
}

/// A double that a decimal of at most 15 digits, 6 of them behind the point, stands for. No other
/// decimal of up to 15 digits reads back as it, so that one without trailing zeros is the shortest.
char* write_short_decimal(char* to, double size) {
  constexpr double kScale = 1e6;
  const double scaled = size * kScale;
  if (!(scaled < 1e15)) return nullptr;
  const auto whole = static_cast<uint64_t>(scaled + 0.5);
  if (static_cast<double>(whole) / kScale != size) return nullptr;
  to = write_unsigned(to, whole / 1'000'000);
  uint64_t fraction = whole % 1'000'000;
  *to++ = '.';
  int digits = 6;
  for (; digits > 1 && fraction % 10 == 0; --digits) fraction /= 10;
  for (int i = digits; i-- > 0; fraction /= 10) to[i] = static_cast<char>('0' + fraction % 10);
  return to + digits;
}

}  // namespace

char* write_int(char* to, int64_t value) {
  if (value < 0) *to++ = '-';
  return write_unsigned(to, value < 0 ? 0 - static_cast<uint64_t>(value)
                                      : static_cast<uint64_t>(value));
}

char* write_double(char* to, double value) {
  if (std::signbit(value)) *to++ = '-';
  const double size = std::fabs(value);
  if (char* end = write_short_decimal(to, size)) return end;
  const bool plain = size >= 1e-5 && size < 1e17;
  char* end = std::to_chars(to, to + kNumberTextMax - 3, size,
                            plain ? std::chars_format::fixed : std::chars_format::scientific).ptr;
  if (plain && std::memchr(to, '.', static_cast<size_t>(end - to)) == nullptr) {
    *end++ = '.';
    *end++ = '0';
  }
  return end;
}

}  // namespace penstock
