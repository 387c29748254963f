// SPDX-License-Identifier: Apache-2.0
#include "stages/unnest/unnest.h"

#include <gtest/gtest.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms =
    inherit(register_unnest, {{"unnest", ComponentKind::kStage, [](Fixture& f) {
                                 f.options = map({{"items", "xs"}});
                                 f.input = {R"({"xs":[1,2]})", R"({"xs":[]})", R"({"xs":[3]})"};
                                 f.expected = {"1", "2", "3"};
                               }}});

class UnnestTest : public testing::Test {
 protected:
  UnnestTest() { register_unnest(catalog_); }
  Texts unnested(const Node& options, const Texts& input) {
    StageHarness stage(services_, bind(catalog_, "unnest", ComponentKind::kStage, options));
    EXPECT_TRUE(stage.open());
    stage.process(input);
    rejected_ = stage.out.rejected.size();
    return stage.out.payloads();
  }
  Catalog catalog_;
  Services services_;
  size_t rejected_ = 0;
};

TEST_F(UnnestTest, items_are_copied_as_they_stand) {
  EXPECT_EQ(unnested(map({{"items", "a.b"}}),
                     {R"({"a":{"b":[ 1.50 , {"c": "\u00e9"},[ ] , null]}})"}),
            (Texts{"1.50", R"({"c": "\u00e9"})", "[ ]", "null"}));
}

TEST_F(UnnestTest, the_rest_of_the_document_may_be_kept) {
  const std::string order = R"({"id": 7, "lines": [{"n":1}, {"n":2}], "z": 1.0})";
  EXPECT_EQ(unnested(map({{"items", "lines"}, {"keep", true}}), {order}),
            (Texts{R"({"id": 7, "lines": {"n":1}, "z": 1.0})",
                   R"({"id": 7, "lines": {"n":2}, "z": 1.0})"}));
  EXPECT_EQ(unnested(map({{"items", "this.lines"}, {"keep", true}, {"as", "line"},
                          {"index", "i"}}),
                     {order}),
            (Texts{R"({"id": 7, "z": 1.0,"line":{"n":1},"i":0})",
                   R"({"id": 7, "z": 1.0,"line":{"n":2},"i":1})"}));
}

TEST_F(UnnestTest, an_array_may_be_computed) {
  EXPECT_EQ(unnested(map({{"items", "filter(xs, # > 1)"}}), {R"({"xs":[1,2,3]})"}),
            (Texts{"2", "3"}));
  EXPECT_EQ(unnested(map({{"items", "[a, b]"}, {"keep", true}, {"as", "x"}}),
                     {R"({"a":1,"b":"t"})"}),
            (Texts{R"({"a":1,"b":"t","x":1})", R"({"a":1,"b":"t","x":"t"})"}));
}

TEST_F(UnnestTest, records_without_items_end_here_or_pass) {
  const Texts input = {R"({"xs":[]})", R"({"xs":null})", R"({})", R"({"xs":[1]})"};
  EXPECT_EQ(unnested(map({{"items", "xs"}}), input), (Texts{"1"}));
  EXPECT_EQ(unnested(map({{"items", "xs"}, {"empty", "keep"}}), input),
            (Texts{input[0], input[1], input[2], "1"}));
}

TEST_F(UnnestTest, what_is_no_array_is_rejected) {
  EXPECT_EQ(unnested(map({{"items", "xs"}}),
                     {R"({"xs":1})", R"({"xs":{"a":[1]}})", "no json", R"({"xs":[2]})"}),
            (Texts{"2"}));
  EXPECT_EQ(rejected_, 3u);
}

TEST_F(UnnestTest, of_a_computed_array_the_records_that_fail_are_rejected_once) {
  EXPECT_EQ(unnested(map({{"items", "filter(xs, # > 1)"}}),
                     {R"({"xs":[1,2]})", "no json", R"({"xs":["t"]})", R"({"xs":[3]})"}),
            (Texts{"2", "3"}));
  EXPECT_EQ(rejected_, 2u);
}

TEST_F(UnnestTest, an_item_of_a_computed_array_needs_a_place) {
  EXPECT_NE(bind_problems(catalog_, "unnest", ComponentKind::kStage,
                          map({{"items", "[a]"}, {"keep", true}}))
                .find("so as is needed"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock
