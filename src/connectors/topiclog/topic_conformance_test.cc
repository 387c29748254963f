// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "connectors/topiclog/topic.h"
#include "record/headers.h"
#include "sdk/conformance/conformance.h"
#include "topiclog/system_topics.h"
#include "topiclog/topic_writer.h"

namespace penstock {
namespace {

using namespace conformance;

/// Appends payloads, eight a batch.
void fill(const Clock& clock, const std::string& root, const std::string& name,
          uint32_t partitions, const std::vector<std::string>& payloads) {
  const SystemTopics topics(clock);
  TopicSettings settings;
  settings.partitions = partitions;
  settings.segment_bytes = kibibytes(8);
  CHECK(create_topic(topics.disk(), root, name, settings, 0).has_value());
  auto writer = TopicWriter::open(topics.place(), root + "/" + name, {TopicFsync::kNever, {}, {}});
  CHECK(writer.has_value());
  for (size_t at = 0; at < payloads.size();) {
    BatchBody body;
    const auto partition = static_cast<uint32_t>(at / 8 % partitions);
    for (size_t i = 0; i < 8 && at < payloads.size(); ++i, ++at) {
      Record record;
      record.payload = payloads[at].data();
      record.payload_size = static_cast<uint32_t>(payloads[at].size());
      body.add(record, 1);
    }
    body.close();
    CHECK((*writer)->append(partition, {&body, 1}).has_value());
  }
}

std::vector<std::string> read_all(const Clock& clock, const std::string& folder) {
  const SystemTopics topics(clock);
  ArenaPool arenas;
  std::vector<std::string> payloads;
  auto reader = TopicReader::open(topics.place(), folder);
  CHECK(reader.has_value());
  for (uint32_t p = 0; p < (*reader)->settings().partitions; ++p) {
    const uint64_t end = *(*reader)->visible(p);
    if (end == 0) continue;
    CHECK((*reader)->partition(p).seek(0, end).has_value());
    for (uint64_t next = 0; next < end;) {
      const auto chunk = (*reader)->partition(p).read(arenas, end);
      CHECK(chunk.has_value());
      for (const TopicChunk::Part& part : chunk->parts) {
        CHECK(for_each_record(part.head, part.body, [&](const Record& record) {
          payloads.emplace_back(record.payload_view());
        }));
      }
      next = chunk->next;
    }
  }
  return payloads;
}

void records_of_a_topic(Fixture& fixture) {
  for (int i = 0; i < 1500; ++i) {
    fixture.expected.push_back("record " + std::to_string(i) + std::string(i % 90, '.'));
  }
  fill(fixture.services.clock, fixture.folder.path(), "t", 1, fixture.expected);
  fixture.options = map({{"topic", "t"}, {"folder", fixture.folder.path()}, {"follow", false}});
}

void records_to_a_topic(Fixture& fixture) {
  const std::string root = fixture.folder.path();
  fixture.options = map({{"topic", "t"}, {"folder", root}, {"fsync", "never"}});
  fixture.read_back = [&clock = fixture.services.clock, root] {
    return read_all(clock, root + "/t");
  };
}

const bool kConforms = inherit(register_topic, {{"topic", ComponentKind::kSource,
                                                 records_of_a_topic},
                                                {"topic", ComponentKind::kSink,
                                                 records_to_a_topic}});

/// A topic in a folder, and its source and sink.
struct Topic : testing::Test {
  TempFolder folder;
  Services services;
  Catalog catalog;
  Topic() { register_topic(catalog); }
  std::shared_ptr<const Bound> source(
      std::initializer_list<std::pair<std::string, NodeValue>> more = {}) {
    return bind(catalog, "topic", ComponentKind::kSource, with(more));
  }
  std::shared_ptr<const Bound> sink(
      std::initializer_list<std::pair<std::string, NodeValue>> more = {}) {
    return bind(catalog, "topic", ComponentKind::kSink, with(more));
  }
  Node with(std::initializer_list<std::pair<std::string, NodeValue>> more) {
    Node node = map(more);
    const Node own = map({{"topic", "t"}, {"folder", folder.path()}});
    node.entries.insert(node.entries.end(), own.entries.begin(), own.entries.end());
    return node;
  }
};

TEST_F(Topic, keeps_keys_headers_times_and_tombstones) {
  SinkHarness out(services, sink());
  ASSERT_TRUE(out.open());
  out.write(make_batch(services, std::vector<TestRecord>{{"a", "k", 5, {{"h", "1"}}}, {"b"}}));
  BatchBuilder builder(services.pool);
  Record& tombstone = builder.append("");
  builder.set_key(tombstone, "gone");
  tombstone.payload = nullptr;
  out.write(builder.take());
  ASSERT_TRUE(out.deliver());
  SourceHarness in(services, source({{"follow", false}}));
  ASSERT_TRUE(in.open());
  in.pull_all();
  ASSERT_EQ(in.out.records.size(), 3u);
  EXPECT_EQ(in.out.records[0].key, "k");
  EXPECT_EQ(in.out.records[0].header("h"), "1");
  EXPECT_EQ(in.out.records[0].event_time_us, 5);
  EXPECT_FALSE(in.out.records[1].has_key);
  EXPECT_EQ(in.out.records[1].event_time_us, services.clock.wall_us());
  EXPECT_EQ(in.out.records[2].position, 2);
  EXPECT_EQ(in.out.records[2].key, "gone");
  const SystemTopics topics(services.clock);
  auto reader = TopicReader::open(topics.place(), folder / "t");
  ASSERT_TRUE((*reader)->partition(0).seek(2, 3));
  ArenaPool arenas;
  const auto chunk = (*reader)->partition(0).read(arenas, 3);
  ASSERT_TRUE(chunk);
  const TopicChunk::Part& part = chunk->parts.back();
  const char* payload = "";
  ASSERT_TRUE(for_each_record(part.head, part.body, [&](const Record& r) { payload = r.payload; }));
  EXPECT_EQ(payload, nullptr);
}

TEST_F(Topic, a_source_may_make_the_topic_that_it_waits_for) {
  SourceHarness without(services, source());
  EXPECT_FALSE(without.open());
  SourceHarness first(services, source({{"create", true}, {"partitions", 3}}));
  ASSERT_TRUE(first.open());
  SinkHarness out(services, sink({{"partitions", 1}}));
  ASSERT_TRUE(out.open());  // it takes the topic as it is
  out.write(make_batch(services, std::vector<TestRecord>{{"a"}}));
  ASSERT_TRUE(out.deliver());
  SourceHarness in(services, source({{"create", true}, {"follow", false}}));
  ASSERT_TRUE(in.open());
  in.pull_all();
  EXPECT_EQ(in.out.records.size(), 1u);
  const SystemTopics topics(services.clock);
  EXPECT_EQ(load_topic(topics.disk(), folder / "t")->partitions, 3u);
}

TEST_F(Topic, keys_go_where_the_java_client_would_put_them) {
  SinkHarness out(services, sink({{"partitions", 16}}));
  ASSERT_TRUE(out.open());
  out.write(make_batch(
      services, std::vector<TestRecord>{{"a", "foobar"}, {"b", "21"}, {"c", "foobar"}}));
  ASSERT_TRUE(out.deliver());
  const SystemTopics topics(services.clock);
  const auto view = describe_topic(topics.place(), folder / "t");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->partitions[(-790332482 & 0x7fffffff) % 16].end, 2u);
  EXPECT_EQ(view->partitions[(-973932308 & 0x7fffffff) % 16].end, 1u);
}

TEST_F(Topic, follows_what_is_appended_and_is_woken_for_it) {
  SinkHarness out(services, sink());
  ASSERT_TRUE(out.open());
  SourceHarness in(services, source({{"start", "latest"}}));
  ASSERT_TRUE(in.open());
  EXPECT_EQ(in.pull_all().state, Pull::State::kIdle);
  out.write({"a", "b"});
  ASSERT_TRUE(out.deliver());
  services.blocking.inline_work = true;
  in.pull_threaded(2);
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(in.barrier().at("0").finished, false);
  in.close();
}

TEST_F(Topic, starts_where_it_is_told_to) {
  SinkHarness out(services, sink());
  ASSERT_TRUE(out.open());
  for (int i = 0; i < 10; ++i) {
    out.write(make_batch(services,
                         std::vector<TestRecord>{{std::to_string(i), "", i * 1000}}));
    ASSERT_TRUE(out.deliver());
  }
  const auto first = [&](std::initializer_list<std::pair<std::string, NodeValue>> more) {
    SourceHarness in(services, source(more));
    CHECK(in.open().has_value());
    in.pull_all();
    return in.out.records.empty() ? "nothing" : in.out.records[0].payload;
  };
  EXPECT_EQ(first({{"follow", false}}), "0");
  EXPECT_EQ(first({{"follow", false}, {"start", "latest"}}), "nothing");
  EXPECT_EQ(first({{"follow", false}, {"start", "time"}, {"start_time_ms", 4}}), "4");
  EXPECT_EQ(first({{"follow", false}, {"start", "offsets"}, {"start_offsets", map({{"0", 7}})}}),
            "7");
}

TEST_F(Topic, a_group_goes_on_in_another_pipeline_and_is_read_by_one_at_a_time) {
  fill(services.clock, folder.path(), "t", 2, {"a", "b", "c"});
  SourceHarness first(services, source({{"follow", false}, {"group", "g"}}));
  ASSERT_TRUE(first.open());
  first.pull_all();
  EXPECT_EQ(first.out.records.size(), 3u);
  first.source().committed(first.barrier());
  services.blocking.run_all();
  {
    SourceHarness second(services, source({{"group", "g"}}));
    const auto refused = second.open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "topic-group-in-use");
  }
}

TEST_F(Topic, a_group_is_free_again_once_its_reader_is_gone) {
  fill(services.clock, folder.path(), "t", 1, {"a", "b", "c"});
  {
    SourceHarness first(services, source({{"follow", false}, {"group", "g"}}));
    ASSERT_TRUE(first.open());
    first.pull_all();
    first.source().committed(first.barrier());
    services.blocking.run_all();
  }
  SourceHarness second(services, source({{"follow", false}, {"group", "g"}}));
  ASSERT_TRUE(second.open());
  second.pull_all();
  EXPECT_TRUE(second.out.records.empty());
}

TEST_F(Topic, a_log_that_was_made_anew_is_not_taken_for_the_old_one) {
  fill(services.clock, folder.path(), "t", 1, {"a", "b", "c"});
  Positions at;
  {
    SourceHarness in(services, source({{"follow", false}}));
    ASSERT_TRUE(in.open());
    in.pull_all();
    at = in.barrier();
  }
  const SystemTopics topics(services.clock);
  ASSERT_TRUE(delete_topic(topics.disk(), folder / "t"));
  fill(services.clock, folder.path(), "t", 1, {"x", "y"});
  SourceHarness shorter(services, source({{"follow", false}}));
  EXPECT_EQ(shorter.open(at).error().code, "topic-rewritten");
  ASSERT_TRUE(delete_topic(topics.disk(), folder / "t"));
  fill(services.clock, folder.path(), "t", 1, {"x", "y", "z", "zz"});
  SourceHarness other(services, source({{"follow", false}}));
  EXPECT_EQ(other.open(at).error().code, "topic-rewritten");
  SourceHarness bold(services, source({{"follow", false}, {"lost", "skip"}}));
  ASSERT_TRUE(bold.open(at));
  bold.pull_all();
  EXPECT_EQ(bold.out.payloads(), std::vector<std::string>{"zz"});
}

TEST_F(Topic, a_record_that_is_too_large_is_rejected_alone) {
  SinkHarness out(services, sink({{"max_record_bytes", 10}}));
  ASSERT_TRUE(out.open());
  out.write({"small", std::string(11, 'x'), "also small"});
  ASSERT_TRUE(out.deliver());
  ASSERT_EQ(out.out.rejected.size(), 1u);
  EXPECT_EQ(out.out.rejected[0].error.code, "record-too-large");
  EXPECT_EQ(read_all(services.clock, folder / "t"),
            (std::vector<std::string>{"small", "also small"}));
}

TEST_F(Topic, exactly_once_shows_nothing_before_the_commit) {
  SinkHarness out(services, sink());
  out.context.exactly_once = true;
  out.context.fresh = true;
  ASSERT_TRUE(out.open());
  out.write({"a"});
  const Epoch epoch = out.barrier(true);
  out.settle();
  ASSERT_EQ(out.out.newest_delivered(), epoch);
  const SinkHandles handles = out.sink().prepare(epoch);
  EXPECT_EQ(read_all(services.clock, folder / "t"), std::vector<std::string>());
  ASSERT_TRUE(out.sink().commit(epoch, handles));
  EXPECT_EQ(read_all(services.clock, folder / "t"), std::vector<std::string>{"a"});
}

TEST_F(Topic, options_that_contradict_are_refused) {
  EXPECT_NE(bind_problems(catalog, "topic", ComponentKind::kSource,
                          map({{"topic", "a/b"}})).find("bad-topic-name"), std::string::npos);
  EXPECT_NE(bind_problems(catalog, "topic", ComponentKind::kSource,
                          with({{"start_time_ms", 5}})).find("option-conflict"),
            std::string::npos);
  SinkHarness out(services, sink({{"fsync", "never"}}));
  out.context.durability = Durability::kPower;
  EXPECT_EQ(out.open().error().code, "option-conflict");
}

}  // namespace
}  // namespace penstock
