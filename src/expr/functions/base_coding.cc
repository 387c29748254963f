// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/base_coding.h"

#include <cstdint>

namespace penstock {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string encode(std::string_view bytes, std::string_view alphabet, unsigned bits, size_t group,
                   bool padded) {
  std::string out;
  uint32_t held = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<uint8_t>(c);
    count += 8;
    while (count >= bits) {
      count -= bits;
      out += alphabet[held >> count & ((1u << bits) - 1)];
    }
  }
  if (count > 0) out += alphabet[held << (bits - count) & ((1u << bits) - 1)];
  while (padded && out.size() % group != 0) out += '=';
  return out;
}

/// Strict about padding; bits left over are ignored.
std::optional<std::string> decode(std::string_view text, std::string_view alphabet, unsigned bits,
                                  size_t group, bool padded, size_t* where) {
  std::string out;
  uint32_t held = 0;
  unsigned count = 0;
  size_t digits = 0, padding = 0, group_start = 0;
  const auto fail = [&](size_t at) -> std::optional<std::string> {
    if (where != nullptr) *where = at;
    return std::nullopt;
  };
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n' || c == '\r') continue;
    if (digits % group == 0 && padding == 0) group_start = at;
    if (c == '=' && padded) {
      const size_t have = digits % group;
      const bool legal = bits == 6 ? have >= 2 : have == 2 || have == 4 || have == 5 || have == 7;
      const size_t behind = text.size() - at - 1;
      if (bits == 5 && padding == 0 && have >= 2 && behind < 8 && behind + have < 7) {
        return fail(text.size());  // too little of it, as Go counts
      }
      if (padding == 0 && !legal) return fail(at);
      if (++padding > group - have) return fail(at);
      continue;
    }
    const size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos || padding > 0) return fail(at);
    held = held << bits | static_cast<uint32_t>(digit);
    count += bits;
    ++digits;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(held >> count);
    }
  }
  const size_t left = digits % group;
  if (padded && left != 0 && padding != group - left) {
    return fail(padding > 0 ? text.size() : group_start);
  }
  if (!padded && left == 1 && bits == 6) return fail(group_start);
  return out;
}

}  // namespace

std::string encode_base64(std::string_view bytes, bool url, bool padded) {
  return encode(bytes, url ? kUrl : kStandard, 6, 4, padded);
}

std::optional<std::string> decode_base64(std::string_view text, bool url, bool padded,
                                         size_t* where) {
  return decode(text, url ? kUrl : kStandard, 6, 4, padded, where);
}

std::string encode_base32(std::string_view bytes) { return encode(bytes, kBase32, 5, 8, true); }

std::optional<std::string> decode_base32(std::string_view text, size_t* where) {
  std::string flat;  // Go counts without the line ends here
  for (const char c : text) {
    if (c != '\n' && c != '\r') flat += c;
  }
  return decode(flat, kBase32, 5, 8, true, where);
}

std::string encode_hex(std::string_view bytes) {
  return encode(bytes, "0123456789abcdef", 4, 2, false);
}

std::optional<std::string> decode_hex(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  if (lower.size() % 2 != 0 || lower.find_first_of("\r\n") != std::string::npos) {
    return std::nullopt;
  }
  return decode(lower, "0123456789abcdef", 4, 2, false, nullptr);
}

}  // namespace penstock
