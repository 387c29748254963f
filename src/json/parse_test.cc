// SPDX-License-Identifier: Apache-2.0
#include "json/parse.h"

#include <gtest/gtest.h>

#include <string>

#include "json/scalar.h"
#include "value/write_json.h"

namespace penstock {
namespace {

/// The document read and written again, or the error's message.
std::string again(std::string_view text, DuplicateKeys duplicates = DuplicateKeys::kFirst) {
  ValueArena arena;
  JsonParser parser;
  const auto value = parser.parse(text, arena, duplicates);
  if (!value) return value.error().message;
  std::string out;
  EXPECT_TRUE(write_json(*value, out));
  return out;
}

TEST(JsonParser, reads_every_kind) {
  for (const char* text : {"null", "true", "false", "0", "-1", "1.5", "\"\"", "\"aé😀\"", "[]", "{}",
                           "[1,[2,[3]],{}]", "{\"a\":{\"b\":[null]}}", "18446744073709551615",
                           "-9223372036854775808", "9223372036854775807"}) {
    EXPECT_EQ(again(text), text);
    EXPECT_EQ(again(" \t\r\n" + std::string(text) + " \n"), text);
  }
}

TEST(JsonParser, keeps_numbers_exact) {
  const std::pair<const char*, const char*> cases[] = {
      {"1.0", "1.0"}, {"1e3", "1000.0"}, {"1E+2", "100.0"}, {"-0", "0"}, {"-0.0", "-0.0"},
      {"0.1", "0.1"}, {"123456789012345678", "123456789012345678"},
      {"18446744073709551616", "18446744073709551616"},
      {"-9223372036854775809", "-9223372036854775809"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"1e400", "1e400"}, {"1e-400", "1e-400"}, {"0.1234567890123456789", "0.1234567890123456789"},
      {"0.10000000000000001", "0.1"}, {"9007199254740993", "9007199254740993"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"}, {"5e-324", "5e-324"},
      {"10000000000000000000", "10000000000000000000"}};
  for (const auto& [in, out] : cases) EXPECT_EQ(again(in), out) << in;
}

TEST(JsonParser, refuses_what_is_not_json_and_says_where) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "there is no value at byte 0"},
      {"   ", "there is no value at byte 3"},
      {"{", "a member's name was expected at byte 1"},
      {"[1,]", "a value was expected at byte 3"},
      {"[1 2]", "a comma or ] was expected at byte 3"},
      {"{\"a\":1,}", "a member's name was expected at byte 7"},
      {"{\"a\" 1}", "a colon was expected at byte 5"},
      {"{\"a\":}", "a value was expected at byte 5"},
      {"{\"a\":1", "a comma or } was expected at byte 6"},
      {"{\"a\":1]", "a comma or } was expected at byte 6"},
      {"{a:1}", "a member's name was expected at byte 1"},
      {"01", "this is not a number at byte 0"},
      {"1.", "this is not a number at byte 0"},
      {".5", "a value was expected at byte 0"},
      {"+1", "a value was expected at byte 0"},
      {"-", "this is not a number at byte 0"},
      {"1e", "this is not a number at byte 0"},
      {"1x", "this is not a number at byte 0"},
      {"1\"a\"", "this is not a number at byte 0"},
      {"nul", "a value was expected at byte 0"},
      {"nulll", "a value was expected at byte 0"},
      {"true\"a\"", "a value was expected at byte 0"},
      {"NaN", "a value was expected at byte 0"},
      {"1 2", "there is more after the value at byte 2"},
      {"\"a\"b", "there is more after the value at byte 3"},
      {"\"a", "this string does not end at byte 0"},
      {"[\"\\x\"]", "this escape is not one of JSON's at byte 2"},
      {"\"\\u12g4\"", "this escape is not one of JSON's at byte 1"},
      {"\"\\u12\"", "this escape is not one of JSON's at byte 1"},
      {"\"a\nb\"", "a control character in a string must be escaped at byte 2"},
      {"\"\xff\"", "this is not UTF-8 at byte 1"},
      {"\\\"a\"", "this string does not end at byte 3"},
      {std::string(300, '['), "nested too deep at byte 256"},
      {"'a'", "a value was expected at byte 0"},
      {"[1]]", "there is more after the value at byte 3"},
      {"// no", "a value was expected at byte 0"},
      {std::string("1\0", 2), "this is not a number at byte 0"},
      {"\xef\xbb\xbf{}", "a value was expected at byte 0"}};
  for (const auto& [text, what] : cases) EXPECT_EQ(again(text), "not JSON: " + std::string(what));
}

TEST(JsonParser, decodes_escapes) {
  EXPECT_EQ(again(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00")"),
            "\"\\\"\\\\/\\b\\f\\n\\r\\tAé😀\"");
  EXPECT_EQ(again(R"("\ud800x\udc00\ud800\u0041")"),
            "\"\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd" "A\"");
  EXPECT_EQ(again(R"({"\u0061":1})"), R"({"a":1})");
}

TEST(JsonParser, takes_the_first_or_the_last_of_two_members) {
  EXPECT_EQ(again(R"({"a":1,"b":2,"\u0061":3})"), R"({"a":1,"b":2})");
  EXPECT_EQ(again(R"({"a":1,"b":2,"a":3})", DuplicateKeys::kLast), R"({"a":3,"b":2})");
}

TEST(JsonParser, reports_the_arenas_limit) {
  ValueArena arena(100'000);
  JsonParser parser;
  std::string text = "[0";
  for (int i = 0; i < 20'000; ++i) text += ",0";
  const auto value = parser.parse(text + "]", arena);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "expression-memory");
}

TEST(JsonParser, reads_long_strings_and_many_documents_with_one_parser) {
  ValueArena arena;
  JsonParser parser;
  const std::string text = "\"" + std::string(300'000, 'x') + "\\n\"";
  for (int i = 0; i < 3; ++i) {
    arena.reset();
    const auto value = parser.parse(text, arena);
    ASSERT_TRUE(value);
    EXPECT_EQ(value->size(), 300'001u);
    EXPECT_TRUE(parser.parse("[1]", arena));
  }
}

}  // namespace
}  // namespace penstock
