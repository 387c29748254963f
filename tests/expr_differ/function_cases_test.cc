// SPDX-License-Identifier: Apache-2.0
// The cases in tests/scenarios/expressions/functions: what the Go libraries gave, once and for all.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>  // tidy-allow: heavy-header because a test program prints

#include "difference.h"
#include "expr/evaluator.h"
#include "expr/functions/functions.h"
#include "expr/functions/language.h"
#include "json/parse.h"
#include "our_result.h"
#include "value/write_json.h"

namespace penstock {
namespace {

TEST(FunctionCases, give_what_the_go_libraries_gave) {
  const auto table = all_functions();
  const ManualClock clock;
  size_t count = 0;
  const std::string folder = PENSTOCK_SOURCE_DIR "/tests/scenarios/expressions/functions";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".ndjson") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line); ++count) {
      ValueArena arena;
      JsonParser parser;
      const auto request = parser.parse(line, arena);
      ASSERT_TRUE(request) << line;
      const auto ours = evaluate_ours(*request, *table, clock, arena);
      const Value* theirs = request->find("value");
      if (theirs == nullptr) {
        EXPECT_FALSE(ours) << line;
        continue;
      }
      ASSERT_TRUE(ours) << line << ": " << ours.error().message;
      EXPECT_TRUE(same_value(*ours, *theirs)) << line << ": " << display(*ours);
    }
  }
  std::cout << count << " cases of the Go libraries\n";
  EXPECT_GE(count, 1500u);
}

/// All tables: the examples of functions and of the language, what the Go libraries gave, and what
/// cannot be compiled.
TEST(FunctionCases, are_at_least_1500_and_leave_no_operator_or_function_out) {
  const auto table = all_functions();
  size_t cases = 0, failing = 0;
  std::vector<std::string> without_examples;
  const auto count = [&](std::string_view name, const auto& examples) {
    size_t own = 0;
    for (const FunctionExample& example : examples) {
      ++own;
      failing += !example.error.empty();
    }
    if (own < 2) without_examples.emplace_back(name);
    cases += own;
  };
  for (const auto& entry : table->all()) count(entry->full_name, entry->function.examples);
  for (const auto entries : {operator_entries(), predicate_entries()}) {
    for (const LanguageEntry& entry : entries) count(entry.name, entry.examples);
  }
  const size_t own = cases;
  const std::string folder = PENSTOCK_SOURCE_DIR "/tests/scenarios/expressions";
  for (const auto& file : std::filesystem::directory_iterator(folder + "/functions")) {
    if (file.path().extension() != ".ndjson") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line); ++cases) {
      failing += line.ends_with("\"fails\":true}");
    }
  }
  std::ifstream bad(folder + "/bad.txt");
  size_t refused = 0;
  for (std::string line; std::getline(bad, line);) refused += line.starts_with(">> ");
  std::cout << cases + refused << " cases: " << own << " examples of " << table->all().size()
            << " functions and of the operators, " << cases - own
            << " of the Go libraries, " << refused << " that cannot be compiled; " << failing
            << " fail at run time\n";
  EXPECT_EQ(without_examples, std::vector<std::string>());
  EXPECT_GE(cases, 1500u);
  EXPECT_GE(refused, 60u);
  EXPECT_GE(failing, 100u);
}

/// Wrong arguments are refused by every function, with its own name in the message.
TEST(FunctionCases, no_function_takes_what_it_is_not_for) {
  const auto table = all_functions();
  size_t refused = 0;
  for (const auto& entry : table->all()) {
    const bool any = std::any_of(
        entry->signatures.begin(), entry->signatures.end(), [](const Signature& signature) {
          return !signature.parameters.empty() && signature.parameters.back().variadic;
        });
    if (any) continue;  // it takes any number
    const bool method = entry->full_name.starts_with('.');
    const ExprDialect dialect = has_dialect(entry->function.dialects, ExprDialect::kPenstock)
                                    ? ExprDialect::kPenstock
                                    : ExprDialect::kArgo;
    ExprEnvironment environment;
    environment.dialect = dialect;
    environment.functions = table.get();
    std::string text = method ? "(a)" : "";
    text += entry->full_name + "(";
    for (int i = 0; i < 20; ++i) text += i > 0 ? ", a" : "a";
    text += ")";
    Problems problems;
    const auto program = compile(text, environment, problems);
    if (program != nullptr && dialect == ExprDialect::kArgo) {  // there it is said at run time
      ValueArena arena;
      EvalContext context(arena, nullptr, 1, {}, nullptr, dialect);
      const auto value = evaluate(*program, Value(), {}, context);
      EXPECT_FALSE(value) << text;
      if (value) continue;
      EXPECT_NE(value.error().message.find("take"), std::string::npos) << value.error().message;
    } else {
      ASSERT_EQ(program, nullptr) << text;
      EXPECT_EQ(problems[0].code, "type-mismatch") << text;
      EXPECT_NE(problems[0].what.find("() does not take"), std::string::npos) << problems[0].what;
    }
    ++refused;
  }
  std::cout << refused << " functions refuse too many arguments\n";
  EXPECT_GE(refused, 300u);
}

}  // namespace
}  // namespace penstock
