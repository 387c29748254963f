// SPDX-License-Identifier: Apache-2.0
#include "topiclog/topic_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "topiclog/test_topic.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

TEST(TopicWriter, what_is_appended_can_be_read_at_once_and_after_a_restart) {
  TestTopic topic;
  auto reader = topic.read();
  EXPECT_EQ(topic.payloads(*reader), Texts());
  auto writer = topic.write();
  EXPECT_EQ(*append(*writer, {"a", "b"}), 2u);
  EXPECT_EQ(topic.payloads(*reader), (Texts{"a", "b"}));
  writer.reset();
  EXPECT_EQ(*append(*topic.write(), {"c"}), 3u);
  EXPECT_EQ(topic.payloads(*reader), (Texts{"a", "b", "c"}));
  EXPECT_EQ(topic.payloads(*reader, 0, 1), (Texts{"b", "c"}));
}

TEST(TopicWriter, is_the_only_one) {
  TestTopic topic;
  const auto writer = topic.write();
  const auto second = TopicWriter::open(topic.place, topic.folder, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "topic-in-use");
  EXPECT_EQ(delete_topic(topic.disk, topic.folder).error().code, "topic-in-use");
}

TEST(TopicWriter, shows_nothing_before_it_is_durable_where_that_is_the_policy) {
  TestTopic topic;
  const auto writer = topic.write({TopicFsync::kAlways, {}, {}});
  const auto reader = topic.read();
  BatchBody body = body_of({"a"});
  ASSERT_TRUE(writer->append_only(0, {&body, 1}));
  EXPECT_EQ(topic.payloads(*reader), Texts());
  ASSERT_TRUE(writer->sync());
  EXPECT_EQ(topic.payloads(*reader), Texts{"a"});
}

TEST(TopicWriter, a_full_disk_leaves_the_log_as_it_was_and_may_be_tried_again) {
  TestTopic topic;
  const auto writer = topic.write();
  ASSERT_TRUE(append(*writer, {"a"}));
  topic.disk.set_faults({.full = 1000});
  const auto refused = append(*writer, {"b"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "disk-full");
  EXPECT_EQ(refused.error().reaction, Reaction::kRetryLater);
  topic.disk.set_faults({});
  EXPECT_EQ(*append(*writer, {"b"}), 2u);
  EXPECT_EQ(topic.payloads(*topic.read()), (Texts{"a", "b"}));
}

TEST(TopicWriter, damage_of_what_had_been_safe_is_refused_and_not_cut_off) {
  TestTopic topic;
  {
    const auto writer = topic.write({TopicFsync::kAlways, {}, {}});
    for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(append(*writer, {text}));
  }
  topic.disk.flip(topic.folder + "/0/" + segment_name(0), kBatchHeadBytes + 3, 1);
  const auto writer = TopicWriter::open(topic.place, topic.folder, {});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, "topic-damaged");
}

TEST(TopicWriter, a_reader_names_damage_and_gives_what_is_in_front_of_it) {
  TestTopic topic;
  const auto writer = topic.write();
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(append(*writer, {text}));
  const uint64_t batch = kBatchHeadBytes + kRecordHeadBytes + 1;
  topic.disk.flip(topic.folder + "/0/" + segment_name(0), batch + kBatchHeadBytes + 3, 1);
  auto reader = topic.read();
  ASSERT_TRUE(reader->partition(0).seek(0, 3));
  const auto first = reader->partition(0).read(topic.arenas, 3);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->next, 1u);
  EXPECT_EQ(reader->partition(0).read(topic.arenas, 3).error().code, "topic-damaged");
}

TEST(TopicWriter, old_segments_go_by_size_and_those_that_are_open_can_be_read_on) {
  TopicSettings settings;
  settings.segment_bytes = kibibytes(4);
  settings.retention_bytes = kibibytes(8);
  TestTopic topic(settings);
  const auto writer = topic.write();
  Texts all;
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) {
      all.push_back(std::to_string(all.size()) + std::string(500, 'x'));
      ASSERT_TRUE(append(*writer, {all.back()}));
    }
  };
  add(10);
  const auto reader = topic.read();
  ASSERT_TRUE(reader->partition(0).seek(0, 10));
  add(100);
  const auto chunk = reader->partition(0).read(topic.arenas, 110);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->parts.front().head.base, 0u);
  const auto beyond = reader->partition(0).read(topic.arenas, 110);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, "topic-offset-gone");
  EXPECT_EQ(reader->partition(0).seek(0, 110).error().code, "topic-offset-gone");
  const uint64_t start = *reader->partition(0).start();
  EXPECT_GT(start, 80u);
  EXPECT_EQ(start, writer->partition(0).start());
  EXPECT_EQ(topic.payloads(*reader, 0, start),
            Texts(all.begin() + static_cast<long>(start), all.end()));
}

TEST(TopicWriter, old_segments_go_by_time_even_the_last_one_once_it_is_old) {
  TopicSettings settings;
  settings.retention = seconds(60);
  TestTopic topic(settings);
  const auto writer = topic.write();
  ASSERT_TRUE(append(*writer, {"a"}));
  topic.clock.advance_ns(59'000'000'000);
  ASSERT_TRUE(writer->retain());
  EXPECT_EQ(writer->partition(0).start(), 0u);
  topic.clock.advance_ns(2'000'000'000);
  ASSERT_TRUE(writer->retain());
  EXPECT_EQ(writer->partition(0).start(), 1u);
  EXPECT_EQ(*append(*writer, {"b"}), 2u);
  EXPECT_EQ(topic.payloads(*topic.read(), 0, 1), Texts{"b"});
}

TEST(TopicWriter, finds_offsets_by_time_with_and_without_indexes) {
  TopicSettings settings;
  settings.segment_bytes = mebibytes(1);
  TestTopic topic(settings);
  const auto writer = topic.write();
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(append(*writer, {std::string(9000, 'x'), "y"}, 0, i * 10));
  }
  const auto reader = topic.read();
  const auto check = [&] {
    for (const int64_t us : {-1, 0, 1, 10, 1995, 2000, 3990}) {
      const uint64_t wanted = us <= 0 ? 0 : 2 * static_cast<uint64_t>((us + 9) / 10);
      EXPECT_EQ(*reader->partition(0).find_time(us, 800), wanted) << us;
    }
    EXPECT_EQ(*reader->partition(0).find_time(3991, 800), 800u);
    for (const uint64_t from : {0u, 1u, 399u, 500u, 799u}) {
      EXPECT_EQ(topic.payloads(*reader, 0, from).size(), 800 - from);
    }
  };
  check();
  const auto bases = list_segments(topic.disk, topic.folder + "/0");
  for (const uint64_t base : *bases) {
    ASSERT_TRUE(topic.disk.remove(topic.folder + "/0/" + index_name(base)));
  }
  check();
}

TEST(TopicWriter, a_record_larger_than_any_arena_is_read_between_small_ones) {
  TestTopic topic;
  const auto writer = topic.write();
  Texts all;
  for (const size_t size : {1u, 65'000u, 65'450u, 65'448u, 300'000u, 2u, 3'000'000u, 3u}) {
    all.push_back(std::string(size, 'x'));
    ASSERT_TRUE(append(*writer, {all.back()}));
  }
  EXPECT_TRUE(topic.payloads(*topic.read()) == all);
}

TEST(TopicWriter, concurrent_appends_share_syncs_and_none_is_lost) {
  TopicSettings settings;
  settings.segment_bytes = kibibytes(16);
  TestTopic topic(settings);
  constexpr int kThreads = 4, kEach = 200;
  {
    const auto writer = topic.write({TopicFsync::kAlways, {}, {}});
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const std::string text = std::to_string(t) + ":" + std::to_string(i);
          const auto end = append(*writer, {text});
          // Acknowledged is durable is visible.
          if (!end || writer->partition(0).visible() < *end) ++wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
  }
  topic.disk.crash(SimDisk::Crash::kPower);
  topic.tails.restart();
  std::vector<int> next(kThreads);
  for (const std::string& text : topic.payloads(*topic.read())) {
    const int t = text[0] - '0';
    EXPECT_EQ(text, std::to_string(t) + ":" + std::to_string(next[static_cast<size_t>(t)]++));
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kEach));
}

TEST(TopicWriter, many_finished_segments_wait_for_the_disk_while_others_sync_and_none_is_lost) {
  TopicSettings settings;
  settings.segment_bytes = kibibytes(4);
  TestTopic topic(settings);
  constexpr int kThreads = 4, kEach = 150;
  {
    const auto writer = topic.write();
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {  // each in a segment of its own
          BatchBody body = body_of({std::to_string(t) + ":" + std::string(3000, 'x')});
          if (!writer->append_only(0, {&body, 1})) ++wrong;
          if (i % 16 == 0 && !writer->sync()) ++wrong;
        }
        if (!writer->sync()) ++wrong;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
  }
  topic.disk.crash(SimDisk::Crash::kPower);
  topic.tails.restart();
  EXPECT_EQ(topic.payloads(*topic.read()).size(), size_t{kThreads * kEach});
}

TEST(TopicWriter, looks_after_what_ages_by_itself_whatever_the_policy) {
  TopicSettings settings;
  settings.retention = seconds(60);
  for (const TopicFsync fsync : {TopicFsync::kAlways, TopicFsync::kInterval, TopicFsync::kNever}) {
    TestTopic topic(settings);
    const auto writer = topic.write({fsync, milliseconds(1), {}});
    ASSERT_TRUE(append(*writer, {"a"}));
    topic.clock.advance_ns(61'000'000'000);
    while (writer->partition(0).start() == 0) std::this_thread::yield();
    EXPECT_EQ(topic.payloads(*topic.read(), 0, 1), Texts());
  }
}

TEST(TopicTransaction, is_seen_by_its_commit_and_goes_without_it) {
  TestTopic topic;
  const TopicWriterOptions options{TopicFsync::kAlways, {}, "flow"};
  auto writer = topic.write(options);
  const auto reader = topic.read();
  ASSERT_TRUE(append(*writer, {"a"}));
  const auto first = writer->ends();
  ASSERT_TRUE(append(*writer, {"b"}));
  EXPECT_EQ(topic.payloads(*reader), Texts());
  ASSERT_TRUE(writer->commit(first));
  EXPECT_EQ(topic.payloads(*reader), Texts{"a"});
  ASSERT_TRUE(writer->commit(first));
  writer.reset();
  topic.disk.crash(SimDisk::Crash::kPower);
  topic.tails.restart();
  EXPECT_EQ(topic.payloads(*topic.read()), Texts{"a"});
  EXPECT_EQ(TopicWriter::open(topic.place, topic.folder, {}).error().code, "topic-pending");
  EXPECT_EQ(TopicWriter::open(topic.place, topic.folder, {TopicFsync::kNever, {}, "other"})
                .error().code, "topic-pending");
  writer = topic.write(options);
  ASSERT_TRUE(writer->rewind(first));
  ASSERT_TRUE(append(*writer, {"c"}));
  EXPECT_EQ(topic.payloads(*topic.read()), Texts{"a"});
  ASSERT_TRUE(writer->commit(writer->ends()));
  EXPECT_EQ(topic.payloads(*topic.read()), (Texts{"a", "c"}));
  EXPECT_EQ(writer->commit({99}).error().code, "topic-records-lost");
  writer.reset();
  EXPECT_EQ(*append(*topic.write(), {"d"}), 3u);  // nothing waits any more
}

TEST(TopicTransaction, a_sync_that_fails_takes_nothing_back_that_waits_for_its_commit) {
  TestTopic topic;
  const TopicWriterOptions options{TopicFsync::kNever, {}, "flow"};
  auto writer = topic.write(options);
  ASSERT_TRUE(append(*writer, {"a"}));
  const std::vector<uint64_t> prepared = writer->ends();  // survives a kill from here on
  topic.disk.set_faults({.failed = 1000});
  EXPECT_EQ(writer->sync().error().code, "topic-sync-failed");
  topic.disk.set_faults({});
  writer.reset();
  writer = topic.write(options);
  ASSERT_TRUE(writer->commit(prepared));
  ASSERT_TRUE(writer->rewind(prepared));
  EXPECT_EQ(topic.payloads(*topic.read()), Texts{"a"});
}

TEST(Topics, are_created_once_listed_described_and_deleted) {
  TestTopic topic;
  EXPECT_TRUE(create_topic(topic.disk, "/topics", "t", {}, 5));
  TopicSettings other;
  other.partitions = 2;
  EXPECT_EQ(create_topic(topic.disk, "/topics", "t", other, 5).error().code, "topic-exists");
  EXPECT_EQ(*list_topics(topic.disk, "/topics"), Texts{"t"});
  EXPECT_EQ(*list_topics(topic.disk, "/nowhere"), Texts());
  ASSERT_TRUE(append(*topic.write(), {"a", "b"}));
  ASSERT_TRUE(save_group(topic.disk, topic.folder, "g", {{0, 1}}));
  const auto view = describe_topic(topic.place, topic.folder);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->partitions.at(0).end, 2u);
  EXPECT_EQ(view->groups.at("g").at(0), 1u);
  {
    const auto group = lock_group(topic.disk, topic.folder, "g");
    EXPECT_EQ(lock_group(topic.disk, topic.folder, "g").error().code, "topic-group-in-use");
  }
  ASSERT_TRUE(delete_topic(topic.disk, topic.folder));
  EXPECT_EQ(load_topic(topic.disk, topic.folder).error().code, "topic-not-found");
  EXPECT_EQ(*list_topics(topic.disk, "/topics"), Texts());
}

}  // namespace
}  // namespace penstock
