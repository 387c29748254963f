// SPDX-License-Identifier: Apache-2.0
#include "stages/regex_parse/regex_parse.h"

#include <gtest/gtest.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms =
    inherit(register_regex_parse, {{"regex_parse", ComponentKind::kStage, [](Fixture& f) {
                                      f.options = map({{"pattern", "(?P<a>\\d+)"}});
                                      f.input = {"x1", "22y"};
                                      f.expected = {R"({"a":"1"})", R"({"a":"22"})"};
                                    }}});

class RegexParseTest : public testing::Test {
 protected:
  RegexParseTest() { register_regex_parse(catalog_); }
  Texts parsed(const Node& options, const Texts& input) {
    StageHarness stage(services_, bind(catalog_, "regex_parse", ComponentKind::kStage, options));
    EXPECT_TRUE(stage.open());
    stage.process(input);
    rejected_.clear();
    for (const Refused& refused : stage.out.rejected) rejected_.push_back(refused.error.code);
    return stage.out.payloads();
  }
  std::string problems(const Node& options) {
    return bind_problems(catalog_, "regex_parse", ComponentKind::kStage, options);
  }
  Catalog catalog_;
  Services services_;
  Texts rejected_;
};

TEST_F(RegexParseTest, named_groups_become_members_and_others_do_not) {
  EXPECT_EQ(parsed(map({{"pattern", "(?P<key>\\w+)=(\"?)(?P<value>[^\"]*)(?P<rest>;.*)?"}}),
                   {"a=\"b\\c\"", "x k=1"}),
            (Texts{R"({"key":"a","value":"b\\c"})", R"({"key":"k","value":"1"})"}));
}

TEST_F(RegexParseTest, groups_have_types) {
  const Node options =
      map({{"pattern", "(?P<i>\\S+) (?P<n>\\S+) (?P<b>\\S+)"},
           {"types", map({{"i", "int"}, {"n", "number"}, {"b", "bool"}})}});
  EXPECT_EQ(parsed(options, {"12 1.50 true", "9223372036854775808 -3 false", "1.5 1 true",
                             "1 x true", "1 1 yes", "01 1 true"}),
            (Texts{R"({"i":12,"n":1.5,"b":true})",
                   R"({"i":9223372036854775808,"n":-3,"b":false})"}));
  EXPECT_EQ(rejected_, Texts(4, "cannot-decode"));
}

TEST_F(RegexParseTest, what_does_not_match_is_rejected_passes_or_ends) {
  const Texts input = {"1", "x", "2"};
  EXPECT_EQ(parsed(map({{"pattern", "(?P<a>\\d)"}}), input),
            (Texts{R"({"a":"1"})", R"({"a":"2"})"}));
  EXPECT_EQ(rejected_, (Texts{"no-match"}));
  EXPECT_EQ(parsed(map({{"pattern", "(?P<a>\\d)"}, {"on_no_match", "pass"}}), input),
            (Texts{R"({"a":"1"})", "x", R"({"a":"2"})"}));
  EXPECT_EQ(parsed(map({{"pattern", "(?P<a>\\d)"}, {"on_no_match", "drop"}}), input),
            (Texts{R"({"a":"1"})", R"({"a":"2"})"}));
  EXPECT_TRUE(rejected_.empty());
}

TEST_F(RegexParseTest, members_may_join_the_document) {
  const Texts input = {R"({"id": 1.0, "line":"GET /a"})", R"({"id":2})"};
  const auto options = [](const char* into) {
    return map({{"pattern", "(?P<method>\\w+) (?P<path>\\S+)"}, {"field", "line"},
                {"merge", true}, {"into", into}, {"on_no_match", "pass"}});
  };
  EXPECT_EQ(parsed(options(""), input),
            (Texts{R"({"id": 1.0, "line":"GET /a","method":"GET","path":"/a"})", input[1]}));
  EXPECT_EQ(parsed(options("request"), input),
            (Texts{R"({"id": 1.0, "line":"GET /a","request":{"method":"GET","path":"/a"}})",
                   input[1]}));
}

TEST_F(RegexParseTest, mistakes_are_found_before_anything_runs) {
  EXPECT_NE(problems(map({{"pattern", "(?P<a>"}})).find("bad-pattern"), std::string::npos);
  EXPECT_NE(problems(map({{"pattern", "(a)"}})).find("no named group"), std::string::npos);
  EXPECT_NE(problems(map({{"pattern", "(?P<a>b)"}, {"types", map({{"c", "int"}})}}))
                .find("no group \"c\""),
            std::string::npos);
}

}  // namespace
}  // namespace penstock
