// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_compare.h"

#include <gtest/gtest.h>

#include "penstock/json_value.h"
#include "spec/json_reader.h"
#include "spec/yaml_reader.h"

namespace penstock {
namespace {

Node yaml(std::string_view text) {
  Diagnostics problems;
  std::optional<Node> node = read_yaml(text, "test", problems);
  EXPECT_TRUE(node.has_value()) << to_string(problems);
  return node.value_or(Node{});
}
Node json(std::string_view text) {
  Diagnostics problems;
  std::optional<Node> node = read_json(text, "test", problems);
  EXPECT_TRUE(node.has_value()) << to_string(problems);
  return node.value_or(Node{});
}

CaseExpected expected(const std::vector<std::string>& payloads, CaseOrder order) {
  CaseExpected out;
  out.order = order;
  for (const std::string& payload : payloads) {
    out.records.emplace_back();
    out.records.back().payload = payload;
  }
  return out;
}
std::vector<SinkRecord> got(const std::vector<std::string>& payloads) {
  std::vector<SinkRecord> out;
  for (const std::string& payload : payloads) {
    out.emplace_back();
    out.back().payload = payload;
  }
  return out;
}

TEST(Difference, in_exact_order_names_the_first_record_that_differs) {
  EXPECT_EQ(difference(expected({"a", "b"}, CaseOrder::kExact), got({"a", "b"})), "");
  EXPECT_EQ(difference(expected({"a", "b"}, CaseOrder::kExact), got({"a", "x"})),
            "record 2:\n  expected \"b\"\n  got      \"x\"\n");
  EXPECT_EQ(difference(expected({"a"}, CaseOrder::kExact), got({"a", "b"})),
            "1 record expected, 2 came\nrecord 2:\n  expected nothing more\n  got      \"b\"\n");
  EXPECT_EQ(difference(expected({}, CaseOrder::kExact), got({})), "");
  EXPECT_NE(difference(expected({"a", "b"}, CaseOrder::kExact), got({"b", "a"})).find("order: any"),
            std::string::npos);
}

TEST(Difference, in_any_order_lists_what_is_missing_and_what_is_too_much) {
  EXPECT_EQ(difference(expected({"a", "b", "b"}, CaseOrder::kAny), got({"b", "a", "b"})), "");
  EXPECT_EQ(difference(expected({"a", "b", "b"}, CaseOrder::kAny), got({"b", "a", "c"})),
            "missing    \"b\"\nunexpected \"c\"\n");
  const std::vector<std::string> many(12, "x");
  EXPECT_NE(difference(expected(many, CaseOrder::kAny), got({})).find("and 2 more\n"),
            std::string::npos);
}

TEST(Difference, by_key_compares_the_order_within_each_key) {
  const auto keyed = [](std::vector<SinkRecord> records, const char* keys) {
    for (size_t i = 0; i < records.size(); ++i) {
      records[i].key = std::string(1, keys[i]);
      records[i].has_key = true;
    }
    return records;
  };
  CaseExpected wanted = expected({"1", "2", "1"}, CaseOrder::kKey);
  wanted.records[0].key = wanted.records[1].key = "a";
  wanted.records[2].key = "b";
  EXPECT_EQ(difference(wanted, keyed(got({"1", "1", "2"}), "aba")), "");
  EXPECT_NE(difference(wanted, keyed(got({"2", "1", "1"}), "aba")), "");
  EXPECT_NE(difference(wanted, keyed(got({"1", "2", "1"}), "aaa")), "");
}

TEST(Matches, compares_all_that_is_said_and_nothing_else) {
  SinkRecord record;
  record.payload = "{\"n\":1}";
  record.key = "k";
  record.has_key = true;
  record.headers = {{"a", "1"}, {"b", "2"}};
  record.event_time_us = 5'000'000;
  CaseRecord any;
  EXPECT_TRUE(matches(any, record));
  any.key = "k";
  any.headers = {{"b", "2"}};
  any.event_time = seconds(5);
  any.json = yaml("n: 1.0");
  EXPECT_TRUE(matches(any, record));
  CaseRecord other = any;
  other.headers = {{"b", "1"}};
  EXPECT_FALSE(matches(other, record));
  other = any;
  other.event_time = seconds(6);
  EXPECT_FALSE(matches(other, record));
  other = any;
  other.json = yaml("n: 2");
  EXPECT_FALSE(matches(other, record));
  record.payload = "no json";
  EXPECT_FALSE(matches(any, record));
  record.has_key = false;
  any = CaseRecord{};
  any.key = "";
  EXPECT_FALSE(matches(any, record));
}

TEST(JsonValue, is_the_same_however_it_is_written) {
  const struct {
    const char* yaml;
    const char* json;
    bool same;
  } table[] = {{"{a: 1, b: [x, true]}", R"({"b":["x",true],"a":1})", true},
               {"{a: '1'}", R"({"a":1})", false},
               {"{a: 1}", R"({"a":"1"})", false},
               {"{a: 1}", R"({"a":1e0})", true},
               {"{a: 1.5}", R"({"a":1.25})", false},
               {"{a: yes}", R"({"a":"yes"})", true},
               {"{a: null}", R"({"a":null})", true},
               {"{a: 1}", R"({"a":1,"b":2})", false},
               {"[1, 2]", "[2, 1]", false},
               {"[1]", "[1, 2]", false},
               {"{}", "[]", false},
               {"{a: 'x'}", R"({"b":"x"})", false}};
  for (const auto& row : table) {
    EXPECT_EQ(same_json(yaml(row.yaml), json(row.json)), row.same) << row.yaml << " " << row.json;
  }
}

TEST(JsonValue, knows_the_words_and_numbers_of_json) {
  for (const char* word : {"0", "-1", "10.5", "1e9", "1E-9", "true", "false", "null"}) {
    EXPECT_TRUE(is_json_word(word)) << word;
  }
  for (const char* word : {"", "-", "01", "1.", ".5", "1e", "+1", "yes", "0x1", "1 "}) {
    EXPECT_FALSE(is_json_word(word)) << word;
  }
}

TEST(JsonText, of_a_yaml_value_is_what_json_would_say) {
  EXPECT_EQ(json_of(yaml("{a: 1, b: yes, c: '1', d: [], e: {}, f: ~, g: [x, -2.5]}")),
            R"({"a":1,"b":"yes","c":"1","d":[],"e":{},"f":null,"g":["x",-2.5]})");
}

}  // namespace
}  // namespace penstock
