// SPDX-License-Identifier: Apache-2.0
#include "expr/function.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Signature, reads_parameters_types_and_results) {
  const auto s = parse_signature("(text: string|bytes, count?: int, rest?: array[int]) -> map|nil");
  ASSERT_TRUE(s);
  ASSERT_EQ(s->parameters.size(), 3u);
  EXPECT_EQ(s->parameters[0].type, kTextType);
  EXPECT_TRUE(s->parameters[1].optional);
  EXPECT_EQ(s->parameters[2].type, kArrayType);
  EXPECT_EQ(s->result, kMapType | kNullType);
  EXPECT_TRUE(parse_signature("() -> any"));
  EXPECT_TRUE(parse_signature("(xs...: number) -> number")->parameters[0].variadic);
}

TEST(Signature, refuses_what_makes_no_sense) {
  for (const char* text : {"", "() -> ", "(x) -> int", "(x: what) -> int", "(x: int -> int",
                           "(x...: int, y: int) -> int", "(x?: int, y: int) -> int",
                           "(: int) -> int"}) {
    EXPECT_FALSE(parse_signature(text)) << text;
  }
}

Result<Value> nothing(EvalContext&, std::span<const Value>) { return Value(); }

TEST(FunctionTable, finds_by_name_alias_space_and_dialect) {
  FunctionTable table;
  table.add({.name = "upper", .aliases = {"uppercase"}, .space = "sprig", .category = "string",
             .signatures = {"(text: string) -> string"}, .about = "", .body = nothing});
  table.add({.name = "only", .category = "x", .signatures = {"() -> nil"}, .about = "",
             .dialects = kInArgo, .body = nothing});
  EXPECT_NE(table.find("sprig.upper", ExprDialect::kPenstock), nullptr);
  EXPECT_EQ(table.find("sprig.uppercase", ExprDialect::kArgo),
            table.find("sprig.upper", ExprDialect::kArgo));
  EXPECT_EQ(table.find("upper", ExprDialect::kPenstock), nullptr);
  EXPECT_EQ(table.find("only", ExprDialect::kPenstock), nullptr);
  EXPECT_NE(table.find("only", ExprDialect::kArgo), nullptr);
  EXPECT_EQ(table.names(ExprDialect::kPenstock),
            (std::vector<std::string>{"sprig.upper", "sprig.uppercase"}));
}

TEST(Type, describes_sets_of_kinds) {
  EXPECT_EQ(describe(kAnyType), "any");
  EXPECT_EQ(describe(kNumberType), "number");
  EXPECT_EQ(describe(kIntType | kNullType), "int or nil");
  EXPECT_EQ(describe(kIntType | kDoubleType), "int or double");
  EXPECT_EQ(parse_type("int|array[string]"), kIntType | kArrayType);
  EXPECT_EQ(parse_type("integer"), std::nullopt);
}

TEST(Regex, finds_groups_and_refuses_bad_patterns) {
  const auto regex = Regex::compile("(?P<key>a+)(b)?(c)");
  ASSERT_TRUE(regex);
  std::string_view groups[5];
  ASSERT_TRUE((*regex)->find("xxaac", 1, groups));
  EXPECT_EQ(groups[0], "aac");
  EXPECT_EQ(groups[1], "aa");
  EXPECT_EQ(groups[2].data(), nullptr);
  EXPECT_EQ(groups[3], "c");
  EXPECT_EQ((*regex)->group_name(1), "key");
  EXPECT_FALSE(Regex::compile("(a"));
  EXPECT_FALSE(Regex::compile(std::string(5000, 'a')));
  EXPECT_FALSE(Regex::compile("((a{100}){100}){100}"));
}

TEST(EvalContext, keeps_a_bounded_number_of_patterns_from_data) {
  ValueArena arena;
  EvalLimits limits;
  limits.regex_cache_max = 2;
  EvalContext context(arena, nullptr, 1, limits);
  context.begin_record();
  const auto* first = *context.regex("a");
  EXPECT_EQ(*context.regex("a"), first);
  for (const char* pattern : {"b", "c", "d"}) EXPECT_TRUE(context.regex(pattern));
  EXPECT_FALSE(context.regex("("));
  EXPECT_FALSE(context.spend(1'000'000'000));
}

}  // namespace
}  // namespace penstock
