// SPDX-License-Identifier: Apache-2.0
#include "stages/flatten/flatten.h"

#include <gtest/gtest.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms =
    inherit(register_flatten, {{"flatten", ComponentKind::kStage, [](Fixture& f) {
                                  f.input = {R"({"a":{"b":1},"c":2})"};
                                  f.expected = {R"({"a.b":1,"c":2})"};
                                }}});

class FlattenTest : public testing::Test {
 protected:
  FlattenTest() { register_flatten(catalog_); }
  /// The new payload, or the error's code.
  std::string flat(const std::string& text, const Node& options = map({})) {
    StageHarness stage(services_, bind(catalog_, "flatten", ComponentKind::kStage, options));
    EXPECT_TRUE(stage.open());
    stage.process(make_batch(services_, std::vector<TestRecord>{{text, "k", 42, {{"h", "v"}}}}));
    if (!stage.out.rejected.empty()) return stage.out.rejected[0].error.code;
    EXPECT_EQ(stage.out.records.at(0).key, "k");
    EXPECT_EQ(stage.out.records.at(0).header("h"), "v");
    EXPECT_EQ(stage.out.records.at(0).event_time_us, 42);
    return stage.out.records.at(0).payload;
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(FlattenTest, names_are_joined_and_values_stay_as_they_stand) {
  EXPECT_EQ(flat(R"({ "a" : {"b": 1.50, "c": {"d": "\u00e9"}}, "e": null , "f": [ {"g":1} ]})"),
            R"({"a.b":1.50,"a.c.d":"\u00e9","e":null,"f":[ {"g":1} ]})");
  EXPECT_EQ(flat(R"({"a":{"b":1}})", map({{"separator", "__"}})), R"({"a__b":1})");
  EXPECT_EQ(flat(R"({"a\"b":{"c\u0041":1}})"), R"({"a\"b.cA":1})");
}

TEST_F(FlattenTest, arrays_are_entered_when_asked) {
  EXPECT_EQ(flat(R"({"a":[1,{"b":2},[]]})", map({{"arrays", true}})),
            R"({"a.0":1,"a.1.b":2,"a.2":[]})");
}

TEST_F(FlattenTest, empty_maps_stay_unless_told_otherwise) {
  EXPECT_EQ(flat(R"({"a":{},"b":{"c":{ }},"d":1})"), R"({"a":{},"b.c":{},"d":1})");
  EXPECT_EQ(flat(R"({"a":{},"b":{"c":{ }},"d":1})", map({{"keep_empty", false}})), R"({"d":1})");
  EXPECT_EQ(flat("{}"), "{}");
}

TEST_F(FlattenTest, depth_says_how_far) {
  EXPECT_EQ(flat(R"({"a":{"b":{"c":1}}})", map({{"depth", 2}})), R"({"a.b":{"c":1}})");
  EXPECT_EQ(flat(R"({"a":{"b":{"c":1}}})", map({{"depth", 1}})), R"({"a":{"b":{"c":1}}})");
}

TEST_F(FlattenTest, of_two_of_one_name_the_first_counts) {
  EXPECT_EQ(flat(R"({"a.b":1,"a":{"b":2,"c":3}})"), R"({"a.b":1,"a.c":3})");
}

TEST_F(FlattenTest, what_is_no_object_is_rejected) {
  EXPECT_EQ(flat("[1]"), "not-an-object");
  EXPECT_EQ(flat(R"({"a":)"), "bad-json");
  EXPECT_EQ(flat(R"({"a":1} {})"), "bad-json");
  EXPECT_EQ(flat(""), "bad-json");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += R"({"a":)";
  EXPECT_EQ(flat(deep + "1" + std::string(5000, '}')), "bad-json");
}

}  // namespace
}  // namespace penstock
