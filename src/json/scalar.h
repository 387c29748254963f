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

/// Reads an integer that is `size` digits and nothing else, without a branch per digit; false if it
/// is not that, begins with a needless zero, or has more than 16 digits. REQUIRES: 8 readable bytes
/// at `at`.
inline bool parse_short_json_integer(const char* at, uint32_t size, int64_t& out) {
  static_assert(std::endian::native == std::endian::little);
  if (size - 1 >= 16 || (*at == '0' && size > 1)) return false;
  bool digits = true;
  // Up to eight digits: as bytes, leading zeros before them; then pairs, then fours, are joined.
  const auto eight = [&](const char* from, uint32_t count) {
    uint64_t x;
    std::memcpy(&x, from, sizeof x);
    x = (x ^ 0x3030303030303030) << (64 - 8 * count);
    digits = digits & (((x | (x + 0x0606060606060606)) & 0xF0F0F0F0F0F0F0F0) == 0);
    x = (x * 10 + (x >> 8)) & 0x00FF00FF00FF00FF;
    x = (x * 100 + (x >> 16)) & 0x0000FFFF0000FFFF;
    return (x * 10000 + (x >> 32)) & 0xFFFFFFFF;
  };
  if (size <= 8) {
    out = static_cast<int64_t>(eight(at, size));
  } else {
    const uint64_t high = eight(at, size - 8);
    out = static_cast<int64_t>(high * 100'000'000 + eight(at + size - 8, 8));
  }
  return digits;
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
