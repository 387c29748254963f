// SPDX-License-Identifier: Apache-2.0
#include "stages/encode/encode.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

class EncodeTest : public testing::Test {
 protected:
  EncodeTest() { register_encode(catalog_); }
  std::shared_ptr<const Bound> encode(const Node& options) {
    return bind(catalog_, "encode", ComponentKind::kStage, options);
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(EncodeTest, a_record_becomes_a_payload) {
  StageHarness stage(services_, encode(map({{"format", "msgpack"}})));
  ASSERT_TRUE(stage.open());
  stage.process({R"({"a":1})", "nonsense", "[]"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"\x81\xa1\x61\x01", "\x90"}));
  ASSERT_EQ(stage.out.rejected.size(), 1u);
  EXPECT_EQ(stage.out.rejected[0].record.payload, "nonsense");
}

TEST_F(EncodeTest, records_of_a_batch_are_gathered_and_one_at_fault_is_left_out) {
  StageHarness stage(services_, encode(map({{"format", "csv"},
                                            {"payload_records", 3},
                                            {"csv", map({{"columns", list({"a"})}})}})));
  ASSERT_TRUE(stage.open());
  stage.process({R"({"a":1})", R"({"b":2})", R"({"a":3})", R"({"a":4})"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"a\n1\n3", "a\n4"}));
  ASSERT_EQ(stage.out.rejected.size(), 1u);
  EXPECT_EQ(stage.out.rejected[0].record.payload, R"({"b":2})");
}

TEST_F(EncodeTest, a_gathered_payload_has_the_first_key_and_the_oldest_time) {
  StageHarness stage(services_, encode(map({{"format", "json"},
                                            {"json", map({{"framing", "array"}})}})));
  ASSERT_TRUE(stage.open());
  stage.process(make_batch(services_,
                           std::vector<TestRecord>{{"1", "x", 20, {{"h", "v"}}}, {"2", "y", 10}},
                           5));
  ASSERT_EQ(stage.out.payloads(), Texts{"[1,2]"});
  EXPECT_EQ(stage.out.records[0].key, "x");
  EXPECT_EQ(stage.out.records[0].header("h"), "v");
  EXPECT_EQ(stage.out.records[0].event_time_us, 10);
  EXPECT_EQ(stage.out.records[0].epoch, 5u);
}

TEST_F(EncodeTest, headers_of_the_format_replace_those_of_the_record) {
  StageHarness stage(services_, encode(map({{"format", "cloudevents"},
                                            {"cloudevents", map({{"mode", "binary"}})}})));
  ASSERT_TRUE(stage.open());
  const char* event = R"({"specversion":"1.0","id":"7","source":"/s","type":"t","data":1})";
  stage.process(make_batch(
      services_, std::vector<TestRecord>{
                     {event, "", kNoEventTime, {{"content-type", "old"}, {"other", "kept"}}}}));
  ASSERT_EQ(stage.out.payloads(), Texts{"1"});
  EXPECT_EQ(stage.out.records[0].header("content-type"), "application/json");
  EXPECT_EQ(stage.out.records[0].header("other"), "kept");
  EXPECT_EQ(stage.out.records[0].header("ce-id"), "7");
}

}  // namespace
}  // namespace penstock
