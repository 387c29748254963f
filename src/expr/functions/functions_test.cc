// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/functions.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "expr/parser.h"
#include "expr/functions/language.h"
#include "expr/functions/test_case.h"

namespace penstock {
namespace {

TEST(Functions, do_what_their_examples_say) {
  const auto table = all_functions();
  const TestOutside outside;
  for (const auto& entry : table->all()) {
    const Function& f = entry->function;
    for (const FunctionExample& example : f.examples) {
      const ExprDialect dialect = has_dialect(f.dialects, ExprDialect::kPenstock)
                                      ? ExprDialect::kPenstock
                                      : ExprDialect::kArgo;
      EXPECT_EQ(check_case({std::string(example.expression), std::string(example.input),
                            std::string(example.expected), std::string(example.error), dialect},
                           *table, &outside),
                "");
    }
  }
}

TEST(Language, does_what_its_examples_say) {
  const auto table = all_functions();
  for (const auto entries : {operator_entries(), predicate_entries()}) {
    for (const LanguageEntry& entry : entries) {
      EXPECT_GE(entry.examples.size(), 2u) << entry.name;
      for (const FunctionExample& e : entry.examples) {
        EXPECT_EQ(check_case({std::string(e.expression), std::string(e.input),
                              std::string(e.expected), std::string(e.error)},
                             *table),
                  "");
      }
    }
  }
}

TEST(Language, describes_every_function_that_takes_a_closure) {
  std::set<std::string> described;
  for (const LanguageEntry& entry : predicate_entries()) described.emplace(entry.name);
  for (const std::string& name : predicate_names()) EXPECT_TRUE(described.contains(name)) << name;
}

TEST(Functions, each_has_a_sentence_a_category_and_two_examples) {
  const auto table = all_functions();
  for (const auto& entry : table->all()) {
    const Function& f = entry->function;
    EXPECT_GE(f.examples.size(), 2u) << entry->full_name;
    EXPECT_TRUE(f.about.ends_with('.')) << entry->full_name;
    EXPECT_FALSE(f.category.empty()) << entry->full_name;
  }
}

TEST(Functions, have_every_name_of_sprig_2_22) {
  constexpr std::string_view kNames =
      "abbrev abbrevboth add add1 adler32sum ago append atoi b32dec b32enc b64dec b64enc base "
      "biggest buildCustomCert camelcase cat ceil clean coalesce compact concat contains date "
      "dateInZone dateModify date_in_zone date_modify decryptAES deepCopy deepEqual default "
      "derivePassword dict dir div empty encryptAES env expandenv ext fail first float64 floor "
      "genCA genPrivateKey genSelfSignedCert genSignedCert getHostByName has hasKey "
      "hasPrefix hasSuffix hello htmlDate htmlDateInZone indent initial initials int int64 "
      "isAbs join kebabcase keys kindIs kindOf last list lower max merge mergeOverwrite "
      "min mod mul nindent nospace now omit pick pluck plural prepend push quote randAlpha "
      "randAlphaNum randAscii randNumeric regexFind regexFindAll regexMatch regexReplaceAll "
      "regexReplaceAllLiteral regexSplit repeat replace rest reverse round semver "
      "semverCompare set sha1sum sha256sum shuffle slice snakecase sortAlpha split splitList "
      "splitn squote sub substr swapcase ternary title toDate toDecimal toJson toPrettyJson "
      "toString toStrings trim trimAll trimPrefix trimSuffix trimall trunc tuple typeIs "
      "typeIsLike typeOf uniq unixEpoch unset until untilStep untitle upper urlJoin urlParse "
      "uuidv4 values without wrap wrapWith ";
  const auto table = all_functions();
  size_t count = 0;
  for (size_t at = 0; at < kNames.size(); ++count) {
    const size_t end = kNames.find(' ', at);
    const std::string name = "sprig." + std::string(kNames.substr(at, end - at));
    for (const ExprDialect dialect : {ExprDialect::kPenstock, ExprDialect::kArgo}) {
      EXPECT_NE(table->find(name, dialect), nullptr) << name;
    }
    at = end + 1;
  }
  EXPECT_EQ(count, 150u);
}

TEST(Functions, look_at_the_machine_only_where_they_are_allowed_to) {
  const auto table = all_functions();
  const TestOutside outside;
  for (const auto& [expression, value] :
       std::map<std::string, std::string>{{"sprig.env('HOME_PORT')", R"("8080")"},
                                          {"sprig.env('NONE')", R"("")"},
                                          {"sprig.expandenv('p=${HOME_PORT}$NONE.$')",
                                           R"("p=8080.$")"},
                                          {"string(io.cat('hello.txt'))", R"("hello")"},
                                          {"io.cat('x')", "error: io.cat(): no file x"}}) {
    const ExpressionCase c{expression, "", value, "", ExprDialect::kArgo};
    EXPECT_EQ(run_case(c, *table, &outside), value);
    EXPECT_NE(run_case(c, *table).find("not allowed"), std::string::npos) << expression;
  }
}

TEST(Functions, take_the_largest_and_the_smallest_integers) {
  const auto table = all_functions();
  const std::string most = R"({"n":9223372036854775807})", least = R"({"n":-9223372036854775808})";
  const ExpressionCase cases[] = {
      {"charAt('abc', n)", most, R"("")", ""}, {"charAt('abc', n)", least, R"("")", ""},
      {"padLeft('abc', n)", least, R"("abc")", ""}, {"center('abc', n)", least, R"("abc")", ""},
      {"padRight('abc', n)", most, "", "more than 64 MiB"},
      {"left('abc', n)", most, R"("abc")", ""}, {"right('abc', n)", least, R"("")", ""},
      {"truncate('abc', n)", least, R"("")", ""},
      {"substring('abc', n)", least, R"("abc")", ""}, {"substring('abc', n)", most, R"("")", ""},
      {"substring('abc', 0, n)", least, R"("")", ""},
      {"sprig.ago(n)", most, R"("-2562047h47m16.854775808s")", ""},
      {"sprig.ago(n)", least, R"("2562047h47m16.854775807s")", ""},
      {"formatBytes(n * 1.0)", most, R"("8 EiB")", ""},
      {"formatBytes(n * 1e10)", most, R"("80000000000 EiB")", ""},
      {"formatBytes(n * 1e280)", most, "", "more EiB"}};
  for (const ExpressionCase& c : cases) EXPECT_EQ(check_case(c, *table), "");
}

TEST(Functions, end_within_their_limits) {
  const auto table = all_functions();
  EvalLimits limits;
  limits.steps_max = 100'000;
  limits.memory_max = 1 << 20;
  for (const char* expression :
       {"repeat('ab', n * 1000000)", "padLeft('a', n * 100000000)", "range(n * 100000000)",
        "sprig.until(n * 100000000)", "sprig.indent(n * 100000000, 'a')",
        "levenshtein(repeat('a', n * 5000), repeat('b', 5000))",
        "format('%1000d %*d', n, 100000, n)", "sprig.repeat(n * 9000000000000, 'abc')",
        "replace(repeat('a', n * 10000), 'a', repeat('b', 10000))",
        "flattenKeys(fromJSON('{\"a\":' + repeat('[', n * 300) + repeat(']', 300) + '}'))",
        "sprig.derivePassword(n, 'long', 'p', 'u', 's')"}) {
    const ExpressionCase c{expression, R"({"n":1})", "", "", ExprDialect::kPenstock};
    const std::string got = run_case(c, *table, nullptr, limits);
    EXPECT_TRUE(got.starts_with("error: ") || got.size() < 200'000) << expression << ": " << got;
  }
}

}  // namespace
}  // namespace penstock
