// SPDX-License-Identifier: Apache-2.0
#include "stages/delay/delay.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

class DelayTest : public testing::Test {
 protected:
  DelayTest() { register_delay(catalog_); }
  StageHarness make(const Node& options) {
    return {services_, bind(catalog_, "delay", ComponentKind::kStage, options)};
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(DelayTest, each_record_waits_from_its_own_arrival) {
  StageHarness stage = make(map({{"duration", "1s"}}));
  ASSERT_TRUE(stage.open());
  stage.process({"a", "b"});
  stage.advance(milliseconds(300));
  stage.process({"c"});
  stage.advance(milliseconds(699));
  EXPECT_TRUE(stage.out.records.empty());
  stage.advance(milliseconds(1));
  EXPECT_EQ(stage.out.payloads(), (Texts{"a", "b"}));
  stage.advance(milliseconds(299));
  EXPECT_EQ(stage.out.records.size(), 2u);
  stage.advance(milliseconds(1));
  EXPECT_EQ(stage.out.payloads(), (Texts{"a", "b", "c"}));
}

TEST_F(DelayTest, the_end_waits_for_what_it_holds) {
  StageHarness stage = make(map({{"duration", "1s"}}));
  ASSERT_TRUE(stage.open());
  stage.epoch = 3;
  stage.process({"a"});
  stage.barrier();
  stage.end();
  EXPECT_TRUE(stage.out.records.empty());
  EXPECT_EQ(stage.stage().floor(), 3u);
  stage.advance(seconds(1));
  EXPECT_EQ(stage.out.payloads(), (Texts{"a"}));
  EXPECT_EQ(stage.out.records[0].epoch, 3u);
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
}

TEST_F(DelayTest, is_full_at_its_bytes_and_takes_more_when_they_have_gone) {
  StageHarness stage = make(map({{"duration", "1s"}, {"bytes_max", "64KiB"}}));
  ASSERT_TRUE(stage.open());
  stage.process({std::string(60'000, 'x')});
  EXPECT_FALSE(stage.stage().full());
  stage.process({std::string(10'000, 'x')});
  EXPECT_TRUE(stage.stage().full());
  stage.advance(seconds(1));
  EXPECT_FALSE(stage.stage().full());
}

TEST_F(DelayTest, a_flush_lets_everything_go) {
  StageHarness stage = make(map({{"duration", "1h"}}));
  ASSERT_TRUE(stage.open());
  stage.process({"a"});
  stage.process({"b"});
  stage.flush();
  EXPECT_EQ(stage.out.payloads(), (Texts{"a", "b"}));
}

TEST_F(DelayTest, no_time_is_no_delay) {
  StageHarness stage = make(map({{"duration", "0"}}));
  ASSERT_TRUE(stage.open());
  stage.process({"a"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"a"}));
}

}  // namespace
}  // namespace penstock
