// SPDX-License-Identifier: Apache-2.0
// Says of each document whether it is JSON: reads (u32 little-endian size, bytes)…, writes 1 or 0.
#include <cstdint>
#include <cstdio>
#include <string>

#include "json/parse.h"

int main() {
  penstock::ValueArena arena;
  penstock::JsonParser parser;
  std::string text;
  uint32_t size = 0;
  while (std::fread(&size, sizeof size, 1, stdin) == 1) {
    text.resize(size);
    if (std::fread(text.data(), 1, size, stdin) != size) return 1;
    arena.reset();
    std::putchar(parser.parse(text, arena) ? '1' : '0');
  }
  return 0;
}
