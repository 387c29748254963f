// SPDX-License-Identifier: Apache-2.0
#include "codec/json_codec.h"

#include <gtest/gtest.h>

#include "codec/test_codec.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const Codec> json(JsonFraming framing, int indent = 0, bool sort_keys = false) {
  return make_json_codec({framing, indent, sort_keys});
}

TEST(JsonCodec, a_document_is_a_value_on_one_line) {
  const auto codec = json(JsonFraming::kDocument);
  EXPECT_EQ(decoded(*codec, " {\"a\" : [1, 2.50],\n\"a\": 18446744073709551615} "),
            Texts{R"({"a":18446744073709551615})"});
  EXPECT_EQ(decoded(*codec, "{} {}").size(), 1u);
  EXPECT_EQ(decoded(*codec, "{} {}")[0].substr(0, 14), "error bad-json");
}

TEST(JsonCodec, lines_and_items_of_an_array_are_values) {
  EXPECT_EQ(decoded(*json(JsonFraming::kLines), "1\n\n {\"a\":2}\r\n[3]"),
            (Texts{"1", R"({"a":2})", "[3]"}));
  EXPECT_EQ(decoded(*json(JsonFraming::kArray), "[1, {\"a\":2}, []]"),
            (Texts{"1", R"({"a":2})", "[]"}));
  EXPECT_EQ(decoded(*json(JsonFraming::kArray), "{}"),
            Texts{"error cannot-decode: json: byte 0: an array was expected, not map"});
}

TEST(JsonCodec, encoding_follows_the_framing_and_style) {
  const Texts values = {R"({"b":1,"a":"x"})", "null"};
  EXPECT_EQ(encoded(*json(JsonFraming::kLines), values), "{\"b\":1,\"a\":\"x\"}\nnull");
  EXPECT_EQ(encoded(*json(JsonFraming::kArray, 0, true), values), R"([{"a":"x","b":1},null])");
  EXPECT_EQ(encoded(*json(JsonFraming::kDocument, 2), Texts{R"({"a":[1]})"}),
            "{\n  \"a\": [\n    1\n  ]\n}");
}

}  // namespace
}  // namespace penstock
