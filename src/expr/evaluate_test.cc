// SPDX-License-Identifier: Apache-2.0
// What expressions mean: each case runs alone, by columns and row by row, and must agree.
#include <gtest/gtest.h>

#include "expr/test_evaluation.h"

namespace penstock {
namespace {

struct Case {
  const char* text;
  const char* expected;
  const char* document = "{}";
};

/// What of the cases does not come out as expected; "" if all do.
std::string differences(std::span<const Case> cases,
                        ExprDialect dialect = ExprDialect::kPenstock) {
  const FunctionTable functions = test_functions();
  std::string all;
  for (const Case& c : cases) {
    const auto expect = [&](const std::string& result, const char* how) {
      if (result == c.expected) return;
      all += std::string(c.text) + "  with  " + c.document + "  " + how + " gives " + result +
             ", not " + c.expected + "\n";
    };
    TestEvaluation evaluation(c.text, functions, dialect);
    if (!evaluation.ok()) {
      expect("error: " + evaluation.problems()[0].what, "compiled");
      continue;
    }
    if (dialect == ExprDialect::kPenstock) expect(evaluation.alone(c.document), "alone");
    const std::vector<std::string> three = {c.document, c.document, c.document};
    for (const std::string& result : evaluation.by_columns(three)) expect(result, "by columns");
    for (const std::string& result : evaluation.by_rows(three)) expect(result, "by rows");
  }
  return all;
}

TEST(Evaluate, reads_every_literal) {
  const Case cases[] = {
      {"1", "1"}, {"1_000", "1000"}, {"0xff", "255"}, {"0XFF", "255"}, {"0b101", "5"},
      {"0o17", "15"}, {"1.5", "1.5"}, {".5", "0.5"}, {"1e3", "1000.0"}, {"1E-2", "0.01"},
      {"2.", "2.0"}, {"18446744073709551615", "18446744073709551615"},
      {"'it''s'", "error: unexpected string 's'"}, {"'it\\'s'", "\"it's\""},
      {R"("a\tb\u0041\x42\101")", R"("a\tbABA")"}, {"`raw \\n`", R"("raw \\n")"},
      {"'é'", "\"é\""}, {"true", "true"}, {"false", "false"}, {"nil", "null"}, {"null", "null"},
      {"[]", "[]"}, {"[1, 'a', [2],]", R"([1,"a",[2]])"}, {"{}", "{}"},
      {"{a: 1, 'b c': 2, 3: 4, ('d' + 'e'): 5,}", R"({"a":1,"b c":2,"3":4,"de":5})"},
      {"{in: 1, not: 2}", R"({"in":1,"not":2})"},
      {"1 // one", "1"}, {"/* a */ 1 /* b */ + /* c */ 2", "3"}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, binds_operators_as_expr_does) {
  const Case cases[] = {
      {"1 + 2 * 3", "7"}, {"(1 + 2) * 3", "9"}, {"2 ** 3 ** 2", "512.0"}, {"-2 ** 2", "-4.0"},
      {"2 * 3 % 4", "2"}, {"10 - 2 - 3", "5"}, {"1 + 2 == 3 and 2 < 3", "true"},
      {"true or false and false", "true"}, {"not true or true", "true"}, {"!true == false", "true"},
      {"1..3 == [1, 2, 3]", "true"}, {"1..2 + 1", "[1,2,3]"}, {"1 < 2 < 3", "true"},
      {"3 > 2 > 2", "false"}, {"not (1 in [1])", "false"}, {"1 not in [1, 2]", "false"},
      {"'a' + 'b' contains 'ab'", "true"}, {"false ? 1 : true ? 2 : 3", "2"},
      {"nil ?? 1", "1"}, {"(nil ?? 1) + 1", "2"},
      {"true ? 1 : 2 + 10", "1"}, {"if 1 > 2 { 'a' } else if true { 'b' } else { 'c' }", "\"b\""},
      {"nil ?? 1 + 1", "error: ?? and + cannot be mixed"}, {"1 + 2 | len()",
       "error: len() does not take (int)"}, {"'abc' | len()", "3"},
      {"['a', 'b'] | map(# + '!') | len()", "2"}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, keeps_numbers_exact_or_says_so) {
  const Case cases[] = {
      {"7 / 2", "3.5"}, {"6 / 2", "3.0"}, {"7 % 3", "1"}, {"-7 % 3", "-1"}, {"7.5 % 2", "1.5"},
      {"1 + 2.5", "3.5"}, {"0.1 + 0.2", "0.30000000000000004"}, {"2 ** 10", "1024.0"},
      {"2 ^ 3", "8.0"}, {"-(-5)", "5"}, {"+5", "5"}, {"- x", "-3", "{\"x\":3}"},
      {"9223372036854775807 + 1", "9223372036854775808"},
      {"18446744073709551615 + 1", "error: the result of + does not fit into 64 bits"},
      {"-9223372036854775808 - 1", "error: the result of - does not fit into 64 bits"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"a * b", "error: the result of * does not fit into 64 bits",
       R"({"a":9223372036854775807,"b":9223372036854775807})"},
      {"a + b", "9223372036854775808", R"({"a":9223372036854775807,"b":1})"},
      {"a - 1", "9007199254740992", R"({"a":9007199254740993})"},
      {"a == 9007199254740993.0", "false", R"({"a":9007199254740993})"},
      {"a > 9007199254740992.0", "true", R"({"a":9007199254740993})"},
      {"1 / 0", "error: division by zero"}, {"1 % 0", "error: division by zero"},
      {"1 / x", "error: division by zero", "{\"x\":0}"},
      {"1.5 / x", "error: division by zero", "{\"x\":0}"},
      {"x % y", "error: division by zero", R"({"x":1,"y":0})"},
      {"x % 123", "57", R"({"x":1041})"}, {"x % 123", "-57", R"({"x":-1041})"},
      {"x % 123", "100", R"({"x":1000000000000})"}, {"x % 1", "0", R"({"x":5})"}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, compares_across_kinds) {
  const Case cases[] = {
      {"1 == 1.0", "true"}, {"1 != 1.0", "false"}, {"x == y", "true", R"({"x":1,"y":1.0})"},
      {"x < y", "true", R"({"x":1,"y":1.5})"}, {"x >= y", "false", R"({"x":1,"y":1.5})"},
      {"'a' < 'b'", "true"}, {"x < 'b'", "true", R"({"x":"a"})"},
      {"x == 'a\\nb'", "true", R"({"x":"a\nb"})"}, {"x == 'é'", "true", R"({"x":"\u00e9"})"},
      {"x == nil", "true"}, {"x != nil", "false"}, {"x == nil", "false", R"({"x":0})"},
      {"x == 'a'", "false", R"({"x":1})"}, {"x == 1", "false", R"({"x":"1"})"},
      {"x == y", "true", R"({"x":[1,{"a":2}],"y":[1.0,{"a":2}]})"},
      {"x == {a: 1}", "true", R"({"x":{"a":1}})"},
      {"x < 1", "error: cannot apply < to nil and int"},
      {"x < 1", "error: cannot apply < to string and int", R"({"x":"a"})"},
      {"x > y", "true", R"({"x":18446744073709551615,"y":-1})"},
      {"x > y", "true", R"({"x":1e400,"y":1e308})"},
      {"at(1) < at(2)", "true"}, {"at(2) - at(1) == seconds(1)", "true"},
      {"at(1) + seconds(2) == at(3)", "true"}, {"seconds(3) / seconds(2)", "1.5"},
      {"seconds(1) * 90", "\"1m30s\""}, {"seconds(1) / 4", "\"250ms\""},
      {"-seconds(1)", "\"-1s\""}, {"at(0) - seconds(1)", "\"1969-12-31T23:59:59Z\""}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, logic_looks_at_the_right_side_only_if_it_must) {
  const Case cases[] = {
      {"x != 0 and 10 / x > 1", "false", R"({"x":0})"},
      {"x == 0 or 10 / x > 1", "true", R"({"x":0})"},
      {"x > 0 ? 10 / x : 0", "0", R"({"x":0})"}, {"x ?? (10 / y)", "1", R"({"x":1,"y":0})"},
      {"x ?? (10 / y)", "error: division by zero", R"({"y":0})"},
      {"a and b", "error: and needs a bool, not int", R"({"a":1,"b":true})"},
      {"a and b", "false", R"({"a":false,"b":1})"},
      {"a or b", "error: or needs a bool, not nil", R"({"a":false})"},
      {"not a", "error: cannot apply not to int", R"({"a":1})"},
      {"a ? 1 : 2", "error: ? needs a bool, not nil"},
      {"a ? 1 : 2", "1", R"({"a":true})"}, {"a ?: 5", "error: ? needs a bool, not int",
       R"({"a":3})"},
      {"a ?? b ?? 'none'", "\"none\""}, {"a ?? b ?? 'none'", "\"x\"", R"({"b":"x"})"},
      {"a && !b || c", "true", R"({"a":true,"b":false,"c":false})"}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, looks_into_texts) {
  const Case cases[] = {
      {"'abc' contains 'b'", "true"}, {"x contains 'b'", "true", R"({"x":"abc"})"},
      {"x startsWith 'a'", "true", R"({"x":"abc"})"}, {"x endsWith 'a'", "false", R"({"x":"ab"})"},
      {"x contains '\\n'", "true", R"({"x":"a\nb"})"},
      {"x not contains 'q'", "true", R"({"x":"abc"})"},
      {"x matches '^a.c$'", "true", R"({"x":"abc"})"},
      {"x not matches '^a'", "false", R"({"x":"abc"})"},
      {"x matches p", "true", R"({"x":"abc","p":"b"})"},
      {"x matches p", "error: cannot read the pattern: missing ): (", R"({"x":"abc","p":"("})"},
      {"x contains 'a'", "error: cannot apply contains to nil and string"},
      {"x contains 'a'", "error: cannot apply contains to int and string", R"({"x":1})"},
      {"x + y", "\"ab\"", R"({"x":"a","y":"b"})"},
      {"x + 1", "error: cannot apply + to string and int", R"({"x":"a"})"},
      {"'abc'[1:]", "\"bc\""}, {"'abc'[:2]", "\"ab\""}, {"'abc'[-2:]", "\"bc\""},
      {"x[1:2]", "\"b\"", R"({"x":"abc"})"}, {"'abc'[5:9]", "\"\""}, {"'abc'[2:1]", "\"\""}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, takes_members_and_items) {
  const char* document = R"({"a":{"b":[10,20,{"c":"d"}]},"n":null,"s":"t","k":"b","key":"own"})";
  const Case cases[] = {
      {"a.b[0]", "10", document}, {"a['b'][1]", "20", document}, {"a.b[2].c", "\"d\"", document},
      {"a.b[-1].c", "\"d\"", document}, {"a.b[9]", "null", document},
      {"a.b[-9]", "null", document}, {"a[k][0]", "10", document}, {"a.zzz", "null", document},
      {"zzz.y.x", "null", document}, {"n.y", "null", document}, {"n?.y", "null", document},
      {"a?.b?.[0]", "10", document},
      {"s.y", "error: cannot take the member y of string", document},
      {"a.b.c", "error: cannot take the member c of array", document},
      {"a[0]", "error: cannot take item number of map", document},
      {"a.b", R"([10,20,{"c":"d"}])", document}, {"a.b[1:]", R"([20,{"c":"d"}])", document},
      {"a.b[:-1]", "[10,20]", document}, {"this.s", "\"t\"", document},
      {"this['key']", "\"own\"", document}, {"[1, 2, 3][1]", "2"}, {"{a: 1}.a", "1"},
      {"{a: {b: 2}}['a'].b", "2"}, {"'b' in a", "true", document}, {"'z' in a", "false", document},
      {"20 in a.b", "true", document}, {"20.0 in a.b", "true", document},
      {"s in ['q', 't']", "true", document}, {"a.b[0] in [1, 10]", "true", document},
      {"a.b[0] in [1, 10.0]", "true", document}, {"s not in ['q']", "true", document},
      {"x in ['a\\tb']", "true", R"({"x":"a\tb"})"}, {"s in [1]", "false", document},
      {"s in []", "false", document}, {"5 in n", "false", document},
      {"'s' in this", "true", document},
      {"1 in 'abc'", "error: cannot apply in to int and string"},
      {"{x: a, y: s}", R"({"x":{"b":[10,20,{"c":"d"}]},"y":"t"})", document},
      {"len(a.b)", "3", document}, {"len(a)", "1", document}, {"[s, n, 1]", "[\"t\",null,1]",
       document}};
  std::vector<Case> all(std::begin(cases), std::end(cases));
  // The columns know that something else stands there, not what: the message is wider.
  std::erase_if(all, [](const Case& c) {
    return std::string_view(c.expected).find("cannot take") != std::string_view::npos;
  });
  EXPECT_EQ(differences(all), "");
  const FunctionTable functions = test_functions();
  for (const auto& [text, expected] :
       {std::pair{"s.y", "error: cannot take the member y of string"},
        {"a.b.c", "error: cannot take the member c of array"},
        {"a[0]", "error: cannot take item number of map"}}) {
    TestEvaluation evaluation(text, functions);
    ASSERT_TRUE(evaluation.ok());
    EXPECT_EQ(evaluation.alone(document), expected);
    const char* wide = "error: what should contain this member is neither a map nor nil";
    EXPECT_EQ(evaluation.by_columns({document})[0], wide);
    EXPECT_EQ(evaluation.by_rows({document})[0], wide);
  }
}

TEST(Evaluate, runs_closures_over_items) {
  const char* document =
      R"({"xs":[3,1,2],"people":[{"n":"a","age":30},{"n":"b","age":20},{"n":"c","age":30}]})";
  const Case cases[] = {
      {"all(xs, {# > 0})", "true", document}, {"any(xs, # > 2)", "true", document},
      {"none(xs, {# > 5})", "true", document}, {"one(xs, {# == 2})", "true", document},
      {"filter(xs, {# > 1})", "[3,2]", document}, {"map(xs, {# * 2})", "[6,2,4]", document},
      {"map(people, .n)", R"(["a","b","c"])", document},
      {"map(filter(people, {.age > 25}), {.n})", R"(["a","c"])", document},
      {"count(people, .age == 30)", "2", document}, {"count([true, false, true])", "2"},
      {"find(people, .age < 25).n", "\"b\"", document}, {"find(xs, # > 9)", "null", document},
      {"findIndex(xs, # == 2)", "2", document},
      {"findLast(people, .age == 30).n", "\"c\"", document},
      {"findLastIndex(xs, # > 1)", "2", document}, {"findIndex(xs, # > 9)", "null", document},
      {"sum(xs)", "6", document}, {"sum(people, .age)", "80", document}, {"sum([])", "0"},
      {"groupBy(people, .age)", R"({"30":[{"n":"a","age":30},{"n":"c","age":30}],)"
                                R"("20":[{"n":"b","age":20}]})", document},
      {"sortBy(people, .age) | map(.n)", R"(["b","a","c"])", document},
      {"sortBy(xs, #, 'desc')", "[3,2,1]", document},
      {"reduce(xs, #acc + #)", "6", document}, {"reduce(xs, #acc * #, 10)", "60", document},
      {"reduce([], #acc + #, 0)", "0"},
      {"map(xs, #index)", "[0,1,2]", document},
      {"map(xs, {let y = # + 1; y * y})", "[16,4,9]", document},
      {"map([[1, 2], [3]], {sum(#)})", "[3,3]"},
      {"map([1, 2], {map([10, 20], {# + 1})})", "[[11,21],[11,21]]"},
      {"mapValues({a: 1, b: 2}, .value * 10)", R"({"a":10,"b":20})"},
      {"filterEntries({a: 1, b: 2}, .key == 'b')", R"({"b":2})"},
      {"let f = 10; filter(xs, # * f > 15)", "[3,2]", document},
      {"let a = 1; let b = a + 1; a + b", "3"},
      {"let p = people; p[0].n + p[1].n", "\"ab\"", document},
      {"let d = this; let x = d.xs; x[0] + (let y = x[1]; y * 2)", "5", document},
      {"let s = sum(xs); s * s", "36", document},
      {"filter(nil, # > 1)", "error: filter() needs an array, not nil"},
      {"filter(zzz, # > 1)", "error: filter() needs an array, not nil", document},
      {"filter(xs, #)", "error: this must be a bool, not int", document},
      {"all([], {# > 1})", "true"}, {"any([], {# > 1})", "false"}, {"one([], {# > 1})", "false"}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, calls_functions_by_their_signatures) {
  const Case cases[] = {
      {"len('é')", "2"}, {"sprig.half(4)", "2"}, {"sprig.half(4.0)", "2"},
      {"sprig.half(x)", "3", R"({"x":6.0})"},
      {"sprig.half(x)", "error: sprig.half(): this is odd", R"({"x":3})"},
      {"sprig.half(x)", "error: sprig.half() does not take (double)", R"({"x":2.5})"},
      {"sprig.half(x)", "error: sprig.half() does not take (nil)"},
      {"sprig.half(3)", "error: sprig.half(): this is odd"},
      {"x | sprig.half() | sprig.half()", "2", R"({"x":8})"}};
  EXPECT_EQ(differences(cases), "");
}

TEST(Evaluate, argo_keeps_the_meaning_of_expr_1_9) {
  const Case cases[] = {
      {"7 / 2", "3"}, {"-7 / 2", "-3"}, {"7.0 / 2", "3.5"}, {"9223372036854775807 + 1",
       "-9223372036854775808"}, {"-2 ** 2", "4.0"}, {"unknown == nil", "true"},
      {"unknown.x", "error: cannot take the member x of nil"}, {"unknown?.x", "null"},
      {"[1, 2][5]", "error: index 5 is out of range: the array has 2 items"},
      {"{a: 1}.b", "null"}, {"1 / 0", "error: division by zero"},
      {"msg == msg", "true"}, {"1 + 'a'", "error: cannot apply + to int and string"},
      {"7.5 % 2", "error: cannot apply % to double and int"}};
  EXPECT_EQ(differences(cases, ExprDialect::kArgo), "");
}

TEST(Evaluate, a_batch_of_mixed_documents_gives_each_its_own_result) {
  const FunctionTable functions = test_functions();
  const std::vector<std::string> documents = {
      R"({"x":1,"s":"a"})", R"({"x":2.5})",       R"({"x":"t"})", R"({"x":18446744073709551615})",
      R"({})",              R"({"x":null})",      R"(not json)",  R"({"x":[1,2]})",
      R"({"x":-4})",        R"({"x":1.5e300})",   R"({"x":true})", R"({"x":{"y":1}})"};
  for (const char* text :
       {"x + 1", "x * 2 > 3", "x == 1 or x == 2.5", "x != nil and x != true", "x ?? 'none'",
        "x == nil ? 'nil' : x", "{a: x, b: [x, 1]}", "not (x == 1)", "x in [1, 2.5, true]",
        "x == [1, 2]", "-x", "(x ?? 0) == 0", "x.y", "len(s ?? '')", "x < 2 ? x : s"}) {
    SCOPED_TRACE(text);
    TestEvaluation evaluation(text, functions);
    ASSERT_TRUE(evaluation.ok()) << to_string(evaluation.problems(), text);
    const auto columns = evaluation.by_columns(documents);
    const auto rows = evaluation.by_rows(documents);
    const char* wide = "error: what should contain this member is neither a map nor nil";
    for (size_t i = 0; i < documents.size(); ++i) {
      EXPECT_EQ(columns[i], rows[i]) << documents[i];
      if (i == 6 || columns[i] == wide) continue;
      EXPECT_EQ(columns[i], evaluation.alone(documents[i])) << documents[i];
    }
    EXPECT_EQ(columns[6], "error: not JSON: a value was expected at byte 0");
  }
}

TEST(Evaluate, what_is_the_same_for_all_rows_need_not_be_json) {
  const FunctionTable functions = test_functions();
  const std::vector<std::string> documents = {R"({"x":1})", R"({"x":2})"};
  for (const char* text : {".0 / 0", "[1, .0 / 0]", "{a: 1.0 / 0}"}) {
    TestEvaluation evaluation(text, functions, ExprDialect::kArgo);
    ASSERT_TRUE(evaluation.ok()) << text;
    for (const std::string& result : evaluation.by_columns(documents)) {
      EXPECT_TRUE(result.starts_with("error: ")) << text << " gives " << result;
    }
  }
}

TEST(Evaluate, a_filter_keeps_what_is_true_and_reports_what_fails) {
  const FunctionTable functions = test_functions();
  const std::vector<std::string> documents = {R"({"x":1,"y":true})",  R"({"x":2,"y":false})",
                                              R"({"x":3})",           R"({"x":"a","y":true})",
                                              R"({"x":5,"y":true})",  R"(nonsense)",
                                              R"({"x":123,"y":true})"};
  const auto kept = [&](const char* text) {
    TestEvaluation evaluation(text, functions);
    EXPECT_TRUE(evaluation.ok()) << to_string(evaluation.problems(), text);
    std::string out;
    for (const uint32_t row : evaluation.kept(documents)) out += std::to_string(row) + " ";
    out += "|";
    for (const RowError& e : evaluation.evaluator().errors()) out += " " + std::to_string(e.row);
    return out;
  };
  EXPECT_EQ(kept("x == 1"), "0 | 5");
  EXPECT_EQ(kept("x != 1"), "1 2 3 4 6 | 5");
  EXPECT_EQ(kept("x % 123 == 0"), "6 | 3 5");
  EXPECT_EQ(kept("y"), "0 3 4 6 | 2 5");
  EXPECT_EQ(kept("y == true and x > 1"), "4 6 | 3 5");
  EXPECT_EQ(kept("y == true or x > 1"), "0 1 2 3 4 6 | 5");
  EXPECT_EQ(kept("not (x == 1 or x == 2)"), "2 3 4 6 | 5");
  EXPECT_EQ(kept("(y ?? false) and x != 5"), "0 3 6 | 5");
  EXPECT_EQ(kept("true"), "0 1 2 3 4 5 6 |");
  EXPECT_EQ(kept("any([1, 2], # == x)"), "0 1 | 5");
}

TEST(Evaluate, texts_that_are_only_read_are_written_as_they_stood) {
  const FunctionTable functions = test_functions();
  TestEvaluation evaluation("{a: s, b: {c: n}, d: m, e: 'x\"y'}", functions);
  EXPECT_EQ(evaluation.by_columns({R"({"s":"\u0041\/","n":1.50,"m":{ "z" : 1.10 }})"})[0],
            R"({"a":"\u0041\/","b":{"c":1.5},"d":{ "z" : 1.10 },"e":"x\"y"})");
}

TEST(Evaluate, limits_end_what_would_not_end) {
  const FunctionTable functions = test_functions();
  const std::pair<const char*, const char*> cases[] = {
      {"sum(map(1..200000, {count(1..1000, # > n)}))", "the expression took more than 10000000"},
      {"map(1..100000, {map(1..1000, # + n)})", "the expression "},
      {"1..(n + 10000000)", "the range has more than 1000000 items"},
      {"reduce(1..64, #acc + #acc, s)", "the expression needs more than 64 MiB"}};
  for (const auto& [text, message] : cases) {
    TestEvaluation evaluation(text, functions);
    ASSERT_TRUE(evaluation.ok()) << to_string(evaluation.problems(), text);
    EXPECT_EQ(evaluation.by_rows({R"({"n":1,"s":"ab"})"})[0].find("error: " + std::string(message)),
              0u)
        << evaluation.by_rows({R"({"n":1,"s":"ab"})"})[0].substr(0, 200);
  }
}

TEST(Compile, says_which_paths_a_program_reads) {
  const FunctionTable functions = test_functions();
  TestEvaluation fine("bid.auction % 123 == 0 and a[0].b == this.c and key == 'k'", functions);
  ASSERT_TRUE(fine.ok());
  const ProgramFacts& f = facts(fine.program());
  std::string paths;
  for (const DocumentPath& path : f.paths) paths += to_string(path) + " ";
  EXPECT_EQ(paths, "bid.auction a[0].b c ");
  EXPECT_FALSE(f.whole_document);
  EXPECT_TRUE(f.reads_key);
  EXPECT_EQ(f.result, kBoolType);
  TestEvaluation whole("this", functions);
  EXPECT_TRUE(facts(whole.program()).whole_document);
  TestEvaluation constant("1 + 1 == 2", functions);
  EXPECT_TRUE(facts(constant.program()).constant);
  EXPECT_EQ(facts(constant.program()).tree, "constant true: bool\n");
}

TEST(Evaluate, integers_above_int64_are_a_type_of_their_own) {
  const Case cases[] = {
      {"x", "18446744073709551615", R"({"x":18446744073709551615})"},
      {"x > y", "true", R"({"x":18446744073709551615,"y":9223372036854775808})"},
      {"x - y", "1", R"({"x":9223372036854775809,"y":9223372036854775808})"},
      {"y - x", "-1", R"({"x":9223372036854775809,"y":9223372036854775808})"},
      {"x + 1", "18446744073709551615", R"({"x":18446744073709551614})"},
      {"x + 1", "error: the result of + does not fit into 64 bits",
       R"({"x":18446744073709551615})"},
      {"x % 10", "5", R"({"x":18446744073709551615})"},
      {"x % y", "error: division by zero", R"({"x":18446744073709551615,"y":0})"},
      {"x == 18446744073709551615", "true", R"({"x":18446744073709551615})"},
      {"x > -1", "true", R"({"x":18446744073709551615})"},
      {"{a: x}", R"({"a":18446744073709551615})", R"({"x":18446744073709551615})"}};
  EXPECT_EQ(differences(cases), "");
  // Small ones and large ones are one column; with a negative one they are values.
  const FunctionTable functions = test_functions();
  const std::vector<std::string> documents = {R"({"x":1})", R"({"x":18446744073709551615})",
                                              R"({"x":2})"};
  TestEvaluation sum("{y: x - 1, is: x > 1}", functions);
  EXPECT_EQ(sum.by_columns(documents),
            (std::vector<std::string>{R"({"y":0,"is":false})",
                                      R"({"y":18446744073709551614,"is":true})",
                                      R"({"y":1,"is":true})"}));
  EXPECT_EQ(sum.by_columns({documents[1], R"({"x":-5})"}),
            (std::vector<std::string>{R"({"y":18446744073709551614,"is":true})",
                                      R"({"y":-6,"is":false})"}));
}

TEST(Evaluate, what_is_only_copied_keeps_its_text) {
  const FunctionTable functions = test_functions();
  const auto written = [&](const char* text, const std::vector<std::string>& documents) {
    TestEvaluation evaluation(text, functions);
    EXPECT_TRUE(evaluation.ok());
    evaluation.keep_source();
    std::string all;
    for (const std::string& result : evaluation.by_columns(documents)) {
      all += (all.empty() ? "" : " ") + result;
    }
    return all;
  };
  EXPECT_EQ(written("{a: x, b: [x, y]}", {R"({"x":1.50,"y":1E+2})", R"({"x":-0,"y":"\u00e9"})"}),
            R"({"a":1.50,"b":[1.50,1E+2]} {"a":-0,"b":[-0,"\u00e9"]})");
  EXPECT_EQ(written("{a: x ?? y}", {R"({"x":1.0})", R"({"y":2.00})", R"({})"}),
            R"({"a":1.0} {"a":2.00} {"a":null})");
  EXPECT_EQ(written("{a: x > 1 ? x : y}", {R"({"x":1.0,"y":true})", R"({"x":2.00,"y":0})"}),
            R"({"a":true} {"a":2.00})");
  EXPECT_EQ(written("{a: x, b: x * 2}", {R"({"x":1.50})", R"({"x":10.0})"}),
            R"({"a":1.50,"b":3.0} {"a":10.0,"b":20.0})") << "also if it is computed with";
  EXPECT_EQ(written("{a: x}", {R"({"x":1.50})", R"({"x":"t"})", R"({"x":[ 1.0 ]})",
                               R"({"x":null})", R"({"x":1e999})"}),
            R"({"a":1.50} {"a":"t"} {"a":[ 1.0 ]} {"a":null} {"a":1e999})") << "of any kind";
}

TEST(Evaluate, computed_text_is_a_column_too) {
  const Case cases[] = {
      {"seconds(x) == seconds(1)", "true", R"({"x":1})"},
      {"[s[0:3] + 'b', s]", R"(["aéb","aé"])", R"({"s":"aé"})"},
      {"(s + '!') in ['a!', 'b!']", "true", R"({"s":"b"})"},
      {"(s + '!') matches '^b'", "true", R"({"s":"b"})"},
      {"(s + '\\n') contains 'b\\n'", "true", R"({"s":"b"})"},
      {"s + '\"'", R"("b\"")", R"({"s":"b"})"}, {"s + t", R"("b\nc")", R"({"s":"b\n","t":"c"})"},
      {"(x ? s + '1' : s) < 'b2'", "true", R"({"s":"b","x":true})"},
      {"sprig.half(sprig.half(x)) + 1", "3", R"({"x":8})"},
      {"len(m[s])", "2", R"({"m":{"k":"ab"},"s":"k"})"},
      {"m[s].t", "1", R"({"m":{"k":{"t":1}},"s":"k"})"},
      {"m[s]", "error: cannot take the member k of int", R"({"m":1,"s":"k"})"},
      {"xs[len(s)]", "2", R"({"xs":[1,2],"s":"k"})"},
      {"{'a': 1}[s] ?? 2", "2", R"({"s":"k"})"}};
  EXPECT_EQ(differences(cases), "");
}

}  // namespace
}  // namespace penstock
