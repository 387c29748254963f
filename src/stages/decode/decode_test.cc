// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/decode.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

class DecodeTest : public testing::Test {
 protected:
  DecodeTest() { register_decode(catalog_); }
  std::shared_ptr<const Bound> decode(const Node& options) {
    return bind(catalog_, "decode", ComponentKind::kStage, options);
  }
  std::string problems(const Node& options) {
    return bind_problems(catalog_, "decode", ComponentKind::kStage, options);
  }
  const Node arrays_ = map({{"format", "csv"}, {"csv", map({{"header", false}})}});
  Catalog catalog_;
  Services services_;
};

TEST_F(DecodeTest, values_keep_key_headers_time_and_epoch_of_their_payload) {
  StageHarness stage(services_, decode(map({{"format", "msgpack"}})));
  ASSERT_TRUE(stage.open());
  stage.process(make_batch(
      services_, std::vector<TestRecord>{{"\x01\x81\xa1\x61\x02", "k", 42, {{"h", "v"}}}}, 7));
  ASSERT_EQ(stage.out.payloads(), (Texts{"1", R"({"a":2})"}));
  for (const Seen& record : stage.out.records) {
    EXPECT_EQ(record.key, "k");
    EXPECT_EQ(record.header("h"), "v");
    EXPECT_EQ(record.event_time_us, 42);
    EXPECT_EQ(record.epoch, 7u);
  }
}

TEST_F(DecodeTest, a_payload_at_fault_is_rejected_and_the_others_go_on) {
  StageHarness stage(services_, decode(map({{"format", "json"}})));
  ASSERT_TRUE(stage.open());
  stage.process({"[1]", "{", "{\"a\": 1.50}"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"[1]", R"({"a":1.5})"}));
  ASSERT_EQ(stage.out.rejected.size(), 1u);
  EXPECT_EQ(stage.out.rejected[0].record.payload, "{");
}

TEST_F(DecodeTest, a_payload_of_very_many_rows_is_worked_off_in_turns) {
  StageHarness stage(services_, decode(arrays_));
  ASSERT_TRUE(stage.open());
  stage.epoch = 3;
  std::string text;
  Texts expected;
  for (int i = 0; i < 50'000; ++i) {
    text += std::to_string(i) + "\n";
    expected.push_back("[\"" + std::to_string(i) + "\"]");
  }
  stage.process({text});
  EXPECT_TRUE(stage.stage().full());
  EXPECT_EQ(stage.stage().floor(), 3u);
  EXPECT_LT(stage.out.records.size(), 10'000u);
  stage.advance(microseconds(20));
  EXPECT_FALSE(stage.stage().full());
  EXPECT_EQ(stage.out.payloads(), expected);
}

TEST_F(DecodeTest, a_barrier_passes_only_behind_every_value) {
  StageHarness stage(services_, decode(arrays_));
  ASSERT_TRUE(stage.open());
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "x\n";
  stage.process({text});
  stage.barrier();
  EXPECT_EQ(stage.out.records.size(), 50'000u);
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
}

TEST_F(DecodeTest, limits_reject_the_record) {
  StageHarness stage(services_, decode(map({{"format", "json"},
                                            {"limits", map({{"payload_max", "1KiB"}})}})));
  ASSERT_TRUE(stage.open());
  stage.process({"\"" + std::string(2000, 'x') + "\"", "1"});
  EXPECT_EQ(stage.out.payloads(), Texts{"1"});
  ASSERT_EQ(stage.out.rejected.size(), 1u);
  EXPECT_EQ(stage.out.rejected[0].error.code, "codec-limit");
}

TEST_F(DecodeTest, options_that_do_not_go_together_are_refused) {
  EXPECT_NE(problems(map({{"format", "json"}, {"csv", map({{"trim", true}})}}))
                .find("option-conflict"), std::string::npos);
  EXPECT_NE(problems(map({{"format", "avro"}, {"avro", map({{"framing", "raw"}})}}))
                .find("missing-field"), std::string::npos);
  EXPECT_NE(problems(map({{"format", "avro"}, {"avro", map({{"schema", "strin"}})}}))
                .find("bad-schema"), std::string::npos);
  EXPECT_NE(problems(map({{"format", "csv"}, {"csv", map({{"delimiter", ";;"}})}}))
                .find("bad-delimiter"), std::string::npos);
  EXPECT_NE(problems(map({{"format", "protobuf"}})).find("missing-field"), std::string::npos);
}

TEST_F(DecodeTest, a_schema_file_that_is_not_there_stops_the_pipeline) {
  StageHarness stage(services_, decode(map({{"format", "avro"},
                                            {"avro", map({{"schema_file", "/nowhere.avsc"}})}})));
  Result<void> opened = stage.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "unreadable-file");
  EXPECT_EQ(opened.error().reaction, Reaction::kStopPipeline);
}

}  // namespace
}  // namespace penstock
