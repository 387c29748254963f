// SPDX-License-Identifier: Apache-2.0
#include "json/strings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "json/structure.h"

namespace penstock {
namespace {

/// Text of a few bytes that matter, of any length around those of blocks.
std::string any_text(Random& chance) {
  static const std::vector<std::string> kParts = {
      "\"", "\"", "\"", "\\", "\\\\", "\\\"", "{", "}", "[", "]", ":", ",", " ", "\n", "a", "12",
      "true", "é", "\"a\":1,", "{\"a\":[1,{}]}", "\x01", "\xff", "some words that are longer"};
  const size_t odd = chance.below(4);  // how many of the strange ones
  std::string text;
  const size_t parts = chance.below(120);
  for (size_t i = 0; i < parts; ++i) {
    size_t part = chance.below(kParts.size());
    if (part >= 20 && part <= 21 && chance.below(50) >= odd) part = 14;
    text += kParts[part];
  }
  // Half of them have strings that end.
  if (chance.below(2) == 0) text += '"';
  return text;
}

/// The text where nothing behind it may be read, and with room to load behind it.
struct Exact {
  explicit Exact(const std::string& text) : size(text.size()), bytes(new char[text.size()]) {
    text.copy(bytes.get(), size);
  }
  std::string_view view() const { return {bytes.get(), size}; }
  size_t size;
  std::unique_ptr<char[]> bytes;
};

TEST(JsonStrings, finds_what_another_scanner_finds) {
  Random chance(1);
  size_t good = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string text = any_text(chance);
    const Exact exact(text);
    JsonStructure structure;
    const std::string padded = text + std::string(kJsonPadding, ' ');
    const std::string_view padded_text(padded.data(), text.size());
    const bool expected = structure.scan(padded_text);
    for (const auto way : {JsonStrings::Way::kBest, JsonStrings::Way::kPlain}) {
      JsonStrings strings(way);
      const bool ok = strings.scan(exact.view());
      const bool blank = text.find_first_not_of(" \n") == std::string::npos;
      ASSERT_EQ(ok, expected || blank) << text;
      if (!ok) continue;
      ++good;
      ASSERT_EQ(strings.escapes(), text.find('\\') != std::string::npos) << text;
      if (!expected) continue;
      const auto tokens = structure.tokens();
      for (size_t t = 0; t < tokens.size(); ++t) {
        if (text[tokens[t]] != '"') continue;
        const uint32_t closing = strings.closing_quote(tokens[t]);
        ASSERT_GT(closing, tokens[t]);
        ASSERT_EQ(text[closing], '"') << text << " from " << tokens[t];
        if (t + 1 < tokens.size()) {
          ASSERT_LT(closing, tokens[t + 1]) << text;
        }
      }
    }
  }
  EXPECT_GT(good, 5'000u);
}

TEST(JsonStrings, finds_the_bracket_that_closes) {
  Random chance(2);
  size_t found = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = any_text(chance);
    const Exact exact(text);
    JsonStructure structure;
    const std::string padded = text + std::string(kJsonPadding, ' ');
    if (!structure.scan({padded.data(), text.size()})) continue;
    const auto tokens = structure.tokens();
    for (size_t t = 0; t < tokens.size(); ++t) {
      if (text[tokens[t]] != '{' && text[tokens[t]] != '[') continue;
      const auto end = static_cast<uint32_t>(text.size() - chance.below(text.size() - tokens[t]));
      uint32_t expected = 0;
      int depth = 0;
      for (size_t k = t; k < tokens.size() && tokens[k] < end; ++k) {
        const char c = text[tokens[k]];
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        if (depth > 0) continue;
        expected = tokens[k] + 1;
        break;
      }
      found += expected != 0;
      for (const auto way : {JsonStrings::Way::kBest, JsonStrings::Way::kPlain}) {
        JsonStrings strings(way);
        ASSERT_TRUE(strings.scan(exact.view()));
        ASSERT_EQ(strings.behind_bracket(tokens[t] + 1, end), expected) << text << tokens[t];
      }
    }
  }
  EXPECT_GT(found, 5'000u);
}

TEST(JsonCursor, passes_values_and_white_space) {
  const std::string text = " [1, \"a]\\\"\" ,{\"b\":[true]} ,nullx]  7";
  JsonStrings strings;
  ASSERT_TRUE(strings.scan(text));
  JsonCursor cursor(strings, text.data(), 0, static_cast<uint32_t>(text.size()));
  EXPECT_EQ(cursor.take(), '[');
  std::vector<std::string> values;
  do {
    const char first = cursor.next();
    const char* const from = cursor.here();
    ASSERT_TRUE(cursor.pass_value(first));
    values.emplace_back(from, cursor.here());
  } while (cursor.take() == ',');
  EXPECT_EQ(values, (std::vector<std::string>{"1", "\"a]\\\"\"", "{\"b\":[true]}", "nullx"}));
  EXPECT_EQ(cursor.next(), '7');
  EXPECT_TRUE(cursor.pass_value('7'));
  EXPECT_EQ(cursor.next(), '\0');
  EXPECT_FALSE(cursor.pass_value('\0'));
}

}  // namespace
}  // namespace penstock
