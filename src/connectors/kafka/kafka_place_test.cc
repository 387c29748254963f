// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_place.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(KafkaPlace, names_of_partitions_come_back) {
  EXPECT_EQ(kafka_partition_name("a.b-c", 12), "a.b-c/12");
  const auto part = parse_kafka_partition("a.b-c/12");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->first, "a.b-c");
  EXPECT_EQ(part->second, 12);
  EXPECT_FALSE(parse_kafka_partition("12"));
  EXPECT_FALSE(parse_kafka_partition("a/"));
  EXPECT_FALSE(parse_kafka_partition("a/b"));
}

TEST(KafkaPlace, positions_come_back) {
  EXPECT_EQ(kafka_position_text(7), "7");
  EXPECT_EQ(parse_kafka_position("7"), 7);
  EXPECT_EQ(parse_kafka_position("7 5"), 7) << "written by an older version";
  for (const char* bad : {"", "x", "7 ", "7 x", "-1", "7x"}) {
    EXPECT_FALSE(parse_kafka_position(bad)) << bad;
  }
}

KafkaPlace group_at(int64_t offset, bool ours) { return {"t", 0, offset, ours}; }

TEST(KafkaPlace, reading_goes_on_at_the_further_of_two_places) {
  EXPECT_EQ(kafka_resume(std::nullopt, std::nullopt), std::nullopt);
  EXPECT_EQ(kafka_resume(group_at(5, true), std::nullopt), 5);
  EXPECT_EQ(kafka_resume(std::nullopt, 7), 7);
  EXPECT_EQ(kafka_resume(group_at(5, true), 7), 7);
  EXPECT_EQ(kafka_resume(group_at(9, true), 7), 9);
}

TEST(KafkaPlace, a_group_that_somebody_else_moved_is_followed) {
  EXPECT_EQ(kafka_resume(group_at(3, false), 7), 3);
  EXPECT_EQ(kafka_resume(group_at(9, false), 7), 9);
  EXPECT_EQ(kafka_resume(group_at(3, false), std::nullopt), 3);
}

}  // namespace
}  // namespace penstock
