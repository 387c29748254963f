// SPDX-License-Identifier: Apache-2.0
#include "stages/batch/batch.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

class BatchTest : public testing::Test {
 protected:
  BatchTest() { register_batch(catalog_); }
  StageHarness make(const Node& options) {
    return {services_, bind(catalog_, "batch", ComponentKind::kStage, options)};
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(BatchTest, lets_go_when_it_has_enough_records) {
  StageHarness stage = make(map({{"records_max", 3}}));
  ASSERT_TRUE(stage.open());
  stage.process({"a", "b", "c", "d", "e", "f", "g"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"a\nb\nc", "d\ne\nf"}));
  EXPECT_EQ(stage.out.batches, (std::vector<size_t>{2}));
  stage.end();
  EXPECT_EQ(stage.out.payloads().back(), "g");
}

TEST_F(BatchTest, lets_go_when_the_first_record_has_waited_long_enough) {
  StageHarness stage = make(map({{"timeout", "100ms"}}));
  ASSERT_TRUE(stage.open());
  stage.process({"a"});
  stage.advance(milliseconds(60));
  stage.process({"b"});
  stage.advance(milliseconds(39));
  EXPECT_TRUE(stage.out.records.empty());
  stage.advance(milliseconds(1));
  EXPECT_EQ(stage.out.payloads(), (Texts{"a\nb"}));
  EXPECT_EQ(stage.stage().next_timer_ns(), kNever);
}

TEST_F(BatchTest, stays_within_its_bytes_unless_one_record_alone_is_longer) {
  StageHarness stage = make(map({{"bytes_max", 7}}));
  ASSERT_TRUE(stage.open());
  stage.process({"abc", "def", "g", "a record that is too long", "h"});
  stage.flush();
  EXPECT_EQ(stage.out.payloads(), (Texts{"abc\ndef", "g", "a record that is too long", "h"}));
}

TEST_F(BatchTest, a_json_array_counts_its_brackets) {
  StageHarness stage = make(map({{"framing", "json_array"}, {"bytes_max", 9}}));
  ASSERT_TRUE(stage.open());
  stage.process({"111", "222", "{}"});
  stage.end();
  EXPECT_EQ(stage.out.payloads(), (Texts{"[111,222]", "[{}]"}));
}

TEST_F(BatchTest, raw_puts_payloads_one_behind_the_other) {
  StageHarness stage = make(map({{"framing", "raw"}}));
  ASSERT_TRUE(stage.open());
  stage.process({"a", "", "b"});
  stage.flush();
  EXPECT_EQ(stage.out.payloads(), (Texts{"ab"}));
}

TEST_F(BatchTest, holds_back_the_oldest_epoch_and_event_time_it_keeps) {
  StageHarness stage = make(map({{"records_max", 3}}));
  ASSERT_TRUE(stage.open());
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
  stage.process(make_batch(services_, std::vector<TestRecord>{{"a", "", 50, {}}}, 4));
  stage.process(make_batch(services_, std::vector<TestRecord>{{"b", "", 40, {}}}, 5));
  stage.epoch = 5;
  stage.barrier();
  EXPECT_TRUE(stage.out.records.empty());  // a barrier passes a hold
  EXPECT_EQ(stage.stage().floor(), 4u);
  EXPECT_EQ(stage.stage().oldest_event_time_us(), 40);
  stage.process(make_batch(services_, std::vector<TestRecord>{{"c"}, {"d"}}, 6));
  ASSERT_EQ(stage.out.payloads(), (Texts{"a\nb\nc"}));
  EXPECT_EQ(stage.out.records[0].epoch, 4u);
  EXPECT_EQ(stage.out.records[0].event_time_us, 40);
  EXPECT_EQ(stage.stage().floor(), 6u);
  EXPECT_EQ(stage.stage().oldest_event_time_us(), kEndOfTime);
}

TEST_F(BatchTest, an_empty_end_makes_no_record) {
  StageHarness stage = make(map({}));
  ASSERT_TRUE(stage.open());
  stage.end();
  stage.flush();
  EXPECT_TRUE(stage.out.records.empty());
}

}  // namespace
}  // namespace penstock
