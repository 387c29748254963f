// SPDX-License-Identifier: Apache-2.0
#include "json/scalar.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace penstock {
namespace {

/// The text with bytes behind it that may be loaded.
struct Padded {
  explicit Padded(const std::string& text) : size(static_cast<uint32_t>(text.size())) {
    std::memset(bytes, '7', sizeof bytes);
    std::memcpy(bytes, text.data(), text.size());
  }
  char bytes[64];
  uint32_t size;
};

TEST(ShortJsonInteger, reads_every_length_up_to_sixteen_digits) {
  uint64_t seed = 1;
  for (uint32_t size = 1; size <= 16; ++size) {
    for (int i = 0; i < 1000; ++i) {
      std::string text;
      for (uint32_t d = 0; d < size; ++d) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        text += static_cast<char>('0' + (seed >> 33) % 10);
      }
      if (i < 10) text.assign(size, static_cast<char>('0' + i));
      const Padded padded(text);
      int64_t value = -1;
      const bool read = parse_short_json_integer(padded.bytes, size, value);
      ASSERT_EQ(read, size == 1 || text[0] != '0') << text;
      if (read) ASSERT_EQ(value, std::stoll(text)) << text;
    }
  }
}

TEST(ShortJsonInteger, leaves_everything_else_to_others) {
  int64_t value = 0;
  EXPECT_FALSE(parse_short_json_integer(Padded("").bytes, 0, value));
  EXPECT_FALSE(parse_short_json_integer(Padded(std::string(17, '1')).bytes, 17, value));
  for (uint32_t size = 1; size <= 16; ++size) {
    for (uint32_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, '9');
        text[at] = static_cast<char>(byte);
        const bool digit = byte >= '0' && byte <= '9';
        const bool zero = at == 0 && byte == '0' && size > 1;
        ASSERT_EQ(parse_short_json_integer(Padded(text).bytes, size, value), digit && !zero)
            << text << " byte " << byte;
      }
    }
  }
}

}  // namespace
}  // namespace penstock
