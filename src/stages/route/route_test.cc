// SPDX-License-Identifier: Apache-2.0
#include "stages/route/route.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

Node one_case(const Node& match, const char* output) {
  return map({{"match", match}, {"output", output}});
}

class RouteTest : public testing::Test {
 protected:
  RouteTest() { register_route(catalog_); }
  std::shared_ptr<const Bound> route(const Node& options) {
    return bind(catalog_, "route", ComponentKind::kStage, options);
  }
  /// Whether `match` is true for a record of this payload, key and header "h".
  bool matches(const Node& match, const std::string& payload, const std::string& key = "",
               const std::string& header = "") {
    StageHarness stage(services_, route(map({{"cases", list({one_case(match, "yes")})}})));
    EXPECT_TRUE(stage.open());
    TestRecord record{payload, key};
    if (!header.empty()) record.headers = {{"h", header}};
    stage.process(make_batch(services_, std::vector<TestRecord>{record}));
    EXPECT_EQ(stage.out.records.size(), 1u);
    return stage.out.records.at(0).port == 1;
  }
  std::string problems(const Node& options) {
    return bind_problems(catalog_, "route", ComponentKind::kStage, options);
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(RouteTest, the_first_case_that_matches_decides) {
  StageHarness stage(services_, route(map({{"cases", list({
                                                         one_case(map({{"prefix", "a"}}), "one"),
                                                         one_case(map({{"suffix", "z"}}), "two"),
                                                         one_case(map({{"equals", "b"}}), "one"),
                                                     })},
                                           {"otherwise", "rest"}})));
  ASSERT_TRUE(stage.open());
  stage.epoch = 6;
  stage.process({"az", "bz", "x", "b", "a"});
  EXPECT_EQ(stage.out.payloads(1), (Texts{"az", "b", "a"}));
  EXPECT_EQ(stage.out.payloads(2), (Texts{"bz"}));
  EXPECT_EQ(stage.out.payloads(3), (Texts{"x"}));
  EXPECT_EQ(stage.out.batches, (std::vector<size_t>{3, 1, 1}));
  for (const Seen& record : stage.out.records) EXPECT_EQ(record.epoch, 6u);
}

TEST_F(RouteTest, its_ports_are_named_in_order_of_first_use) {
  const Node options = map({{"cases", list({one_case(map({{"prefix", "a"}}), "one"),
                                            one_case(map({{"prefix", "b"}}), "two"),
                                            one_case(map({{"prefix", "c"}}), "one")})},
                            {"otherwise", "rest"}});
  EXPECT_EQ(route(options)->ports, (Texts{"one", "two", "rest"}));
}

TEST_F(RouteTest, what_matches_nothing_goes_to_the_plain_output) {
  StageHarness stage(services_, route(map({{"cases", list({
                                                         one_case(map({{"equals", "a"}}), "one"),
                                                     })}})));
  ASSERT_TRUE(stage.open());
  stage.process({"b", "a", "c"});
  EXPECT_EQ(stage.out.payloads(0), (Texts{"b", "c"}));
  EXPECT_EQ(stage.out.payloads(1), (Texts{"a"}));
}

TEST_F(RouteTest, a_batch_that_goes_one_way_is_passed_on_whole) {
  StageHarness stage(services_, route(map({{"cases", list({
                                                         one_case(map({{"contains", "a"}}), "one"),
                                                     })}})));
  ASSERT_TRUE(stage.open());
  struct Keep final : Output {
    Batch kept;
    void emit(Batch batch, uint32_t) override { kept = std::move(batch); }
    void reject(const Record&, Epoch, const Error&) override {}
    void retry(Batch, const Error&) override {}
    void fail(Error) override {}
  } keep;
  Batch input = make_batch(services_, Texts{"a", "ba"});
  const Record* heads = input.heads().data();
  stage.stage().process(std::move(input), keep);
  EXPECT_EQ(keep.kept.heads().data(), heads);
  EXPECT_FALSE(keep.kept.has_selection());
}

TEST_F(RouteTest, tests_look_at_the_payload_the_key_or_a_header) {
  EXPECT_TRUE(matches(map({{"contains", "ell"}}), "hello"));
  EXPECT_FALSE(matches(map({{"contains", "elL"}}), "hello"));
  EXPECT_TRUE(matches(map({{"prefix", "he"}}), "hello"));
  EXPECT_FALSE(matches(map({{"prefix", "hello!"}}), "hello"));
  EXPECT_TRUE(matches(map({{"suffix", "lo"}}), "hello"));
  EXPECT_TRUE(matches(map({{"equals", ""}}), ""));
  EXPECT_TRUE(matches(map({{"on", "key"}, {"equals", "k"}}), "p", "k"));
  EXPECT_FALSE(matches(map({{"on", "key"}, {"equals", "k"}}), "k"));
  EXPECT_TRUE(matches(map({{"on", "header:h"}, {"prefix", "v"}}), "p", "", "value"));
  EXPECT_FALSE(matches(map({{"on", "header:g"}, {"prefix", "v"}}), "p", "", "value"));
}

TEST_F(RouteTest, regular_expressions_match_anywhere_and_survive_long_input) {
  const Node code = map({{"regex", "E[0-9]{3}\\b"}});
  EXPECT_TRUE(matches(code, "error E404 here"));
  EXPECT_FALSE(matches(code, "error E4040"));
  EXPECT_FALSE(matches(map({{"regex", "(a*)*b"}}), std::string(200'000, 'a')));
  EXPECT_TRUE(matches(map({{"regex", "(?i)^ERR"}}), "error"));
}

TEST_F(RouteTest, expressions_decide_among_what_no_earlier_case_took) {
  StageHarness stage(services_, route(map({{"cases", list({
                                                         one_case(map({{"prefix", "no"}}), "text"),
                                                         map({{"when", "n > 10"},
                                                              {"output", "large"}}),
                                                         map({{"when", "n > 5"},
                                                              {"output", "middle"}}),
                                                     })},
                                           {"otherwise", "rest"}})));
  ASSERT_TRUE(stage.open());
  stage.process({R"({"n":11})", "no json", R"({"n":6})", R"({"n":1})", R"({"n":"x"})"});
  EXPECT_EQ(stage.out.payloads(1), (Texts{"no json"}));
  EXPECT_EQ(stage.out.payloads(2), (Texts{R"({"n":11})"}));
  EXPECT_EQ(stage.out.payloads(3), (Texts{R"({"n":6})"}));
  EXPECT_EQ(stage.out.payloads(4), (Texts{R"({"n":1})"}));
  ASSERT_EQ(stage.out.rejected.size(), 1u);
  EXPECT_EQ(stage.out.rejected[0].record.payload, R"({"n":"x"})");
}

TEST_F(RouteTest, a_case_has_one_test) {
  EXPECT_NE(problems(map({{"cases", list({map({{"output", "a"}})})}}))
                .find("match or when is missing"),
            std::string::npos);
  EXPECT_NE(problems(map({{"cases", list({map({{"match", map({{"prefix", "a"}})},
                                               {"when", "true"},
                                               {"output", "a"}})})}}))
                .find("both match and when"),
            std::string::npos);
  EXPECT_NE(problems(map({{"cases", list({map({{"when", "n >"}, {"output", "a"}})})}}))
                .find("bad-expression"),
            std::string::npos);
}

TEST_F(RouteTest, mistakes_are_all_reported) {
  const std::string found = problems(map({{"cases", list({
                                                        one_case(map({{"regex", "("}}), "a"),
                                                        one_case(map({{"on", "body"}}), "b"),
                                                        one_case(map({{"prefix", "a"},
                                                                      {"suffix", "b"}}), ""),
                                                    })}}));
  for (const char* part : {"bad-pattern", "on cannot be \"body\"", "tests nothing",
                           "more than one test", "the output has no name"}) {
    EXPECT_NE(found.find(part), std::string::npos) << part << "\n" << found;
  }
  EXPECT_NE(problems(map({})).find("missing-field"), std::string::npos);
  EXPECT_NE(problems(map({{"cases", list({})}})).find("cases is empty"), std::string::npos);
}

}  // namespace
}  // namespace penstock
