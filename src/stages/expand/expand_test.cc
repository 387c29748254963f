// SPDX-License-Identifier: Apache-2.0
#include "stages/expand/expand.h"

#include <gtest/gtest.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

const bool kConforms =
    inherit(register_expand, {{"expand", ComponentKind::kStage, [](Fixture& f) {
                                 f.input = {R"({"a.b":1,"c":2})"};
                                 f.expected = {R"({"a":{"b":1},"c":2})"};
                               }}});

class ExpandTest : public testing::Test {
 protected:
  ExpandTest() { register_expand(catalog_); }
  /// The new payload, or the error's code.
  std::string expanded(const std::string& text, const Node& options = map({})) {
    StageHarness stage(services_, bind(catalog_, "expand", ComponentKind::kStage, options));
    EXPECT_TRUE(stage.open());
    stage.process({text});
    return stage.out.rejected.empty() ? stage.out.records.at(0).payload
                                      : stage.out.rejected[0].error.code;
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(ExpandTest, names_are_split_and_values_stay_as_they_stand) {
  EXPECT_EQ(expanded(R"({"a.b" : 1.50, "a.c.d":"\u00e9", "e":[ 1 ], "a.f":null})"),
            R"({"a":{"b":1.50,"c":{"d":"\u00e9"},"f":null},"e":[ 1 ]})");
  EXPECT_EQ(expanded(R"({"a/b":1})", map({{"separator", "/"}})), R"({"a":{"b":1}})");
  EXPECT_EQ(expanded("{}"), "{}");
}

TEST_F(ExpandTest, maps_are_joined_and_their_own_names_are_not_split) {
  EXPECT_EQ(expanded(R"({"a":{"x.y":1,"z":{}},"a.b":2})"),
            R"({"a":{"x.y":1,"z":{},"b":2}})");
}

TEST_F(ExpandTest, places_become_arrays_when_asked) {
  EXPECT_EQ(expanded(R"({"a.0":1,"a.1.b":2,"c.1":3})", map({{"arrays", true}})),
            R"({"a":[1,{"b":2}],"c":{"1":3}})");
  EXPECT_EQ(expanded(R"({"a.0":1})"), R"({"a":{"0":1}})");
}

TEST_F(ExpandTest, who_counts_of_two_that_want_one_place_is_an_option) {
  const std::string value_first = R"({"a":1,"a.b":2})", map_first = R"({"a.b":2,"a":1})";
  EXPECT_EQ(expanded(value_first), R"({"a":{"b":2}})");
  EXPECT_EQ(expanded(map_first), R"({"a":1})");
  EXPECT_EQ(expanded(value_first, map({{"conflict", "first"}})), R"({"a":1})");
  EXPECT_EQ(expanded(map_first, map({{"conflict", "first"}})), R"({"a":{"b":2}})");
  EXPECT_EQ(expanded(value_first, map({{"conflict", "reject"}})), "member-conflict");
  EXPECT_EQ(expanded(map_first, map({{"conflict", "reject"}})), "member-conflict");
  EXPECT_EQ(expanded(R"({"a":1,"a":2})"), R"({"a":2})");
}

TEST_F(ExpandTest, what_is_no_object_is_rejected) {
  EXPECT_EQ(expanded("1"), "not-an-object");
  EXPECT_EQ(expanded("{"), "bad-json");
}

}  // namespace
}  // namespace penstock
