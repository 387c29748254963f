// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "expr/test_evaluation.h"

namespace penstock {
namespace {

/// What is said about a text, or "accepted".
std::string said(const std::string& text, const ExprEnvironment& environment) {
  Problems problems;
  return compile(text, environment, problems) == nullptr ? to_string(problems, text) : "accepted";
}

TEST(Compile, says_of_each_bad_expression_exactly_what_the_scenario_says) {
  const FunctionTable functions = test_functions();
  ExprEnvironment environment;
  environment.functions = &functions;
  std::ifstream file(PENSTOCK_SOURCE_DIR "/tests/scenarios/expressions/bad.txt");
  std::string line, text, expected;
  int count = 0;
  const auto check = [&] {
    if (count++ > 0) {
      EXPECT_EQ(said(text, environment) + "\n", expected) << text;
    }
    expected.clear();
  };
  while (std::getline(file, line)) {
    if (line.starts_with("# ")) continue;
    if (line.starts_with(">> ")) {
      check();
      text = line.substr(3);
    } else if (!line.empty()) {
      expected += line + "\n";
    }
  }
  check();
  EXPECT_GE(count, 100);
}

TEST(Compile, knows_the_fields_of_a_schema) {
  const FunctionTable functions = test_functions();
  ExprSchema schema;
  auto bid = std::make_unique<ExprSchema>();
  bid->fields.push_back({"price", kIntType, nullptr});
  bid->fields.push_back({"url", kStringType, nullptr});
  schema.fields.push_back({"bid", kMapType, std::move(bid)});
  schema.fields.push_back({"extra", kAnyType, nullptr});
  ExprEnvironment environment;
  environment.functions = &functions;
  environment.schema = &schema;
  for (const char* good : {"bid.price > 5", "extra.anything.goes == 1", "bid == nil", "this"}) {
    EXPECT_EQ(said(good, environment), "accepted");
  }
  EXPECT_EQ(said("bid.prise > 5", environment),
            "1:1: error[unknown-member]: the schema has no field \"bid.prise\"\n"
            "  | bid.prise > 5\n"
            "  | ^~~~~~~~~\n"
            "  hint: did you mean \"price\"?");
  EXPECT_EQ(said("bdi.price > 5", environment).substr(0, 65),
            "1:1: error[unknown-member]: the schema has no field \"bdi\"\n  | bdi");
  EXPECT_EQ(said("bid.url > 5", environment).substr(0, 74),
            "1:1: error[type-mismatch]: cannot apply > to string or nil and int\n  | bid");
}

TEST(Compile, knows_only_the_names_of_a_place_without_records) {
  ExprEnvironment environment;
  environment.has_record = false;
  environment.variables = {{"pending", kIntType}, {"currentReplicas", kIntType}};
  environment.result = kIntType;
  EXPECT_EQ(said("currentReplicas + pending % 10", environment), "accepted");
  EXPECT_EQ(said("pendng + 1", environment),
            "1:1: error[unknown-name]: \"pendng\" is not known here\n  | pendng + 1\n  | ^~~~~~\n"
            "  hint: did you mean \"pending\"?");
  EXPECT_EQ(said("pending > 5", environment),
            "1:1: error[type-mismatch]: the result must be int, not bool\n  | pending > 5\n"
            "  | ^~~~~~~~~~~");
  Problems problems;
  const auto program = compile("pending * 2 + currentReplicas", environment, problems);
  ASSERT_NE(program, nullptr);
  ValueArena arena;
  EvalContext context(arena, nullptr, 1);
  const Value values[] = {Value::integer(20), Value::integer(2)};
  EXPECT_EQ(shown(evaluate(*program, Value(), values, context)), "42");
}

TEST(Compile, bounds_length_nesting_and_constants) {
  const FunctionTable functions = test_functions();
  ExprEnvironment environment;
  environment.functions = &functions;
  EXPECT_NE(said(std::string(kExprTextMax + 1, '1'), environment).find("longer than 64 KiB"),
            std::string::npos);
  for (const char* open : {"(", "[", "-", "not ", "{a: ", "len(", "x[", "a ? b : ", "[1, ",
                           "map(xs, ", "let a = "}) {
    std::string deep;
    for (int i = 0; i < 10'000 && deep.size() < kExprTextMax - 20; ++i) deep += open;
    EXPECT_NE(said(deep, environment).find("nested too deep"), std::string::npos) << open;
  }
  std::string sum = "x", members = "x";
  for (int i = 0; i < 900; ++i) sum += " + x", members += ".y";
  EXPECT_EQ(said(sum, environment), "accepted");
  EXPECT_EQ(said(members, environment), "accepted");
  for (int i = 0; i < 900; ++i) sum += " + x";
  EXPECT_NE(said(sum, environment).find("nested too deep"), std::string::npos);
}

TEST(Problem, shows_the_line_of_a_long_text_and_where_it_is_in_the_file) {
  const FunctionTable functions = test_functions();
  ExprEnvironment environment;
  environment.functions = &functions;
  const std::string text = "a and\n  b and é == ünknown(1)";
  Problems problems;
  ASSERT_EQ(compile(text, environment, problems), nullptr);
  EXPECT_EQ(to_string(problems, text),
            "2:15: error[unknown-function]: there is no function ünknown()\n"
            "  |   b and é == ünknown(1)\n"
            "  |              ^~~~~~~");
  Diagnostics diagnostics;
  report(problems, text, {"flow.yaml", 10, 5}, diagnostics);
  EXPECT_EQ(diagnostics.all()[0].position.line, 11);
  EXPECT_EQ(diagnostics.all()[0].position.column, 15);
  const std::string wide = std::string(200, 'a') + " + " + "oops(" + std::string(200, 'b') + ")";
  ASSERT_EQ(compile(wide, environment, problems), nullptr);
  EXPECT_LT(to_string(problems[0], wide).size(), 320u);
}

}  // namespace
}  // namespace penstock
