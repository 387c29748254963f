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
    std::memset(bytes, ' ', sizeof bytes);
    std::memcpy(bytes, text.data(), text.size());
  }
  char bytes[64];
  uint32_t size;
};

TEST(ShortJsonInteger, reads_every_length_up_to_fifteen_digits) {
  uint64_t seed = 1;
  for (uint32_t size = 1; size <= 15; ++size) {
    for (int i = 0; i < 1000; ++i) {
      std::string text;
      for (uint32_t d = 0; d < size; ++d) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        text += static_cast<char>('0' + (seed >> 33) % 10);
      }
      if (i < 10) text.assign(size, static_cast<char>('0' + i));
      for (const std::string behind : {",", "}", "]", " ", ":"}) {
        const Padded padded(text + behind + "12345678");
        int64_t value = -1;
        const uint32_t read = parse_short_json_integer({padded.bytes, size + 9}, value);
        ASSERT_EQ(read, size == 1 || text[0] != '0' ? size : 0) << text;
        if (read > 0) {
          ASSERT_EQ(value, std::stoll(text)) << text;
        }
        const uint32_t alone = parse_short_json_integer({padded.bytes, size}, value);
        ASSERT_EQ(alone, read) << text;
      }
    }
  }
}

TEST(ShortJsonInteger, leaves_everything_else_to_others) {
  int64_t value = 0;
  EXPECT_EQ(parse_short_json_integer({Padded("12").bytes, 0}, value), 0);
  EXPECT_EQ(parse_short_json_integer({Padded(std::string(17, '1')).bytes, 17}, value), 0);
  for (uint32_t size = 1; size <= 15; ++size) {
    for (uint32_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, '9');
        text[at] = static_cast<char>(byte);
        const bool digit = byte >= '0' && byte <= '9';
        const bool zero = at == 0 && byte == '0' && size > 1;
        const bool end = at > 0 && ends_json_scalar(text[at]);
        const Padded padded(text);
        ASSERT_EQ(parse_short_json_integer({padded.bytes, size}, value),
                  digit && !zero ? size : end ? at : 0) << text << " byte " << byte;
      }
    }
  }
}

}  // namespace
}  // namespace penstock
