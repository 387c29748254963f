// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/split_body.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock {
namespace {

using Records = std::vector<std::string_view>;

/// The records with | between them, or the code of the error.
std::string split(std::string_view body, HttpFraming framing, size_t record_bytes_max = 1000) {
  Records records;
  auto result = split_body(body, framing, record_bytes_max, records);
  if (!result) return result.error().code + ": " + result.error().message;
  std::string text;
  for (size_t i = 0; i < records.size(); i++) text += (i > 0 ? "|" : "") + std::string(records[i]);
  return text;
}

TEST(SplitBody, takes_a_body_as_one_record_even_if_it_is_empty) {
  EXPECT_EQ(split("a\nb", HttpFraming::kRecord), "a\nb");
  Records records;
  ASSERT_TRUE(split_body("", HttpFraming::kRecord, 10, records));
  EXPECT_EQ(records, Records{""});
}

TEST(SplitBody, cuts_lines_and_passes_over_blank_ones) {
  EXPECT_EQ(split("{\"a\":1}\n\n \r\n{\"a\":2}\r\nlast", HttpFraming::kNdjson),
            "{\"a\":1}|{\"a\":2}|last");
  EXPECT_EQ(split("", HttpFraming::kNdjson), "");
  EXPECT_EQ(split("one\n", HttpFraming::kNdjson), "one");
}

TEST(SplitBody, cuts_the_elements_of_an_array_as_they_are_written) {
  EXPECT_EQ(split(R"( [ {"a": [1, 2]} , "x,]\"}" ,3,null, [ ] ] )", HttpFraming::kJsonArray),
            R"({"a": [1, 2]}|"x,]\"}"|3|null|[ ])");
  EXPECT_EQ(split("[]", HttpFraming::kJsonArray), "");
  EXPECT_EQ(split("[ ]\n", HttpFraming::kJsonArray), "");
}

TEST(SplitBody, refuses_what_is_no_array_and_says_where) {
  for (auto [body, offset] : {std::pair{"", 0},
                              {"{}", 0},
                              {"[1", 2},
                              {"[1,]", 3},
                              {"[,1]", 1},
                              {"[1 2]", 3},
                              {"[1] x", 4},
                              {"[{]}]", 2},
                              {"[{\"a\":1]", 7},
                              {"[\"a", 1},
                              {"[{", 1},
                              {"[1}]", 2},
                              {"[\"a\\", 1}}) {
    std::string text = split(body, HttpFraming::kJsonArray);
    EXPECT_EQ(text.substr(0, 9), "bad-body:") << body;
    EXPECT_NE(text.find("at byte " + std::to_string(offset) + " "), std::string::npos)
        << body << " → " << text;
  }
}

TEST(SplitBody, limits_how_deep_an_array_may_nest) {
  std::string deep = "[" + std::string(256, '[') + std::string(256, ']') + "]";
  EXPECT_EQ(split(deep, HttpFraming::kJsonArray), std::string(256, '[') + std::string(256, ']'));
  std::string deeper = "[" + std::string(257, '[') + std::string(257, ']') + "]";
  EXPECT_NE(split(deeper, HttpFraming::kJsonArray).find("too deep"), std::string::npos);
}

TEST(SplitBody, limits_each_record) {
  EXPECT_EQ(split("12345", HttpFraming::kRecord, 5), "12345");
  EXPECT_EQ(split("12345\n123456", HttpFraming::kNdjson, 5).substr(0, 16), "record-too-large");
  EXPECT_EQ(split("[12345]", HttpFraming::kJsonArray, 4).substr(0, 16), "record-too-large");
}

TEST(SplitBody, finds_the_framing_in_the_content_type) {
  EXPECT_EQ(framing_of(HttpFraming::kAuto, "application/X-NDJSON; charset=utf-8"),
            HttpFraming::kNdjson);
  EXPECT_EQ(framing_of(HttpFraming::kAuto, "application/json"), HttpFraming::kRecord);
  EXPECT_EQ(framing_of(HttpFraming::kAuto, ""), HttpFraming::kRecord);
  EXPECT_EQ(framing_of(HttpFraming::kRecord, "application/x-ndjson"), HttpFraming::kRecord);
}

}  // namespace
}  // namespace penstock
