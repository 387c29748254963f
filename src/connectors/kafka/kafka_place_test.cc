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
  EXPECT_EQ(kafka_position_text({7, kKafkaNone}), "7");
  EXPECT_EQ(kafka_position_text({7, 5}), "7 5");
  const auto both = parse_kafka_position("7 5");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->next, 7);
  EXPECT_EQ(both->group_had, 5);
  EXPECT_EQ(parse_kafka_position("7")->group_had, kKafkaNone);
  for (const char* bad : {"", "x", "7 ", "7 x", "-1", "7x"}) {
    EXPECT_FALSE(parse_kafka_position(bad)) << bad;
  }
}

TEST(KafkaPlace, reading_goes_on_at_the_further_of_two_places) {
  EXPECT_EQ(kafka_resume(std::nullopt, std::nullopt), std::nullopt);
  EXPECT_EQ(kafka_resume(5, std::nullopt), 5);
  EXPECT_EQ(kafka_resume(std::nullopt, KafkaPosition{7, 3}), 7);
  EXPECT_EQ(kafka_resume(5, KafkaPosition{7, 5}), 7);
  EXPECT_EQ(kafka_resume(9, KafkaPosition{7, 5}), 9);
}

TEST(KafkaPlace, a_group_that_was_reset_is_followed_backwards) {
  EXPECT_EQ(kafka_resume(3, KafkaPosition{7, 5}), 3);
  EXPECT_EQ(kafka_resume(3, KafkaPosition{7, kKafkaNone}), 7);
}

}  // namespace
}  // namespace penstock
