// SPDX-License-Identifier: Apache-2.0
#include "record/headers.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "record/key.h"

namespace penstock {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs decode(std::string_view encoded) {
  Pairs all;
  for_each_header(encoded, [&](std::string_view name, std::string_view value) {
    all.emplace_back(name, value);
  });
  return all;
}

TEST(Headers, come_back_in_order_with_repeated_names_and_empty_values) {
  const Pairs pairs = {{"a", "1"}, {"b", ""}, {"a", "2"}, {"", "no name"},
                       {"bytes", std::string("\0\xff\n", 3)}};
  std::string encoded;
  for (const auto& [name, value] : pairs) append_header(encoded, name, value);
  EXPECT_EQ(decode(encoded), pairs);
  EXPECT_EQ(decode(""), Pairs{});
}

TEST(Headers, are_encoded_as_two_sizes_name_and_value) {
  std::string encoded;
  append_header(encoded, "ab", "cde");
  EXPECT_EQ(encoded, std::string("\2\0\0\0\3\0\0\0abcde", 13));
}

TEST(Headers, are_found_by_exact_name_the_first_one_first) {
  std::string encoded;
  append_header(encoded, "trace", "1");
  append_header(encoded, "empty", "");
  append_header(encoded, "trace", "2");
  EXPECT_EQ(find_header(encoded, "trace"), "1");
  EXPECT_EQ(find_header(encoded, "empty"), "");
  EXPECT_EQ(find_header(encoded, "Trace"), std::nullopt);
  EXPECT_EQ(find_header(encoded, "trac"), std::nullopt);
  EXPECT_EQ(find_header("", "trace"), std::nullopt);
}

TEST(KeySelector, finds_the_key_where_it_was_told_to_look) {
  std::string headers;
  append_header(headers, "tenant", "blue");
  const std::string payload = "payload", key = "key";
  Record record;
  record.payload = payload.data();
  record.payload_size = static_cast<uint32_t>(payload.size());
  record.headers = headers.data();
  record.headers_size = static_cast<uint32_t>(headers.size());
  using Kind = KeySelector::Kind;
  EXPECT_EQ((KeySelector{Kind::kPayload, {}}.of(record)), "payload");
  EXPECT_EQ((KeySelector{Kind::kHeader, "tenant"}.of(record)), "blue");
  EXPECT_EQ((KeySelector{Kind::kHeader, "other"}.of(record)), "");
  EXPECT_EQ((KeySelector{Kind::kNone, {}}.of(record)), "");
  EXPECT_EQ((KeySelector{Kind::kRecordKey, {}}.of(record)), "");
  record.key = key.data();
  record.key_size = static_cast<uint32_t>(key.size());
  EXPECT_EQ((KeySelector{Kind::kRecordKey, {}}.of(record)), "key");
  EXPECT_FALSE(KeySelector{}.is_set());
  EXPECT_TRUE((KeySelector{Kind::kHeader, "tenant"}.is_set()));
}

}  // namespace
}  // namespace penstock
