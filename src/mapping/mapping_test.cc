// SPDX-License-Identifier: Apache-2.0
#include "mapping/mapping.h"

#include <gtest/gtest.h>

#include "mapping/option.h"
#include "record/batch_builder.h"
#include "record/headers.h"

namespace penstock {
namespace {

class MappingTest : public testing::Test {
 protected:
  struct Input {
    std::string payload, key, headers;
    int64_t event_time_us = kNoEventTime;
  };
  /// What the mapping makes of one record: its payload, "(same)", "(dropped)" or the error.
  std::string run(const char* text, const Input& input) {
    Problems problems;
    const auto mapping =
        compile_mapping(text, option_environment(ExprDialect::kPenstock), problems);
    if (mapping == nullptr) return to_string(problems, text);
    EvaluatorOptions options;
    options.clock = &clock_;
    Evaluator evaluator(options);
    MappingRunner runner(mapping, evaluator);
    BatchBuilder builder(pool_);
    Record& head = builder.append(input.payload);
    if (!input.key.empty()) builder.set_key(head, input.key);
    builder.set_headers(head, input.headers);
    head.event_time_us = input.event_time_us;
    const Batch batch = builder.take();
    evaluator.begin(batch);
    std::string out;
    const Result<MappingOutcome> outcome = runner.run(batch[0], 0, out);
    if (!outcome) return to_string(outcome.error());
    key_ = outcome->key_set ? std::string(outcome->key.value_or("(none)")) : "(same)";
    headers_.clear();
    for_each_header(outcome->headers, [&](std::string_view name, std::string_view value) {
      headers_ += std::string(name) + "=" + std::string(value) + ";";
    });
    event_time_us_ = outcome->event_time_us.value_or(-1);
    if (outcome->kind == MappingOutcome::Kind::kDropped) return "(dropped)";
    return outcome->kind == MappingOutcome::Kind::kChanged ? out : "(same)";
  }
  std::string run(const char* text, const std::string& payload) {
    return run(text, Input{payload, {}, {}, kNoEventTime});
  }
  ManualClock clock_;
  BatchPool pool_;
  std::string key_, headers_;
  int64_t event_time_us_ = 0;
};

TEST_F(MappingTest, fields_are_set_and_see_what_was_set_before) {
  EXPECT_EQ(run("this.c = a + b\nthis.d = c * 2", R"({"a":1, "b":2})"),
            R"({"a":1, "b":2,"c":3,"d":6})");
  EXPECT_EQ(run("this.a = 5; this.b = a", R"({"a":1,"b":2})"), R"({"a":5,"b":5})");
  EXPECT_EQ(run("this.x.y = 1\nthis[\"a b\"] = x.y", "{}"), R"({"x":{"y":1},"a b":1})");
}

TEST_F(MappingTest, numbers_and_texts_that_nobody_touches_keep_their_shape) {
  EXPECT_EQ(run("this.z = 1", R"({"id":12345678901234567890123,"t":"\u0041","f":1.500})"),
            R"({"id":12345678901234567890123,"t":"\u0041","f":1.500,"z":1})");
}

TEST_F(MappingTest, nothing_changed_means_the_same_payload) {
  EXPECT_EQ(run("if a > 1 { this.b = 1 }", R"({"a":1})"), "(same)");
}

TEST_F(MappingTest, fields_are_deleted) {
  EXPECT_EQ(run("delete(this.a, this.b.c)", R"({"a":1,"b":{"c":2,"d":3}})"), R"({"b":{"d":3}})");
  EXPECT_EQ(run("del this.a\ndel this.nothing", R"({"a":1,"b":2})"), R"({"b":2})");
  EXPECT_EQ(run("del this.a[0]", R"({"a":[1,2,3]})"), R"({"a":[2,3]})");
  EXPECT_EQ(run("del this.a[-1]\nthis.n = a[1]", R"({"a":[1,2,3]})"), R"({"a":[1,2],"n":2})");
}

TEST_F(MappingTest, fields_are_renamed_and_nested) {
  EXPECT_EQ(run("rename this.a to this.b.c", R"({"a":{"x":1},"d":2})"),
            R"({"d":2,"b":{"c":{"x":1}}})");
  EXPECT_EQ(run("rename(this.a, this.b)", R"({"a":1})"), R"({"b":1})");
  EXPECT_EQ(run("rename this.a to this.b", R"({"c":1})"), "(same)");
  EXPECT_EQ(run("nest this.lat, this.lon into this.place", R"({"lat":1,"lon":2,"id":3})"),
            R"({"id":3,"place":{"lat":1,"lon":2}})");
}

TEST_F(MappingTest, variables_hold_values_until_their_block_ends) {
  EXPECT_EQ(run("let x = a + 1\nlet y = x * 2\nthis.y = y", R"({"a":1})"), R"({"a":1,"y":4})");
  EXPECT_EQ(run("let a = 9\nthis.b = a\nthis.c = this.a", R"({"a":1})"),
            R"({"a":1,"b":9,"c":1})");
  EXPECT_EQ(run("let x = 1\nif true { let x = 2\nthis.in = x }\nthis.out = x", "{}"),
            R"({"in":2,"out":1})");
  EXPECT_EQ(run("let n = 0\nfor i in [1, 2, 3] { n = n + i }\nthis.n = n", "{}"), R"({"n":6})");
}

TEST_F(MappingTest, branches_are_taken_in_order) {
  const char* text = "if a > 10 {\n  this.s = \"big\"\n} else if a > 5 {\n  this.s = \"mid\"\n"
                     "} else {\n  this.s = \"small\"\n}";
  EXPECT_EQ(run(text, R"({"a":11})"), R"({"a":11,"s":"big"})");
  EXPECT_EQ(run(text, R"({"a":6})"), R"({"a":6,"s":"mid"})");
  EXPECT_EQ(run(text, R"({"a":0})"), R"({"a":0,"s":"small"})");
  EXPECT_EQ(run("this.s = if a { 1 } else { 2 }", R"({"a":false})"), R"({"a":false,"s":2})");
  EXPECT_EQ(run("this.s = if a {\n let b = 3\n b + 1\n }", R"({"a":true})"),
            R"({"a":true,"s":4})");
}

TEST_F(MappingTest, a_match_compares_or_tests) {
  const char* compared = "match kind {\n  \"a\", \"b\" => this.n = 1\n  \"c\" => {\n"
                         "    this.n = 2\n  }\n  _ => drop\n}";
  EXPECT_EQ(run(compared, R"({"kind":"b"})"), R"({"kind":"b","n":1})");
  EXPECT_EQ(run(compared, R"({"kind":"c"})"), R"({"kind":"c","n":2})");
  EXPECT_EQ(run(compared, R"({"kind":"d"})"), "(dropped)");
  const char* tested = "this.n = match {\n  a < 0 => \"minus\"\n  a == 0 => \"null\"\n"
                       "  _ => \"plus\"\n}";
  EXPECT_EQ(run(tested, R"({"a":-1})"), R"({"a":-1,"n":"minus"})");
  EXPECT_EQ(run(tested, R"({"a":4})"), R"({"a":4,"n":"plus"})");
  EXPECT_EQ(run("match a { 1 => this.b = 2 }", R"({"a":5})"), "(same)");
}

TEST_F(MappingTest, loops_walk_over_arrays_and_maps) {
  EXPECT_EQ(run("for i, item in this.items {\n  this.items[i].n = i\n}",
                R"({"items":[{"a":1},{"a":2}]})"),
            R"({"items":[{"a":1,"n":0},{"a":2,"n":1}]})");
  EXPECT_EQ(run("for k, v in tags { this[k] = v }\ndel this.tags", R"({"tags":{"x":1,"y":2}})"),
            R"({"x":1,"y":2})");
  EXPECT_EQ(run("for x in nothing { this.a = 1 }", R"({})"), "(same)");
  EXPECT_NE(run("for x in a { drop }", R"({"a":1})").find("for takes an array or a map"),
            std::string::npos);
}

TEST_F(MappingTest, what_a_loop_changed_is_seen_in_its_next_turn) {
  EXPECT_EQ(run("this.n = 0\nfor x in xs { this.n = n + x }", R"({"xs":[1,2,3],"n":9})"),
            R"({"xs":[1,2,3],"n":6})");
  EXPECT_EQ(run("for x in xs { this.n = n + x }", R"({"xs":[1,2,3],"n":0})"),
            R"({"xs":[1,2,3],"n":6})");
}

TEST_F(MappingTest, the_whole_document_is_replaced) {
  EXPECT_EQ(run("this = {\"id\": a, \"all\": this}", R"({"a":1})"),
            R"({"id":1,"all":{"a":1}})");
  EXPECT_EQ(run("this = {\"line\": string(payload)}\nthis.n = 1", "no json"),
            R"({"line":"no json","n":1})");
}

TEST_F(MappingTest, records_are_rejected_and_dropped) {
  EXPECT_NE(run("if a == nil { reject(\"a is missing\") }", "{}").find("rejected: a is missing"),
            std::string::npos);
  EXPECT_NE(run("reject \"\"", "{}").find("rejected: rejected by the mapping"),
            std::string::npos);
  EXPECT_NE(run("reject \"no \" + string(a)", R"({"a":1})").find("rejected: no 1"),
            std::string::npos);
  EXPECT_EQ(run("drop\nthis.a = 1", "{}"), "(dropped)");
}

TEST_F(MappingTest, key_headers_and_event_time_are_set) {
  Input input{R"({"a":"x","t":"2024-05-01T10:00:00.25Z"})", "old", {}, 5};
  append_header(input.headers, "keep", "1");
  append_header(input.headers, "gone", "2");
  append_header(input.headers, "other", "3");
  EXPECT_EQ(run("key = a\nheaders.other = 7\ndel headers.gone\nheaders[\"new one\"] = key\n"
                "event_time = t",
                input),
            "(same)");
  EXPECT_EQ(key_, "x");
  EXPECT_EQ(headers_, "keep=1;other=7;new one=old;");
  EXPECT_EQ(event_time_us_, 1'714'557'600'250'000);
  EXPECT_EQ(run("headers = {\"only\": 1}\ndel key", input), "(same)");
  EXPECT_EQ(key_, "(none)");
  EXPECT_EQ(headers_, "only=1;");
}

TEST_F(MappingTest, failures_name_their_place_in_the_mapping) {
  const std::string failed = run("this.b = 1\n  this.c = a + 1", R"({"a":"x"})");
  EXPECT_NE(failed.find("2:12"), std::string::npos) << failed;
  EXPECT_NE(run("this.b = 1", "nothing").find("bad-json"), std::string::npos);
  EXPECT_NE(run("this.a.b = 1", R"({"a":1})").find("cannot go to \"b\""), std::string::npos);
}

TEST_F(MappingTest, a_statement_goes_on_behind_an_operator) {
  EXPECT_EQ(run("this.c = a +\n  b\nthis.d = a\n  ?? 3\nthis.e = [\n  1,\n  2\n]",
                R"({"a":1,"b":2})"),
            R"({"a":1,"b":2,"c":3,"d":1,"e":[1,2]})");
  EXPECT_EQ(run("// a note\nthis.a = 1 // another\n/* and\none more */ this.b = 2", "{}"),
            R"({"a":1,"b":2})");
}

TEST_F(MappingTest, loops_over_loops_have_an_end) {
  std::string items = "[0";
  for (int i = 0; i < 2000; ++i) items += ",0";
  const std::string failed = run("for x in a { for y in a { let z = 1 } }",
                                 R"({"a":)" + items + "]}");
  EXPECT_NE(failed.find("expression-steps"), std::string::npos) << failed;
}

}  // namespace
}  // namespace penstock
