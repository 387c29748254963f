// SPDX-License-Identifier: Apache-2.0
#include "connectors/noop/noop.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

Catalog noops() {
  Catalog catalog;
  register_noop(catalog);
  return catalog;
}

std::shared_ptr<const Bound> source(const Node& options) {
  static const Catalog catalog = noops();
  return bind(catalog, "noop_source", ComponentKind::kSource, options);
}
std::shared_ptr<const Bound> transform(const Node& options) {
  static const Catalog catalog = noops();
  return bind(catalog, "noop_transform", ComponentKind::kStage, options);
}

TEST(NoopSource, numbers_its_messages_from_zero_and_ends_at_max_messages) {
  Services services;
  SourceHarness noop(services, source(map({{"max_messages", 3}})));
  ASSERT_TRUE(noop.open());
  EXPECT_EQ(noop.pull_all().state, Pull::State::kEnd);
  EXPECT_EQ(noop.out.payloads(),
            (std::vector<std::string>{"noop_source #0", "noop_source #1", "noop_source #2"}));
}

TEST(NoopSource, keeps_the_delay_before_each_message) {
  Services services;
  SourceHarness noop(services, source(map({{"delay_ms", 200}, {"message", "m"}})));
  ASSERT_TRUE(noop.open());
  const int64_t start = services.clock.monotonic_ns();
  const Pull first = noop.pull();
  EXPECT_EQ(first.state, Pull::State::kIdle);
  EXPECT_EQ(first.wake_at_ns, start + milliseconds(200).ns());
  noop.pull_all(5);
  EXPECT_EQ(noop.out.records.size(), 5u);
  EXPECT_EQ(services.clock.monotonic_ns() - start, milliseconds(1000).ns());
}

TEST(NoopSource, does_not_burst_after_a_pause) {
  Services services;
  SourceHarness noop(services, source(map({{"delay_ms", 10}})));
  ASSERT_TRUE(noop.open());
  services.clock.advance_ns(seconds(60).ns());
  for (int i = 0; i < 100; ++i) noop.pull();
  EXPECT_LE(noop.out.records.size(), 2u);
}

TEST(NoopSource, fills_batches_at_full_speed) {
  Services services;
  SourceHarness noop(services, source(map({{"max_messages", 100'000}})));
  ASSERT_TRUE(noop.open());
  noop.pull_all();
  EXPECT_EQ(noop.out.records.size(), 100'000u);
  EXPECT_EQ(noop.out.records.back().payload, "noop_source #99999");
  EXPECT_EQ(noop.out.batches[0], kBatchRecordsMax);
}

TEST(NoopSource, goes_on_from_a_position_of_the_same_run) {
  Services services;
  const auto bound = source(map({{"max_messages", 10}, {"message", "m"}}));
  SourceHarness first(services, bound);
  first.context.batch_records_max = 4;
  ASSERT_TRUE(first.open());
  first.pull();
  const Positions at = first.barrier();
  SourceHarness second(services, bound);
  ASSERT_TRUE(second.open(at));
  second.pull_all();
  ASSERT_EQ(second.out.records.size(), 6u);
  EXPECT_EQ(second.out.records[0].payload, "m #4");
}

TEST(NoopTransform, passes_a_batch_untouched_without_delay) {
  Services services;
  StageHarness noop(services, transform(map({})));
  ASSERT_TRUE(noop.open());
  Batch batch = make_batch(services, std::vector<std::string>{"a", "b"});
  noop.process(std::move(batch));
  EXPECT_EQ(noop.out.batches, (std::vector<size_t>{2}));
  EXPECT_FALSE(noop.stage().full());
  EXPECT_EQ(noop.stage().next_timer_ns(), kNever);
}

TEST(NoopTransform, serves_one_record_at_a_time_and_holds_its_epoch_until_the_last) {
  Services services;
  StageHarness noop(services, transform(map({{"delay_ms", 50}})));
  ASSERT_TRUE(noop.open());
  noop.epoch = 3;
  noop.process({"a", "b", "c"});
  EXPECT_TRUE(noop.stage().full());
  noop.advance(milliseconds(49));
  EXPECT_EQ(noop.out.payloads(), std::vector<std::string>());
  noop.advance(milliseconds(1));
  EXPECT_EQ(noop.out.payloads(), (std::vector<std::string>{"a"}));
  EXPECT_EQ(noop.stage().floor(), 3u);
  noop.advance(milliseconds(100));
  EXPECT_EQ(noop.out.payloads(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(noop.stage().floor(), kNoEpoch);
  EXPECT_FALSE(noop.stage().full());
}

TEST(NoopTransform, lets_go_of_what_it_holds_when_told) {
  Services services;
  StageHarness noop(services, transform(map({{"delay_ms", 50}})));
  ASSERT_TRUE(noop.open());
  noop.process(make_batch(services, {TestRecord{"a", "k", 7, {{"h", "v"}}}, TestRecord{"b"}}));
  EXPECT_EQ(noop.stage().oldest_event_time_us(), 7);
  noop.flush();
  EXPECT_EQ(noop.out.payloads(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(noop.out.records[0].key, "k");
  EXPECT_EQ(noop.out.records[0].header("h"), "v");
  EXPECT_EQ(noop.stage().floor(), kNoEpoch);
  EXPECT_EQ(noop.stage().oldest_event_time_us(), kEndOfTime);
}

}  // namespace
}  // namespace penstock
