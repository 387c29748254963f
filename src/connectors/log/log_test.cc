// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "connectors/log/log_sink.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

std::shared_ptr<const Bound> log_sink(const Node& options) {
  static const Catalog catalog = [] {
    Catalog made;
    register_log(made);
    return made;
  }();
  return bind(catalog, "log", ComponentKind::kSink, options);
}

TEST(LogSink, writes_a_line_for_each_record_on_the_blocking_pool) {
  Services services;
  SinkHarness sink(services, log_sink(map({{"level", "warn"}})));
  ASSERT_TRUE(sink.open());
  sink.write(make_batch(services, {TestRecord{"hello"}, TestRecord{"world", "k1"}}));
  EXPECT_EQ(services.logged(), "");
  EXPECT_TRUE(sink.deliver());
  const std::string logged = services.logged();
  EXPECT_NE(logged.find("[warn] hello"), std::string::npos) << logged;
  EXPECT_NE(logged.find("world"), std::string::npos);
  EXPECT_NE(logged.find("k1"), std::string::npos);
}

TEST(LogSink, logs_one_record_in_so_many_and_cuts_long_ones) {
  Services services;
  SinkHarness sink(services, log_sink(map({{"every", 2}, {"bytes_max", "3"}})));
  ASSERT_TRUE(sink.open());
  sink.write({"aaaa", "bbbb", "cccc"});
  EXPECT_TRUE(sink.deliver());
  const std::string logged = services.logged();
  EXPECT_NE(logged.find("aaa "), std::string::npos) << logged;
  EXPECT_EQ(logged.find("bbb"), std::string::npos);
  EXPECT_NE(logged.find("ccc "), std::string::npos);
  EXPECT_EQ(logged.find("cccc"), std::string::npos);
}

TEST(LogSink, takes_no_more_while_the_log_does_not_keep_up) {
  Services services;
  SinkHarness sink(services, log_sink(map({})));
  ASSERT_TRUE(sink.open());
  size_t batches = 0;
  for (; !sink.sink().full() && batches < 1000; ++batches) sink.write({"x"});
  EXPECT_EQ(batches, LogSink::kBatchesMax);
  const Epoch epoch = sink.barrier();
  EXPECT_TRUE(sink.out.delivered.empty());
  sink.settle();
  EXPECT_EQ(sink.out.delivered, (std::vector<Epoch>{epoch}));
  EXPECT_FALSE(sink.sink().full());
}

TEST(LogSink, may_go_away_while_lines_wait) {
  Services services;
  auto sink = std::make_unique<SinkHarness>(services, log_sink(map({})));
  ASSERT_TRUE(sink->open());
  sink->write({"late"});
  sink.reset();
  EXPECT_EQ(services.blocking.run_all(), 1u);  // must not wake what is no more
}

}  // namespace
}  // namespace penstock
