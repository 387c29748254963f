// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <gtest/gtest.h>

#include "config/test_nodes.h"

namespace penstock {
namespace {

enum class Framing { kLines, kRaw };
struct Retry {
  uint32_t max_attempts = 5;
};
struct Options {
  std::string path;
  std::string level = "info";
  Framing framing = Framing::kLines;
  ByteSize part_bytes = mebibytes(128);
  Duration idle = seconds(1);
  std::optional<uint32_t> mode;
  std::vector<std::string> columns;
  std::vector<int8_t> small;
  std::map<std::string, std::string> labels;
  Secret token;
  Retry retry;
  std::vector<Retry> retries;
  std::map<std::string, Retry> by_name;
  bool verbose = false;
  double ratio = 0.5;
  uint64_t big = 0;
  int64_t shift = 0;
  Located<std::string> target;
  Node raw;
};

const Schema<Retry>& retry_schema() {
  static const Schema<Retry> schema(
      {field("max_attempts", &Retry::max_attempts).range(1, 100).about("Tries in all.")});
  return schema;
}

const Schema<Options>& options_schema() {
  using O = Options;
  static const Schema<O> schema({
      field("path", &O::path).required().about("File to write.").example("out.txt"),
      field("level", &O::level).one_of({"info", "debug"}),
      field("framing", &O::framing)
          .one_of({{"lines", Framing::kLines}, {"raw", Framing::kRaw}})
          .old_word("BYTES", Framing::kRaw, "write raw")
          .numbered(),
      field("part_bytes", &O::part_bytes).at_least(kibibytes(1)).alias("part_size"),
      field("idle", &O::idle).range(milliseconds(1), seconds(3600)),
      field("mode", &O::mode),
      field("columns", &O::columns),
      field("small", &O::small).at_most(10),
      field("labels", &O::labels),
      field("token", &O::token),
      field("retry", &O::retry, retry_schema()),
      field("retries", &O::retries, retry_schema()),
      field("by_name", &O::by_name, retry_schema()),
      field("verbose", &O::verbose).deprecated("use level"),
      field("ratio", &O::ratio).range(0, 1),
      field("big", &O::big),
      field("shift", &O::shift),
      field("target", &O::target),
      field("raw", &O::raw),
  });
  return schema;
}

/// Parses with a path given and returns the findings as text, without "<input>:line:column".
std::vector<std::string> problems_of(std::vector<std::pair<std::string, Node>> entries,
                                     Options* out = nullptr) {
  entries.emplace_back("path", text_node("out.txt"));
  const Node document = map_node(std::move(entries));
  Diagnostics diagnostics;
  const Options options = options_schema().parse(&document, diagnostics);
  if (out) *out = options;
  std::vector<std::string> texts;
  for (const Diagnostic& d : diagnostics.all()) {
    texts.push_back(d.code + ": " + d.what + (d.hint.empty() ? "" : " | " + d.hint));
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Schema, reads_every_kind_of_field) {
  Options o;
  const Texts problems = problems_of(
      {{"framing", text_node("raw")},
       {"partBytes", text_node("64KiB")},
       {"idle", text_node("250ms")},
       {"mode", text_node("420")},
       {"columns", list_node({text_node("a"), text_node("7")})},
       {"small", list_node({text_node("-128"), text_node("10")})},
       {"token", text_node("x")},
       {"labels", map_node({{"a", text_node("true")}, {"b", Node()}})},
       {"retry", map_node({{"maxAttempts", text_node("7")}})},
       {"retries", list_node({map_node({}), map_node({{"max_attempts", text_node("1")}})})},
       {"by_name", map_node({{"x", map_node({{"max_attempts", text_node("2")}})}})},
       {"ratio", text_node("2.5e-1")},
       {"big", text_node("18446744073709551615")},
       {"shift", text_node("-9223372036854775808")},
       {"target", text_node("t")},
       {"raw", list_node({})}},
      &o);
  EXPECT_EQ(problems, Texts());
  EXPECT_EQ(o.framing, Framing::kRaw);
  EXPECT_EQ(o.part_bytes, kibibytes(64));
  EXPECT_EQ(o.idle, milliseconds(250));
  EXPECT_EQ(o.mode, 420u);
  EXPECT_EQ(o.columns, (Texts{"a", "7"}));
  EXPECT_EQ(o.small, (std::vector<int8_t>{-128, 10}));
  EXPECT_EQ(o.token.reveal(), "x");
  EXPECT_EQ(o.labels.at("a"), "true");
  EXPECT_EQ(o.labels.at("b"), "");
  EXPECT_EQ(o.retry.max_attempts, 7u);
  ASSERT_EQ(o.retries.size(), 2u);
  EXPECT_EQ(o.retries[0].max_attempts, 5u);
  EXPECT_EQ(o.retries[1].max_attempts, 1u);
  EXPECT_EQ(o.by_name.at("x").max_attempts, 2u);
  EXPECT_EQ(o.ratio, 0.25);
  EXPECT_EQ(o.big, UINT64_MAX);
  EXPECT_EQ(o.shift, INT64_MIN);
  EXPECT_TRUE(o.target.set);
  EXPECT_EQ(o.target.value, "t");
  EXPECT_TRUE(o.raw.is_list());
}

TEST(Schema, null_document_means_all_defaults_and_reports_what_is_required) {
  Diagnostics problems;
  const Options o = options_schema().parse(nullptr, problems, "", {"f.yaml", 3, 5});
  EXPECT_EQ(o.idle, seconds(1));
  EXPECT_FALSE(o.target.set);
  ASSERT_EQ(problems.error_count(), 1u);
  EXPECT_EQ(to_string(problems.all()[0]),
            "f.yaml:3:5: error[missing-field]: field \"path\" is required\n"
            "  hint: for example: path: out.txt");
}

TEST(Schema, a_null_in_a_map_leaves_the_default_but_has_a_place) {
  struct Variables {
    std::map<std::string, Located<std::string>> env;
  };
  const Schema<Variables> schema({field("env", &Variables::env)});
  const Node document = map_node({{"env", map_node({{"A", text_node("x")}, {"B", Node()}})}});
  Diagnostics problems;
  const Variables v = schema.parse(&document, problems);
  EXPECT_FALSE(v.env.at("B").set);
  EXPECT_EQ(v.env.at("B").key_position.line, 2);
  EXPECT_EQ(v.env.at("A").value, "x");
}

TEST(Schema, null_means_unset_for_every_field) {
  Options o;
  EXPECT_EQ(problems_of({{"idle", Node()}, {"mode", Node()}, {"columns", Node()},
                         {"retry", Node()}, {"token", Node()}}, &o), Texts());
  EXPECT_EQ(o.idle, seconds(1));
  EXPECT_FALSE(o.mode.has_value());
}

TEST(Schema, accepts_aliases_camel_case_old_words_and_enum_numbers) {
  Options o;
  EXPECT_EQ(problems_of({{"partSize", text_node("1MiB")}, {"framing", text_node("1")}}, &o),
            Texts());
  EXPECT_EQ(o.part_bytes, mebibytes(1));
  EXPECT_EQ(o.framing, Framing::kRaw);
  EXPECT_EQ(problems_of({{"framing", text_node("BYTES")}}, &o),
            Texts{"deprecated-value: framing: BYTES is out of date | write raw"});
  EXPECT_EQ(o.framing, Framing::kRaw);
  EXPECT_EQ(problems_of({{"verbose", text_node("yes")}}, &o),
            Texts{"deprecated-field: field \"verbose\" is out of date | use level"});
  EXPECT_TRUE(o.verbose);
}

TEST(Schema, a_number_is_decimal_digits_and_nothing_else) {
  for (const char* wrong : {"1.0", "0x1", "1e0", "+1", "1_000", "", " 1", "one", "-", "٣"}) {
    const Texts problems = problems_of({{"mode", text_node(wrong)}});
    ASSERT_EQ(problems.size(), 1u) << wrong;
    EXPECT_TRUE(problems[0].starts_with("bad-integer: mode must be a whole number")) << wrong;
  }
  EXPECT_EQ(problems_of({{"mode", text_node("007")}}),
            Texts{"leading-zero: mode is read as a decimal number in spite of its leading zero: "
                  "\"007\" | write it without the leading zero"});
}

TEST(Schema, integers_are_checked_against_their_width_on_both_sides) {
  EXPECT_EQ(problems_of({{"mode", text_node("4294967295")}}), Texts());
  EXPECT_EQ(problems_of({{"mode", text_node("4294967296")}}),
            Texts{"out-of-range: mode must be between 0 and 4294967295, not \"4294967296\""});
  EXPECT_EQ(problems_of({{"mode", text_node("-1")}}),
            Texts{"out-of-range: mode must be between 0 and 4294967295, not \"-1\""});
  EXPECT_EQ(problems_of({{"big", text_node("18446744073709551616")}}).size(), 1u);
  EXPECT_EQ(problems_of({{"shift", text_node("9223372036854775808")}}).size(), 1u);
  EXPECT_EQ(problems_of({{"small", list_node({text_node("-129")})}}),
            Texts{"out-of-range: small[0] must be between -128 and 10, not \"-129\""});
  EXPECT_EQ(problems_of({{"small", list_node({text_node("10"), text_node("11")})}}),
            Texts{"out-of-range: small[1] must be at most 10, not \"11\""});
}

TEST(Schema, bounds_are_inclusive) {
  EXPECT_EQ(problems_of({{"retry", map_node({{"max_attempts", text_node("100")}})}}), Texts());
  EXPECT_EQ(problems_of({{"retry", map_node({{"max_attempts", text_node("101")}})}}),
            Texts{"out-of-range: retry.max_attempts must be between 1 and 100, not \"101\""});
  EXPECT_EQ(problems_of({{"idle", text_node("1ms")}}), Texts());
  EXPECT_EQ(problems_of({{"idle", text_node("999us")}}),
            Texts{"out-of-range: idle must be between 1ms and 1h, not \"999us\""});
  EXPECT_EQ(problems_of({{"part_bytes", text_node("1Ki")}}), Texts());
  EXPECT_EQ(problems_of({{"part_bytes", text_node("1023")}}),
            Texts{"out-of-range: part_bytes must be at least 1KiB, not \"1023\""});
  EXPECT_EQ(problems_of({{"ratio", text_node("1.01")}}),
            Texts{"out-of-range: ratio must be between 0 and 1, not \"1.01\""});
}

TEST(Schema, booleans_are_the_eighteen_words_quoted_or_not) {
  for (const char* word : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}) {
    Options o;
    problems_of({{"verbose", text_node(word)}}, &o);
    EXPECT_TRUE(o.verbose) << word;
  }
  EXPECT_EQ(problems_of({{"verbose", text_node("y")}})[1],
            "bad-boolean: verbose must be true or false, not \"y\"");
}

TEST(Schema, unknown_fields_are_errors_with_the_nearest_name) {
  EXPECT_EQ(problems_of({{"fraimng", text_node("raw")}}),
            Texts{"unknown-field: unknown field \"fraimng\" | did you mean \"framing\"?"});
  EXPECT_EQ(problems_of({{"retry", map_node({{"zzz", text_node("1")}})}}),
            Texts{"unknown-field: unknown field \"zzz\" in retry | known: max_attempts"});
}

TEST(Schema, a_misspelt_required_field_is_not_reported_as_missing_too) {
  const Node document = map_node({{"paht", text_node("x")}});
  Diagnostics problems;
  options_schema().parse(&document, problems);
  ASSERT_EQ(problems.error_count(), 1u);
  EXPECT_EQ(problems.all()[0].code, "unknown-field");
}

TEST(Schema, not_empty_refuses_the_empty_string) {
  struct Named {
    std::string name;
  };
  const Schema<Named> schema({field("name", &Named::name).not_empty()});
  const Node document = map_node({{"name", text_node("")}});
  Diagnostics problems;
  schema.parse(&document, problems);
  ASSERT_EQ(problems.error_count(), 1u);
  EXPECT_EQ(problems.all()[0].code + ": " + problems.all()[0].what,
            "empty-value: name cannot be empty");
}

TEST(Schema, a_field_under_two_names_is_an_error) {
  EXPECT_EQ(problems_of({{"part_bytes", text_node("1MiB")}, {"partBytes", text_node("2MiB")}}),
            Texts{"duplicate-field: field \"part_bytes\" is given twice, as \"part_bytes\" and as "
                  "\"partBytes\" | keep one of them"});
}

TEST(Schema, wrong_kinds_are_named) {
  EXPECT_EQ(problems_of({{"columns", text_node("a")}, {"labels", list_node({})},
                         {"idle", map_node({})}, {"retry", text_node("5")},
                         {"retries", list_node({Node(), text_node("x")})}}),
            (Texts{"wrong-type: idle must be a duration, not a map",
                   "wrong-type: columns must be a list, not \"a\" | begin each entry with a "
                   "dash: `- …`",
                   "wrong-type: labels must be a map, not a list | write `name: value` lines "
                   "without dashes",
                   "wrong-type: retry must be a map, not \"5\"",
                   "wrong-type: retries[0] must be a map, not null",
                   "wrong-type: retries[1] must be a map, not \"x\""}));
}

TEST(Schema, words_that_are_not_in_the_set_are_refused) {
  EXPECT_EQ(problems_of({{"framing", text_node("line")}}),
            Texts{"bad-choice: framing cannot be \"line\" | did you mean \"lines\"?"});
  EXPECT_EQ(problems_of({{"framing", text_node("2")}}),
            Texts{"bad-choice: framing cannot be \"2\" | known: lines, raw"});
  EXPECT_EQ(problems_of({{"level", text_node("inof")}}),
            Texts{"bad-choice: level cannot be \"inof\" | did you mean \"info\"?"});
}

TEST(Schema, secrets_are_never_in_a_message) {
  Node secret = text_node("hunter2");
  secret.secret = true;
  EXPECT_EQ(problems_of({{"mode", secret}}),
            Texts{"bad-integer: mode must be a whole number, not ***** | write plain decimal "
                  "digits, such as 4"});
  EXPECT_EQ(problems_of({{"token", list_node({})}}),
            Texts{"wrong-type: token must be a string, not a list"});
}

TEST(Schema, shows_long_and_strange_values_cut_and_escaped) {
  EXPECT_EQ(problems_of({{"verbose", text_node(std::string("a\n\x1b") + "b")}})[1],
            "bad-boolean: verbose must be true or false, not \"a\\x0a\\x1bb\"");
  const std::string shown = problems_of({{"mode", text_node(std::string(59, 'a') + "ä")}})[0];
  EXPECT_NE(shown.find(std::string(59, 'a') + "…\""), std::string::npos);
}

TEST(Schema, checks_between_fields_run_after_all_fields_were_read) {
  const Schema<Retry> schema({field("max_attempts", &Retry::max_attempts)},
                             [](const Retry& r, const Position& at, Diagnostics& problems) {
                               if (r.max_attempts == 3) problems.error("odd", at, "three");
                             });
  const Node document = map_node({{"max_attempts", text_node("3")}});
  Diagnostics problems;
  schema.parse(&document, problems);
  ASSERT_EQ(problems.error_count(), 1u);
  EXPECT_EQ(problems.all()[0].what, "three");
}

TEST(Schema, a_document_that_is_not_a_map_is_refused) {
  const Node document = text_node("x");
  Diagnostics problems;
  options_schema().parse(&document, problems, "config");
  ASSERT_EQ(problems.error_count(), 1u);
  EXPECT_EQ(problems.all()[0].what, "config must be a map, not \"x\"");
}

}  // namespace
}  // namespace penstock
