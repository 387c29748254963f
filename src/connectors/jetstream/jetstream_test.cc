// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>

#include "connectors/jetstream/jetstream_source.h"
#include "connectors/jetstream/jetstream_test_stream.h"
#include "sdk/commit_point.h"
#include "sdk/identities.h"

namespace penstock {
namespace {

using namespace conformance;

/// The source and the sink, and a stream.
struct JetStream : testing::Test {
  Services services;
  Catalog catalog;
  NatsTestServer& server = NatsTestServer::shared();
  JetStream() { register_jetstream(catalog); }
  void SetUp() override {
    static const bool since_2_10 = NatsTestServer::since_2_10();
    if (!since_2_10) GTEST_SKIP() << "server 2.9 gives back late what a source left";
  }

  std::shared_ptr<const Bound> source(const JetStreamTestStream& stream, Node more = map({})) {
    return component(ComponentKind::kSource, stream, more, {{"stream", stream.name()}});
  }
  std::shared_ptr<const Bound> sink(const JetStreamTestStream& stream, Node more = map({})) {
    return component(ComponentKind::kSink, stream, more, {{"subject", stream.name()}});
  }
  std::shared_ptr<const Bound> component(
      ComponentKind kind, const JetStreamTestStream& stream, Node node,
      std::initializer_list<std::pair<std::string, NodeValue>> defaults) {
    const auto add = [&](const Node& own) {
      for (const auto& entry : own.entries) {
        if (node.find(entry.key) == nullptr) node.entries.push_back(entry);
      }
    };
    add(map(defaults));
    add(map({{"url", stream.url()}}));
    return bind(catalog, "jetstream", kind, node);
  }
  bool deliver(SinkHarness& out) {
    const Epoch epoch = out.barrier();
    while (out.out.newest_delivered() < epoch && out.out.errors.empty()) {
      if (!out.waker.wait()) return false;
      out.wake();
    }
    return out.out.errors.empty();
  }
  /// So many times 500 ms: a message that the server gives again after as many ack waits.
  void wait_by_the_servers_clock(int64_t waits) {
    JetStreamTestStream clock(server);
    clock.publish({"tick"});
    std::mutex mutex;
    std::condition_variable heard;
    int64_t given = 0;
    const auto session = server.session();
    const std::string inbox = session->new_inbox();
    ASSERT_TRUE(session->subscribe(inbox, "", [&](const NatsMessage&) {
      const std::lock_guard lock(mutex);
      ++given;
      heard.notify_all();
    }));
    JetStreamConsumerWish wish;
    wish.stream = clock.name();
    wish.name = "clock";
    wish.ack_wait = milliseconds(500);
    ASSERT_TRUE(JetStreamApi(*session).make_consumer(wish));
    ASSERT_TRUE(session->publish("$JS.API.CONSUMER.MSG.NEXT." + clock.name() + ".clock",
                                 inbox.c_str(), "{\"batch\":100}"));
    std::unique_lock lock(mutex);
    heard.wait(lock, [&] { return given > waits; });
  }
};

std::vector<std::string> numbers(int from, int count) {
  std::vector<std::string> all;
  for (int i = from; i < from + count; ++i) all.push_back(std::to_string(i));
  return all;
}

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

TEST_F(JetStream, keys_headers_subjects_and_times_reach_the_other_side) {
  JetStreamTestStream stream(server);
  SinkHarness out(services, sink(stream, map({{"stream", stream.name()},
                                              {"subject_header", "to"}})));
  ASSERT_TRUE(out.open());
  out.write(make_batch(services, std::vector<TestRecord>{
      {"one", "k1", kNoEventTime, {{"h", "1"}}},
      {"", "", kNoEventTime, {{"to", stream.name() + ".b"}}}}));
  ASSERT_TRUE(deliver(out));
  const Collected in = stream.read();
  ASSERT_EQ(in.records.size(), 2u);
  EXPECT_EQ(in.records[0].payload, "one");
  EXPECT_EQ(in.records[0].key, "k1");
  EXPECT_EQ(in.records[0].header("h"), "1");
  EXPECT_EQ(in.records[0].header("Penstock-Subject"), stream.name());
  EXPECT_EQ(in.records[0].position, 1);
  EXPECT_GT(in.records[0].event_time_us, 1'700'000'000'000'000);
  EXPECT_EQ(in.records[1].payload, "");
  EXPECT_FALSE(in.records[1].has_key);
  EXPECT_EQ(in.records[1].header("Penstock-Subject"), stream.name() + ".b");
}

TEST_F(JetStream, what_was_not_committed_is_given_again_and_nothing_else) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 100));
  const auto bound = source(stream, map({{"consumer", "c"}, {"ack_wait", "500ms"},
                                         {"follow", false}}));
  std::set<std::string> committed, rest;
  {
    SourceHarness in(services, bound);
    in.context.batch_records_max = 10;
    ASSERT_TRUE(in.open());
    in.pull_threaded(30);
    for (const std::string& payload : in.out.payloads()) committed.insert(payload);
    in.source().committed(in.barrier());
    in.pull_threaded(60);  // delivered to nobody
    in.close();            // the acknowledgements of the first ones are out now
  }
  SourceHarness in(services, bound);
  ASSERT_TRUE(in.open());
  EXPECT_EQ(in.pull_threaded().state, Pull::State::kEnd);
  for (const std::string& payload : in.out.payloads()) {
    EXPECT_FALSE(committed.contains(payload)) << payload;
    EXPECT_TRUE(rest.insert(payload).second) << payload;
  }
  EXPECT_EQ(committed.size() + rest.size(), 100u);
}

TEST_F(JetStream, what_a_dead_process_left_comes_first_where_nobody_shares_the_consumer) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 10));
  JetStreamConsumerWish wish;
  wish.stream = stream.name();
  wish.name = "c";
  wish.ack_wait = seconds(3600);
  wish.max_ack_pending = 20'000;
  JetStreamApi api(stream.session());
  ASSERT_TRUE(api.make_consumer(wish));
  for (int i = 0; i < 3; ++i) {  // taken, and never acknowledged
    ASSERT_TRUE(stream.session().request(
        "$JS.API.CONSUMER.MSG.NEXT." + stream.name() + ".c", "", seconds(10)));
  }
  const auto can = api.rewind_consumer(stream.name(), "c");
  ASSERT_TRUE(can);
  if (!*can) GTEST_SKIP() << "this server cannot rewind a consumer";
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(stream.session().request(
        "$JS.API.CONSUMER.MSG.NEXT." + stream.name() + ".c", "", seconds(10)));
  }
  SourceHarness in(services, source(stream, map({{"consumer", "c"}, {"ack_wait", "1h"},
                                                 {"alone", true}})));
  ASSERT_TRUE(in.open());
  in.pull_threaded(10);
  EXPECT_EQ(in.out.payloads(), numbers(0, 10));
}

TEST_F(JetStream, one_task_alone_keeps_the_order_and_says_so) {
  JetStreamTestStream stream(server);
  EXPECT_TRUE(source(stream)->traits.unordered);
  const auto alone = source(stream, map({{"alone", true}}));
  EXPECT_FALSE(alone->traits.unordered);
  EXPECT_TRUE(alone->traits.single_task);
}

TEST_F(JetStream, what_was_delivered_too_often_is_rejected_and_never_given_again) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 3));
  const auto bound = source(stream, map({{"consumer", "c"}, {"ack_wait", "500ms"},
                                         {"poison_after", 2}, {"follow", false}}));
  for (int delivery = 0; delivery < 2; ++delivery) {
    SourceHarness in(services, bound);
    ASSERT_TRUE(in.open());
    in.pull_threaded(3);  // read, and nothing is committed
    EXPECT_EQ(in.out.payloads().size(), 3u) << delivery;
    EXPECT_TRUE(in.out.rejected.empty());
    in.close();
  }
  stream.publish({"new"});
  {
    SourceHarness in(services, bound);
    ASSERT_TRUE(in.open());
    EXPECT_EQ(in.pull_threaded().state, Pull::State::kEnd);
    EXPECT_EQ(in.out.payloads(), std::vector<std::string>{"new"});
    ASSERT_EQ(in.out.rejected.size(), 3u);
    EXPECT_EQ(in.out.rejected[0].error.code, "jetstream-poison");
    in.source().committed(in.barrier());
    in.close();
  }
  // Ended for good: nothing is pending any more.
  const auto state = JetStreamApi(stream.session()).consumer(stream.name(), "c");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->ack_pending, 0);
  EXPECT_EQ(state->pending, 0);
}

TEST_F(JetStream, a_stop_gives_back_at_once_what_was_not_read) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 100));
  const auto bound = source(stream, map({{"consumer", "c"}, {"ack_wait", "1h"}}));
  size_t taken = 0;
  {
    SourceHarness in(services, bound);
    in.context.batch_records_max = 10;
    ASSERT_TRUE(in.open());
    in.pull_threaded(10);
    taken = in.out.records.size();
    in.source().stop();
    in.source().committed(in.barrier());
    in.close();
  }
  SourceHarness in(services, bound);
  ASSERT_TRUE(in.open());
  in.pull_threaded(100 - taken);
  EXPECT_EQ(in.out.records.size(), 100 - taken);
}

TEST_F(JetStream, what_was_read_and_not_committed_is_given_back_at_the_end) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 100));
  const auto bound = source(stream, map({{"consumer", "c"}, {"ack_wait", "1h"}}));
  size_t committed = 0;
  {
    SourceHarness in(services, bound);
    in.context.batch_records_max = 10;
    ASSERT_TRUE(in.open());
    in.pull_threaded(20);
    committed = in.out.records.size();
    in.source().committed(in.barrier());
    in.pull_threaded(60);
    in.close();
  }
  SourceHarness in(services, bound);
  ASSERT_TRUE(in.open());
  in.pull_threaded(100 - committed);
  EXPECT_EQ(in.out.records.size(), 100 - committed);
}

TEST_F(JetStream, what_waits_to_be_read_is_not_given_twice_either) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 20));
  const auto bound = source(stream, map({{"consumer", "c"}, {"ack_wait", "500ms"}}));
  SourceHarness slow(services, bound), other(services, bound);
  ASSERT_TRUE(slow.open());
  ASSERT_TRUE(slow.waker.wait());  // they are there, and nobody pulls
  ASSERT_TRUE(other.open());
  wait_by_the_servers_clock(4);
  EXPECT_EQ(other.pull().state, Pull::State::kIdle);
  slow.pull_threaded(20);
  EXPECT_EQ(slow.out.records.size(), 20u);
}

TEST_F(JetStream, half_the_ack_window_asks_for_an_epoch) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 100));
  SourceHarness in(services, source(stream, map({{"max_ack_pending", 40}})));
  in.context.batch_records_max = 5;
  ASSERT_TRUE(in.open());
  in.pull_threaded(15);
  EXPECT_EQ(in.out.epoch_requests, 0u);
  in.pull_threaded(25);
  EXPECT_EQ(in.out.epoch_requests, 1u);
  in.pull_threaded(40);
  EXPECT_EQ(in.out.epoch_requests, 1u);
  in.source().committed(in.barrier());  // the window opens again
  in.pull_threaded(80);
  EXPECT_EQ(in.out.records.size(), 80u);
  EXPECT_GE(in.out.epoch_requests, 2u);
}

TEST_F(JetStream, what_takes_longer_than_the_ack_wait_is_not_given_twice) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 20));
  const auto bound = source(stream, map({{"consumer", "c"}, {"ack_wait", "500ms"}}));
  SourceHarness slow(services, bound), other(services, bound);
  ASSERT_TRUE(slow.open());
  slow.pull_threaded(20);
  ASSERT_TRUE(other.open());
  wait_by_the_servers_clock(4);
  EXPECT_EQ(other.pull().state, Pull::State::kIdle);
  EXPECT_TRUE(other.out.records.empty());
  slow.source().committed(slow.barrier());
  slow.close();
}

TEST_F(JetStream, several_tasks_share_a_consumer) {
  JetStreamTestStream stream(server);
  const auto bound = source(stream, map({{"prefetch_records", 20}}));
  SourceHarness first(services, bound), second(services, bound);
  first.context.tasks = second.context.tasks = 2;
  second.context.task = 1;
  ASSERT_TRUE(first.open());
  ASSERT_TRUE(second.open());
  stream.publish(numbers(0, 500));
  while (first.out.records.size() + second.out.records.size() < 500) {
    ASSERT_TRUE(services.waker.wait());
    while (first.pull().state == Pull::State::kMore) {}
    while (second.pull().state == Pull::State::kMore) {}
  }
  std::vector<std::string> all = first.out.payloads();
  for (const std::string& payload : second.out.payloads()) all.push_back(payload);
  EXPECT_EQ(sorted(all), sorted(numbers(0, 500)));
}

TEST_F(JetStream, repeats_are_dropped_by_the_stream_where_records_are_known) {
  JetStreamTestStream stream(server);
  const auto write_twice = [&](bool known) {
    SinkHarness out(services, sink(stream));
    if (known) dynamic_cast<TakesIdentities&>(out.sink()).identify({"flow/in"});
    ASSERT_TRUE(out.open());
    for (int round = 0; round < 2; ++round) {
      BatchBuilder builder(services.pool);
      for (int i = 0; i < 10; ++i) builder.append(std::to_string(i)).position = i;
      out.write(builder.take());
    }
    ASSERT_TRUE(deliver(out));
  };
  write_twice(true);
  EXPECT_EQ(stream.payloads(), numbers(0, 10));
  write_twice(false);
  EXPECT_EQ(stream.payloads().size(), 30u);
}

TEST_F(JetStream, ids_may_come_from_a_header_or_the_key) {
  JetStreamTestStream stream(server);
  const auto write = [&](Node options) {
    SinkHarness out(services, sink(stream, options));
    ASSERT_TRUE(out.open());
    out.write(make_batch(services, std::vector<TestRecord>{
        {"a", "k", kNoEventTime, {{"id", "1"}}}, {"b", "k", kNoEventTime, {{"id", "2"}}},
        {"c", "l", kNoEventTime, {{"id", "1"}}}}));
    ASSERT_TRUE(deliver(out));
  };
  write(map({{"message_id", "header"}, {"message_id_header", "id"}}));
  EXPECT_EQ(stream.payloads(), (std::vector<std::string>{"a", "b"}));
  write(map({{"message_id", "key"}, {"message_id_prefix", "keys-"}}));
  EXPECT_EQ(stream.payloads(), (std::vector<std::string>{"a", "b", "a", "c"}));
}

TEST_F(JetStream, what_was_said_to_a_stream_is_not_said_to_the_next) {
  JetStreamTestStream stream(server);
  SinkHarness out(services, sink(stream));
  ASSERT_TRUE(out.open());
  out.write(make_batch(services, std::vector<TestRecord>{
      {"a", "", kNoEventTime,
       {{"Nats-Expected-Stream", "OTHER"}, {"Nats-Msg-Id", "1"}, {"h", "2"}}},
      {"b", "", kNoEventTime, {{"Nats-Msg-Id", "1"}}}}));
  ASSERT_TRUE(deliver(out));
  const Collected in = stream.read();
  ASSERT_EQ(in.records.size(), 2u);
  EXPECT_EQ(in.records[0].header("h"), "2");
  EXPECT_EQ(in.records[0].header("Nats-Expected-Stream"), "");
}

TEST_F(JetStream, filters_by_subject) {
  JetStreamTestStream stream(server);
  for (const char* word : {".a", ".b", ".c"}) {
    stream.publish(stream.name() + word, word);
  }
  SourceHarness one(services, source(stream, map({{"subjects", list({stream.name() + ".b"})},
                                                  {"follow", false}})));
  ASSERT_TRUE(one.open());
  one.pull_threaded();
  EXPECT_EQ(one.out.payloads(), std::vector<std::string>{".b"});
  EXPECT_EQ(one.out.records[0].headers.size(), 0u);
}

TEST_F(JetStream, makes_the_stream_if_it_is_told_to) {
  const std::string name = NatsTestServer::fresh_name();
  const Node options = map({{"url", server.url()}, {"subject", name + ".x"}, {"stream", name},
                            {"create_stream", map({{"subjects", list({name + ".*"})},
                                                   {"storage", "memory"},
                                                   {"duplicate_window", "10s"}})}});
  for (int i = 0; i < 2; ++i) {  // it may be there already
    SinkHarness out(services, bind(catalog, "jetstream", ComponentKind::kSink, options));
    const auto opened = out.open();
    ASSERT_TRUE(opened) << to_string(opened.error());
    out.write({"a"});
    ASSERT_TRUE(deliver(out));
  }
  const auto session = server.session();
  const auto state = JetStreamApi(*session).stream(name);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->duplicate_window_ns, seconds(10).ns());
}

TEST_F(JetStream, what_is_missing_or_different_is_named_at_the_start) {
  JetStreamTestStream stream(server);
  const auto problem = [&](std::shared_ptr<const Bound> bound, bool reads) {
    if (reads) return SourceHarness(services, bound).open().error();
    return SinkHarness(services, bound).open().error();
  };
  const Error source_stream = problem(source(stream, map({{"stream", "NOWHERE"}})), true);
  EXPECT_EQ(source_stream.code, "jetstream-no-stream");
  EXPECT_EQ(source_stream.reaction, Reaction::kStopPipeline);
  EXPECT_EQ(problem(sink(stream, map({{"subject", "nobody.takes.it"}})), false).code,
            "jetstream-no-stream");
  EXPECT_EQ(problem(source(stream, map({{"create_consumer", false}})), true).code,
            "jetstream-no-consumer");
  EXPECT_EQ(problem(sink(stream, map({{"stream", "OTHER"}})), false).code, "jetstream-refused");
}

TEST_F(JetStream, a_record_that_the_stream_finds_too_large_is_rejected_alone) {
  JetStreamMake make;
  make.max_message_bytes = ByteSize{100};
  JetStreamTestStream stream(server, make);
  SinkHarness out(services, sink(stream));
  ASSERT_TRUE(out.open());
  out.write({"small", std::string(200, 'x'), std::string(2 << 20, 'y'), "also small"});
  ASSERT_TRUE(deliver(out));
  ASSERT_EQ(out.out.rejected.size(), 2u);
  EXPECT_EQ(out.out.rejected[0].error.code, "record-too-large");
  EXPECT_EQ(out.out.rejected[1].error.code, "record-too-large");
  EXPECT_EQ(stream.payloads(), (std::vector<std::string>{"small", "also small"}));
}

TEST_F(JetStream, a_full_stream_is_waited_for) {
  JetStreamMake make;
  make.max_messages = 10;
  make.discard = JetStreamDiscard::kNew;
  make.retention = JetStreamRetention::kWorkQueue;
  JetStreamTestStream stream(server, make);
  SinkHarness out(services, sink(stream));
  ASSERT_TRUE(out.open());
  out.write(numbers(0, 25));
  const Epoch epoch = out.barrier();
  SourceHarness in(services, source(stream));
  ASSERT_TRUE(in.open());
  while (out.out.newest_delivered() < epoch || in.out.records.size() < 25) {
    ASSERT_TRUE(services.waker.wait());
    out.wake();
    while (in.pull().state == Pull::State::kMore) {}
    in.source().committed(in.barrier());
    ASSERT_TRUE(out.out.errors.empty());
  }
  EXPECT_EQ(sorted(in.out.payloads()), sorted(numbers(0, 25)));
}

TEST_F(JetStream, both_ends_go_on_when_the_server_was_killed) {
  NatsTestServer own;
  const std::string name = NatsTestServer::fresh_name();
  SinkHarness out(services, bind(catalog, "jetstream", ComponentKind::kSink,
                                 map({{"url", own.url()}, {"subject", name}, {"stream", name},
                                      {"create_stream", map({})}, {"message_id", "position"}})));
  ASSERT_TRUE(out.open());
  SourceHarness in(services, bind(catalog, "jetstream", ComponentKind::kSource,
                                  map({{"url", own.url()}, {"stream", name}, {"consumer", "c"},
                                       {"ack_wait", "1s"}})));
  ASSERT_TRUE(in.open());
  int written = 0;
  const auto write = [&](int count) {
    BatchBuilder builder(services.pool);
    for (int i = 0; i < count; ++i, ++written) {
      builder.append(std::to_string(written)).position = written;
    }
    out.write(builder.take());
  };
  write(100);
  ASSERT_TRUE(deliver(out));
  in.pull_threaded(50);
  own.kill();
  write(100);
  own.start();
  ASSERT_TRUE(deliver(out));
  std::set<std::string> seen;
  while (seen.size() < 200) {
    in.pull_threaded(in.out.records.size() + 1);
    ASSERT_TRUE(in.out.errors.empty());
    for (const std::string& payload : in.out.payloads()) seen.insert(payload);
  }
  EXPECT_EQ(in.out.records.size(), 200u);  // the sink's ids and the source's memory: none twice
}

TEST_F(JetStream, a_consumer_that_is_deleted_stops_the_pipeline) {
  JetStreamTestStream stream(server);
  SourceHarness in(services, source(stream, map({{"consumer", "c"}})));
  ASSERT_TRUE(in.open());
  stream.publish({"a"});
  in.pull_threaded(1);
  ASSERT_TRUE(stream.session().request("$JS.API.CONSUMER.DELETE." + stream.name() + ".c", "",
                                       seconds(5)));
  in.pull_threaded(2);
  ASSERT_EQ(in.out.errors.size(), 1u);
  EXPECT_EQ(in.out.errors[0].code, "jetstream-no-consumer");
}

TEST_F(JetStream, a_permission_that_is_taken_away_stops_both_ends) {
  TempFolder folder;
  const auto write = [&](const std::string& allowed) {
    std::ofstream(folder / "users.conf")
        << "authorization { users = [{ user: u, password: pw, permissions: { publish: [" << allowed
        << "], subscribe: [\"_INBOX.>\"] } }] }\n";
  };
  write("\">\"");
  NatsTestServer own("-c " + (folder / "users.conf"));
  const std::string name = NatsTestServer::fresh_name();
  const Node login = map({{"user", "u"}, {"password", "pw"}});
  SinkHarness out(services, bind(catalog, "jetstream", ComponentKind::kSink,
                                 map({{"url", own.url()}, {"subject", name}, {"stream", name},
                                      {"create_stream", map({})}, {"auth", login}})));
  ASSERT_TRUE(out.open());
  out.write(numbers(0, 1000));
  out.write(numbers(1000, 1000));
  ASSERT_TRUE(deliver(out));
  SourceHarness in(services, bind(catalog, "jetstream", ComponentKind::kSource,
                                  map({{"url", own.url()}, {"stream", name}, {"consumer", "c"},
                                       {"prefetch_records", 10}, {"auth", login}})));
  in.context.batch_records_max = 1;
  ASSERT_TRUE(in.open());
  in.pull_threaded(1);
  write("\"$JS.API.>\"");
  own.reload();
  while (out.out.errors.empty()) {
    out.write({"forbidden"});
    deliver(out);
  }
  EXPECT_EQ(out.out.errors[0].code, "nats-permission");
  EXPECT_NE(out.out.errors[0].detail.find(name), std::string::npos);
  while (in.out.errors.empty() && in.out.records.size() < 2000) {
    in.pull_threaded(in.out.records.size() + 1);
    in.source().committed(in.barrier());  // an acknowledgement, which is a publication
  }
  ASSERT_EQ(in.out.errors.size(), 1u);
  EXPECT_EQ(in.out.errors[0].code, "nats-permission");
}

TEST_F(JetStream, says_how_much_is_waiting) {
  JetStreamTestStream stream(server);
  stream.publish(numbers(0, 100));
  SourceHarness in(services, source(stream, map({{"prefetch_records", 20}})));
  in.context.batch_records_max = 10;
  ASSERT_TRUE(in.open());
  in.pull_threaded(20);
  const auto lag = [&] { return dynamic_cast<KnowsLag&>(in.source()).lag(); };
  EXPECT_EQ(lag() + static_cast<int64_t>(in.out.records.size()), 100);
  in.pull_threaded(100);
  EXPECT_EQ(lag(), 0);
}

}  // namespace
}  // namespace penstock
