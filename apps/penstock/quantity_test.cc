// SPDX-License-Identifier: Apache-2.0
#include "penstock/quantity.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Quantity, shows_counts_with_three_digits_and_a_unit) {
  const struct {
    double count;
    const char* text;
  } table[] = {{0, "0"},           {7, "7"},           {999, "999"},       {1000, "1.00 k"},
               {1234, "1.23 k"},   {9994, "9.99 k"},   {9996, "10.0 k"},   {99'960, "100 k"},
               {999'499, "999 k"}, {999'500, "1.00 M"}, {45.6e6, "45.6 M"}, {7.89e11, "789 G"}};
  for (const auto& row : table) EXPECT_EQ(short_count(row.count), row.text) << row.count;
  EXPECT_EQ(long_count(12345678), "12 345 678");
  EXPECT_EQ(long_count(123), "123");
  EXPECT_EQ(counted(1, "record"), "1 record");
  EXPECT_EQ(counted(2000, "record"), "2 000 records");
}

TEST(Quantity, shows_a_rate_only_if_something_flows) {
  EXPECT_EQ(short_rate(0), "-");
  EXPECT_EQ(short_rate(0.5), "0.5");
  EXPECT_EQ(short_rate(9.94), "9.9");
  EXPECT_EQ(short_rate(9.96), "10");
}

TEST(Quantity, shows_bytes_in_powers_of_two) {
  EXPECT_EQ(short_bytes(512), "512 B");
  EXPECT_EQ(short_bytes(1536), "1.5 KiB");
  EXPECT_EQ(short_bytes(20.0 * (1 << 20)), "20 MiB");
}

TEST(Quantity, shows_times_in_the_unit_that_fits) {
  const struct {
    int64_t ns;
    const char* text;
  } table[] = {{0, "0 µs"},
               {250'000, "250 µs"},
               {83'000'000, "83 ms"},
               {999'600'000, "1.0 s"},
               {59'000'000'000, "59 s"},
               {600'000'000'000, "10 min"},
               {9'000'000'000'000, "2.5 h"},
               {864'000'000'000'000, "10 d"}};
  for (const auto& row : table) {
    EXPECT_EQ(short_time(row.ns), row.text) << row.ns;
  }
  EXPECT_EQ(clock_time(7'900'000'000), "0:07");
  EXPECT_EQ(clock_time(754'000'000'000), "12:34");
  EXPECT_EQ(clock_time(3'723'000'000'000), "1:02:03");
  EXPECT_EQ(wall_time(1'769'860'800'000'000), "2026-01-31 12:00:00");
}

}  // namespace
}  // namespace penstock
