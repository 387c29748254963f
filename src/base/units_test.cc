// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Duration, reads_numbers_with_units) {
  const std::pair<const char*, int64_t> cases[] = {
      {"0", 0}, {"0s", 0}, {"-0", 0}, {"250ms", 250'000}, {"1.5s", 1'500'000}, {"10us", 10},
      {"10µs", 10}, {"1500ns", 1}, {"999ns", 0}, {"2h45m", 9'900'000'000}, {".5s", 500'000},
      {"5.s", 5'000'000}, {"1d", 86'400'000'000}, {"-1m", -60'000'000}, {"+1m", 60'000'000},
      {"0.000001s", 1}, {"1m1s1ms", 61'001'000}, {"106751d", 9'223'286'400'000'000}};
  for (const auto& [text, us] : cases) {
    const Result<Duration> parsed = parse_duration(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->us, us) << text;
  }
}

TEST(Duration, refuses_what_is_not_one) {
  for (const char* text : {"", "1", "s", "-", "ms1", "1 s", "1s ", "1x", "1e3s", "1,5s", ".s",
                           "106752d", "99999999999999999999999999999999999999999999999s",
                           "9223372037s", "1s-1s", "--1s", "1S"}) {
    const Result<Duration> parsed = parse_duration(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, "bad-duration");
  }
}

TEST(Duration, prints_what_parses_back) {
  const std::pair<int64_t, const char*> cases[] = {
      {0, "0s"}, {1, "1us"}, {250'000, "250ms"}, {1'500'000, "1s500ms"}, {60'000'000, "1m"},
      {3'600'000'001, "1h1us"}, {-90'000'000, "-1m30s"}};
  for (const auto& [us, text] : cases) {
    EXPECT_EQ(to_string(Duration{us}), text);
    EXPECT_EQ(parse_duration(text)->us, us) << text;
  }
  EXPECT_EQ(to_string(Duration{INT64_MIN}).substr(0, 1), "-");
}

TEST(ByteSize, reads_bytes_and_units_of_a_thousand_and_of_1024) {
  const std::pair<const char*, uint64_t> cases[] = {
      {"0", 0}, {"4096", 4096}, {"1B", 1}, {"10MB", 10'000'000}, {"64KiB", 65'536},
      {"1Gi", 1ull << 30}, {"1.5KiB", 1536}, {"2 GiB", 2ull << 30}, {"1k", 1000},
      {"0.5M", 500'000}, {"18446744073709551615", UINT64_MAX}, {"16777215TiB", 16777215ull << 40}};
  for (const auto& [text, bytes] : cases) {
    const Result<ByteSize> parsed = parse_byte_size(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->bytes, bytes) << text;
  }
}

TEST(ByteSize, refuses_what_is_not_one) {
  for (const char* text : {"", "-1", "1.5", "1.5B", "KiB", "1XB", "1 megabyte", "0x10", "1e3",
                           "18446744073709551616", "16777216TiB", "1KiB "}) {
    const Result<ByteSize> parsed = parse_byte_size(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, "bad-size");
  }
}

TEST(ByteSize, prints_what_parses_back) {
  for (uint64_t bytes : {0ull, 1ull, 1000ull, 1024ull, 1536ull, 1ull << 20, 3ull << 40}) {
    EXPECT_EQ(parse_byte_size(to_string(ByteSize{bytes}))->bytes, bytes);
  }
  EXPECT_EQ(to_string(mebibytes(128)), "128MiB");
}

}  // namespace
}  // namespace penstock
