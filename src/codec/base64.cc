// SPDX-License-Identifier: Apache-2.0
#include "codec/base64.h"

#include <cstdint>

namespace penstock {
namespace {

/// −1 = not a letter of base64.
int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

}  // namespace

bool append_base64_decoded(std::string_view text, std::string& to) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  if (text.size() % 4 == 1) return false;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int six = sextet(c);
    if (six < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(six);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    to += static_cast<char>(bits >> count);
  }
  return (bits & ((1u << count) - 1)) == 0;
}

}  // namespace penstock
