// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock {

/// Bytes of the well-formed UTF-8 sequence that starts at `at` (1 … 4), or 0 if there is none
/// (overlong, surrogate, beyond U+10FFFF or cut off; RFC 3629). REQUIRES: at < text.size().
inline size_t utf8_sequence(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : uint8_t{0};
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (a < 0xc2) return 0;
  if (a < 0xe0) return follows(1) ? 2 : 0;
  if (a < 0xf0) {
    if (!follows(1) || !follows(2) || (a == 0xe0 && b < 0xa0) || (a == 0xed && b >= 0xa0)) return 0;
    return 3;
  }
  if (a > 0xf4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  return (a == 0xf0 && b < 0x90) || (a == 0xf4 && b >= 0x90) ? 0 : 4;
}

/// Whether all of it is well-formed.
inline bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_sequence(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

/// The code point of the sequence at `at`; U+FFFD for a malformed byte. Moves `at` behind it.
/// REQUIRES: at < text.size().
inline char32_t next_code_point(std::string_view text, size_t& at) {
  const size_t length = utf8_sequence(text, at);
  if (length <= 1) {
    const auto c = static_cast<uint8_t>(text[at++]);
    return length == 1 ? c : char32_t{0xfffd};
  }
  static constexpr uint8_t kFirstMask[] = {0, 0, 0x1f, 0x0f, 0x07};
  char32_t c = static_cast<uint8_t>(text[at]) & kFirstMask[length];
  for (size_t i = 1; i < length; ++i) c = c << 6 | (static_cast<uint8_t>(text[at + i]) & 0x3f);
  at += length;
  return c;
}

/// Appends a code point to anything with append(string_view); surrogates and what is beyond
/// U+10FFFF become U+FFFD.
template <class Out>
void append_utf8(Out& out, char32_t c) {
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
  char bytes[4];
  size_t n = 0;
  if (c < 0x80) {
    bytes[n++] = static_cast<char>(c);
  } else {
    if (c < 0x800) {
      bytes[n++] = static_cast<char>(0xc0 | c >> 6);
    } else {
      if (c < 0x10000) {
        bytes[n++] = static_cast<char>(0xe0 | c >> 12);
      } else {
        bytes[n++] = static_cast<char>(0xf0 | c >> 18);
        bytes[n++] = static_cast<char>(0x80 | (c >> 12 & 0x3f));
      }
      bytes[n++] = static_cast<char>(0x80 | (c >> 6 & 0x3f));
    }
    bytes[n++] = static_cast<char>(0x80 | (c & 0x3f));
  }
  out.append(std::string_view(bytes, n));
}

}  // namespace penstock
