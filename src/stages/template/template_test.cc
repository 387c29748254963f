// SPDX-License-Identifier: Apache-2.0
#include "stages/template/template.h"

#include <gtest/gtest.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms =
    inherit(register_template, {{"template", ComponentKind::kStage, [](Fixture& f) {
                                   f.options = map({{"template", "n={{ n }}"}});
                                   f.input = {R"({"n":1})", R"({"n":"x"})"};
                                   f.expected = {"n=1", "n=x"};
                                 }}});

class TemplateTest : public testing::Test {
 protected:
  TemplateTest() { register_template(catalog_); }
  Texts written(const char* text, const Texts& input) {
    StageHarness stage(services_, bind(catalog_, "template", ComponentKind::kStage,
                                       map({{"template", text}})));
    EXPECT_TRUE(stage.open());
    stage.process(input);
    rejected_ = stage.out.rejected.size();
    return stage.out.payloads();
  }
  std::string problems(const char* text) {
    return bind_problems(catalog_, "template", ComponentKind::kStage, map({{"template", text}}));
  }
  Catalog catalog_;
  Services services_;
  size_t rejected_ = 0;
};

TEST_F(TemplateTest, values_stand_between_the_text) {
  EXPECT_EQ(written("a={{a}}, b=${{ b.c }};", {R"({"a":"x\ny","b":{"c":[1,2]}})", R"({"a":1.5})"}),
            (Texts{"a=x\ny, b=[1,2];", "a=1.5, b=;"}));
}

TEST_F(TemplateTest, braces_of_expressions_do_not_end_them) {
  EXPECT_EQ(written("{{ {\"a\": {\"b\": \"}}\"}} }}{{\"{{\"}}$", {"{}"}),
            (Texts{R"({"a":{"b":"}}"}}{{$)"}));
}

TEST_F(TemplateTest, text_without_expressions_needs_no_json) {
  EXPECT_EQ(written("plain", {"no json", ""}), (Texts{"plain", "plain"}));
}

TEST_F(TemplateTest, what_cannot_be_computed_is_rejected) {
  EXPECT_EQ(written("{{ a + 1 }}", {R"({"a":1})", R"({"a":[]})", "no json"}), (Texts{"2"}));
  EXPECT_EQ(rejected_, 2u);
}

TEST_F(TemplateTest, mistakes_are_found_before_anything_runs) {
  EXPECT_NE(problems("a {{ b ").find("bad-template"), std::string::npos);
  EXPECT_NE(problems("a {{ b + }} c").find("bad-expression"), std::string::npos);
}

}  // namespace
}  // namespace penstock
