// SPDX-License-Identifier: Apache-2.0
#include "spec/json_reader.h"

#include <gtest/gtest.h>

#include "spec/limits.h"
#include "spec/test_text.h"

namespace penstock {
namespace {

std::string read(std::string_view text) {
  Diagnostics diagnostics;
  const auto root = read_json(text, "f.json", diagnostics);
  if (!diagnostics.all().empty()) return codes(diagnostics);
  return root ? flat(*root) : "nothing";
}

TEST(JsonReader, reads_values_with_their_source_text) {
  EXPECT_EQ(read("{\"a\": [1, -0.5e+3, true, false, null, \"x\", {}, []]}"),
            "{a: [1, -0.5e+3, true, false, null, \"x\", {}, []]}");
  EXPECT_EQ(read(" \t\r\n5 "), "5");
  EXPECT_EQ(read("\xEF\xBB\xBF{}"), "{}");
}

TEST(JsonReader, unescapes_strings) {
  EXPECT_EQ(read(R"("\"\\\/\b\f\n\r\t\u00e4\u20AC\ud83d\ude00")"),
            "\"\"\\/\b\f\n\r\tä€😀\"");
}

TEST(JsonReader, positions_count_lines_and_bytes_from_one) {
  Diagnostics diagnostics;
  const auto root = read_json("{\n  \"ä\": 1, \"b\": [2]\n}", "f.json", diagnostics);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(place(root->entries[0].value.position), "2:9");
  EXPECT_EQ(place(root->entries[1].key_position), "2:12");
  EXPECT_EQ(place(root->entries[1].value.items[0].position), "2:18");
}

TEST(JsonReader, is_strict) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "empty-document@1:1"}, {"[1,]", "json-syntax@1:3"}, {"{\"a\":1,}", "json-syntax@1:7"},
      {"[1 2]", "json-syntax@1:4"}, {"[1", "json-syntax@1:3"}, {"{", "json-syntax@1:2"},
      {"{a:1}", "json-syntax@1:2"}, {"{'a':1}", "json-syntax@1:2"}, {"01", "json-syntax@1:1"},
      {"-01", "json-syntax@1:1"}, {"-", "json-syntax@1:1"}, {"1.", "json-syntax@1:1"},
      {"1e", "json-syntax@1:1"}, {".5", "json-syntax@1:1"}, {"+1", "json-syntax@1:1"},
      {"True", "json-syntax@1:1"}, {"nul", "json-syntax@1:1"}, {"\"a", "json-syntax@1:1"},
      {"\"a\nb\"", "json-syntax@1:1"}, {"\"a\tb\"", "json-syntax@1:3"},
      {"\"\\x\"", "json-syntax@1:2"}, {"\"\\u12g4\"", "json-syntax@1:6"},
      {"\"\\ud83d\"", "json-syntax@1:2"}, {"\"\\ude00\"", "json-syntax@1:2"},
      {"\"\\ud83d\\u0041\"", "json-syntax@1:2"}, {"[] x", "json-syntax@1:4"},
      {"{} {}", "json-syntax@1:4"}, {"// x\n1", "json-syntax@1:1"}, {"NaN", "json-syntax@1:1"},
      {"\xff", "not-utf8@1:1"}, {"{\"\":1}", "bad-key@1:2"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(read(text), expected) << text;
}

TEST(JsonReader, reports_every_duplicate_key_and_goes_on) {
  EXPECT_EQ(read("{\"a\":1,\n\"a\":2,\n\"\\u0061\":3}"), "duplicate-key@2:1 duplicate-key@3:1");
}

TEST(JsonReader, depth_and_values_have_limits) {
  const size_t most = kDocumentDepthMax;
  const std::string deep = std::string(most, '[') + std::string(most, ']');
  EXPECT_EQ(read(deep), deep);
  EXPECT_EQ(read("[" + deep + "]"), "document-too-deep@1:65");
  EXPECT_EQ(read(std::string(1 << 20, '[')), "document-too-deep@1:65");
  std::string many = "[0";
  for (size_t i = 0; i < kDocumentNodesMax; ++i) many += ",0";
  EXPECT_TRUE(read(many + "]").starts_with("document-too-large@1:"));
}

}  // namespace
}  // namespace penstock
