// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/result.h"
#include "json/column.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// Whether a scalar that is no string may end before `c`.
inline bool ends_json_scalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r' ||
         c == ':';
}

/// Reads an integer without sign of at most 15 digits, without a branch per digit; returns its
/// size, or 0 if there is no such number: it may be another one. REQUIRES: 16 readable bytes at the
/// text.
[[gnu::always_inline]]
inline uint32_t parse_short_json_integer(std::string_view text, int64_t& out) {
  static_assert(std::endian::native == std::endian::little);
  // Types and flags are one digit.
  if (text.size() > 1 && text[1] == ',' && static_cast<unsigned char>(text[0] - '0') < 10) {
    out = text[0] - '0';
    return 1;
  }
  // Up to eight digits as bytes, leading zeros before them: pairs, then fours, are joined.
  const auto join = [](uint64_t x) {
    x = (x * 10 + (x >> 8)) & 0x00FF00FF00FF00FF;
    x = (x * 100 + (x >> 16)) & 0x0000FFFF0000FFFF;
    return (x * 10000 + (x >> 32)) & 0xFFFFFFFF;
  };
  // Digits become 0 … 9; a bit is set in the upper half of every byte that is none.
  const auto load = [](const char* from) {
    uint64_t x;
    std::memcpy(&x, from, sizeof x);
    return x ^ 0x3030303030303030;
  };
  const auto others = [](uint64_t x) {
    return (x | (x + 0x0606060606060606)) & 0xF0F0F0F0F0F0F0F0;
  };
  const uint64_t first = load(text.data());
  const uint64_t none = others(first);
  uint32_t size = 8;
  if (__builtin_expect(none != 0, 1)) {
    size = static_cast<uint32_t>(std::countr_zero(none)) / 8;
    if (size == 0) return 0;
    out = static_cast<int64_t>(join(first << (64 - 8 * size)));
  } else {
    const uint64_t second = load(text.data() + 8);
    const uint64_t end = others(second);
    if (end == 0) return 0;
    const auto more = static_cast<uint32_t>(std::countr_zero(end)) / 8;
    constexpr int64_t kTens[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000};
    out = static_cast<int64_t>(join(first)) * kTens[more];
    if (more > 0) out += static_cast<int64_t>(join(second << (64 - 8 * more)));
    size += more;
  }
  if ((text[0] == '0' && size > 1) || size > text.size()) return 0;
  return size == text.size() || ends_json_scalar(text[size]) ? size : 0;
}

/// A number that is too long or too big for the short way of parse_json_number.
bool parse_long_json_number(const char* at, const char* limit, Value& out, const char*& end);

/// Reads a JSON number at `at` and sets `end` behind it; false if it is none. It ends before
/// `limit`, which must be readable. Integers keep 64 bits; a decimal of up to 17 digits is the
/// nearest double; what neither holds is a kNumber that borrows the text.
inline bool parse_json_number(const char* at, const char* limit, Value& out, const char*& end) {
  const char* p = at;
  const bool negative = *p == '-';
  p += negative;
  uint64_t magnitude = 0;
  const char* digits = p;
  while (p < limit && static_cast<unsigned char>(*p - '0') < 10) {
    magnitude = magnitude * 10 + static_cast<unsigned char>(*p - '0');
    ++p;
  }
  const auto count = p - digits;
  if (__builtin_expect(count == 0 || count > 18 || (*digits == '0' && count > 1), 0)) {
    return parse_long_json_number(at, limit, out, end);
  }
  if (p < limit && (*p == '.' || *p == 'e' || *p == 'E')) {
    return parse_long_json_number(at, limit, out, end);
  }
  out = Value::integer(negative ? -static_cast<int64_t>(magnitude)
                                : static_cast<int64_t>(magnitude));
  end = p;
  return p == limit || ends_json_scalar(*p);
}

/// The text between the quotes of the string that opens at `quote`, whose closing quote is known
/// to exist.
RawText read_raw_text(const char* quote);

/// Decodes the escapes of `text` into `to`, which has room for text.size() bytes. Returns the
/// length, or -1 − the offset of a bad escape.
int64_t unescape_json(std::string_view text, char* to);
/// Whether all escapes are JSON's.
bool valid_json_escapes(std::string_view text);
/// The text as a value: borrowed if it has no escapes, else decoded into the arena.
/// Error: "bad-json" for a bad escape, "expression-memory".
Result<Value> text_value(const RawText& text, ValueArena& arena);

}  // namespace penstock
