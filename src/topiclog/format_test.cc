// SPDX-License-Identifier: Apache-2.0
#include "topiclog/format.h"

#include <gtest/gtest.h>

#include "record/headers.h"
#include "topiclog/murmur2.h"
#include "topiclog/segment.h"
#include "topiclog/settings.h"
#include "topiclog/topics.h"

namespace penstock {
namespace {

Record record_of(std::string_view payload, std::string_view key, std::string_view headers) {
  Record record;
  record.payload = payload.data();
  record.payload_size = static_cast<uint32_t>(payload.size());
  record.key = key.data();
  record.key_size = static_cast<uint32_t>(key.size());
  record.headers = headers.empty() ? nullptr : headers.data();
  record.headers_size = static_cast<uint32_t>(headers.size());
  record.event_time_us = -5;
  return record;
}

std::string sample_batch() {
  std::string headers;
  append_header(headers, "a", "1");
  BatchBody body;
  body.add(record_of("payload", "key", headers), 7);
  Record bare;
  body.add(bare, 7);                      // tombstone without key and time
  body.add(record_of("", "", ""), 7);     // empty, not missing
  body.close();
  body.seal(40, 30, 1000);
  return std::string(body.view());
}

TEST(TopicBatch, comes_back_as_it_was_written) {
  const std::string bytes = sample_batch();
  const auto head = decode_head(bytes);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->base, 40u);
  EXPECT_EQ(head->end(), 43u);
  EXPECT_EQ(head->durable, 30u);
  EXPECT_EQ(head->appended_us, 1000);
  EXPECT_EQ(head->time_max_us, 7);
  EXPECT_EQ(head->bytes(), bytes.size());
  const std::string_view body = std::string_view(bytes).substr(kBatchHeadBytes);
  ASSERT_TRUE(body_fits(*head, body));
  std::vector<Record> records;
  ASSERT_TRUE(for_each_record(*head, body, [&](const Record& r) { records.push_back(r); }));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].payload_view(), "payload");
  EXPECT_EQ(records[0].key_view(), "key");
  EXPECT_EQ(*find_header(records[0].headers_view(), "a"), "1");
  EXPECT_EQ(records[0].event_time_us, -5);
  EXPECT_EQ(records[0].position, 40);
  EXPECT_EQ(records[1].payload, nullptr);
  EXPECT_FALSE(records[1].has_key());
  EXPECT_EQ(records[1].event_time_us, 7);
  EXPECT_NE(records[2].payload, nullptr);
  EXPECT_TRUE(records[2].has_key());
  EXPECT_EQ(records[2].payload_size + records[2].key_size, 0u);
}

TEST(TopicBatch, every_flipped_bit_is_found) {
  const std::string bytes = sample_batch();
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
      const auto head = decode_head(flipped);
      const bool right = head && body_fits(*head, std::string_view(flipped).substr(64));
      EXPECT_FALSE(right) << "byte " << at << " bit " << bit;
    }
  }
}

TEST(TopicBatch, closes_where_the_next_record_would_not_fit_an_arena) {
  BatchBody body;
  const std::string payload(1000, 'x');
  const Record record = record_of(payload, "k", "");
  while (body.fits(record)) body.add(record, 0);
  EXPECT_LE(body.bytes(), kBatchBytesGoal);
  EXPECT_GT(body.bytes() + BatchBody::size_of(record), kBatchBytesGoal);
  BatchBody large;
  const std::string huge(200'000, 'x');
  EXPECT_TRUE(large.fits(record_of(huge, "", "")));
  large.add(record_of(huge, "", ""), 0);
  EXPECT_FALSE(large.fits(record_of("", "", "")));
}

TEST(TopicFiles, names_of_segments_sort_as_their_offsets) {
  EXPECT_EQ(segment_name(1234), "00000000000000001234.log");
  EXPECT_EQ(index_name(1234), "00000000000000001234.index");
  EXPECT_EQ(segment_base(segment_name(UINT64_MAX)), UINT64_MAX);
  EXPECT_FALSE(segment_base("0000000000000000123x.log"));
  EXPECT_FALSE(segment_base("1234.log"));
  EXPECT_FALSE(segment_base("00000000000000001234.index"));
}

TEST(TopicFiles, settings_come_back_and_damage_is_named) {
  TopicSettings settings;
  settings.partitions = 7;
  settings.retention = seconds(60);
  const std::string bytes = encode_settings(settings);
  EXPECT_EQ(*decode_settings(bytes, "topic"), settings);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    const auto decoded = decode_settings(flipped, "topic");
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, "topic-damaged");
    EXPECT_FALSE(decode_settings(bytes.substr(0, at), "topic"));
  }
}

TEST(TopicFiles, a_later_version_is_told_from_damage) {
  std::string bytes = encode_settings({});
  bytes[8] = 2;
  std::string body = bytes.substr(0, bytes.size() - 8);
  const std::string sealed = sealed_file("PNSTKTOP", body.substr(12));
  EXPECT_TRUE(decode_settings(sealed, "topic"));
  EXPECT_EQ(decode_settings(bytes, "topic").error().code, "topic-damaged");
}

TEST(TopicFiles, limits_have_one_clear_error_each) {
  TopicSettings settings;
  EXPECT_TRUE(check_topic_settings(settings));
  settings.partitions = 0;
  EXPECT_EQ(check_topic_settings(settings).error().code, "bad-topic-settings");
  settings.partitions = kPartitionsMax;
  EXPECT_TRUE(check_topic_settings(settings));
  settings.partitions = kPartitionsMax + 1;
  EXPECT_FALSE(check_topic_settings(settings));
  for (const char* good : {"a", "orders.v1", "A_b-3"}) EXPECT_TRUE(check_topic_name(good)) << good;
  for (const char* bad : {"", ".a", "a/b", "a b", "\xc3\xa4"}) {
    EXPECT_EQ(check_topic_name(bad).error().code, "bad-topic-name") << bad;
  }
  EXPECT_TRUE(check_topic_name(std::string(kTopicNameBytesMax, 'a')));
  EXPECT_FALSE(check_topic_name(std::string(kTopicNameBytesMax + 1, 'a')));
}

TEST(TopicFiles, groups_come_back_and_ascend) {
  const GroupOffsets offsets = {{0, 5}, {3, 1}};
  EXPECT_EQ(*decode_group(encode_group(offsets), "g"), offsets);
  EXPECT_EQ(*decode_group(encode_group({}), "g"), GroupOffsets());
  EXPECT_FALSE(decode_group(encode_group(offsets).substr(1), "g"));
}

// Values of org.apache.kafka.common.utils.Utils.murmur2, from Kafka's own tests.
TEST(Murmur2, is_that_of_the_java_client) {
  EXPECT_EQ(static_cast<int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<int32_t>(murmur2("abc")), 479470107);
}

}  // namespace
}  // namespace penstock
