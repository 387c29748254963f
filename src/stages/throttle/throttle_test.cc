// SPDX-License-Identifier: Apache-2.0
#include "stages/throttle/throttle.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

class ThrottleTest : public testing::Test {
 protected:
  ThrottleTest() { register_throttle(catalog_); }
  StageHarness make(const Node& options) {
    return {services_, bind(catalog_, "throttle", ComponentKind::kStage, options)};
  }
  Texts numbered(int n) {
    Texts texts;
    for (int i = 0; i < n; ++i) texts.push_back(std::to_string(i));
    return texts;
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(ThrottleTest, lets_records_pass_at_the_rate_and_in_order) {
  StageHarness stage = make(map({{"rate", 10}, {"burst", 1}}));
  ASSERT_TRUE(stage.open());
  stage.process(numbered(25));
  EXPECT_EQ(stage.out.records.size(), 1u);
  stage.advance(milliseconds(99));
  EXPECT_EQ(stage.out.records.size(), 1u);
  stage.advance(milliseconds(1));
  EXPECT_EQ(stage.out.records.size(), 2u);
  stage.advance(milliseconds(800));
  EXPECT_EQ(stage.out.records.size(), 10u);
  stage.advance(seconds(2));
  EXPECT_EQ(stage.out.payloads(), numbered(25));
}

TEST_F(ThrottleTest, a_pause_fills_the_bucket_up_to_the_burst) {
  StageHarness stage = make(map({{"rate", 10}, {"burst", 5}}));
  ASSERT_TRUE(stage.open());
  stage.process(numbered(7));
  EXPECT_EQ(stage.out.records.size(), 5u);
  stage.advance(seconds(60));
  stage.out.records.clear();
  stage.process(numbered(7));
  EXPECT_EQ(stage.out.records.size(), 5u);
}

TEST_F(ThrottleTest, a_high_rate_is_kept_in_the_long_run_by_coarse_timers) {
  StageHarness stage = make(map({{"rate", 100'000}}));
  ASSERT_TRUE(stage.open());
  const int64_t start_ns = services_.clock.monotonic_ns();
  size_t given = 0;
  while (given < 200'000) {
    stage.process(numbered(1000));
    given += 1000;
    while (stage.stage().full()) stage.advance(milliseconds(1));
  }
  const double seconds = 1e-9 * static_cast<double>(services_.clock.monotonic_ns() - start_ns);
  EXPECT_GE(seconds, 1.98);
  EXPECT_LE(seconds, 2.02);
}

TEST_F(ThrottleTest, the_rate_is_shared_by_the_tasks_of_the_stage) {
  StageHarness stage = make(map({{"rate", 600}, {"per", "1m"}, {"burst", 1}}));
  stage.context.tasks = 2;
  ASSERT_TRUE(stage.open());
  stage.process(numbered(100));
  stage.advance(seconds(10));
  EXPECT_EQ(stage.out.records.size(), 51u);  // five a second, and the first at once
}

TEST_F(ThrottleTest, is_full_and_holds_its_epoch_until_it_has_let_all_go) {
  StageHarness stage = make(map({{"rate", 10}, {"burst", 1}}));
  ASSERT_TRUE(stage.open());
  stage.epoch = 8;
  stage.process({"a"});
  EXPECT_FALSE(stage.stage().full());
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
  stage.process({"b"});
  EXPECT_TRUE(stage.stage().full());
  EXPECT_EQ(stage.stage().floor(), 8u);
  stage.end();
  stage.flush();
  EXPECT_EQ(stage.out.payloads(), (Texts{"a"}));  // the rate holds to the end
  stage.advance(seconds(1));
  EXPECT_EQ(stage.out.payloads(), (Texts{"a", "b"}));
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
}

TEST_F(ThrottleTest, a_clock_that_stood_still_is_made_up_for_by_a_second_at_most) {
  StageHarness stage = make(map({{"rate", 100}, {"burst", 1}}));
  ASSERT_TRUE(stage.open());
  stage.process(numbered(1000));
  services_.clock.advance_ns(seconds(3600).ns());
  stage.advance(microseconds(0));
  EXPECT_EQ(stage.out.records.size(), 102u);
}

TEST_F(ThrottleTest, no_rate_is_refused) {
  EXPECT_NE(bind_problems(catalog_, "throttle", ComponentKind::kStage, map({{"rate", 0}}))
                .find("rate must be more than 0"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock
