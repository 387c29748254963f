// SPDX-License-Identifier: Apache-2.0
#include "codec/logfmt.h"

#include <gtest/gtest.h>

#include "codec/test_codec.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const Codec> logfmt(TextType types = TextType::kInfer) {
  return make_logfmt_codec({types}, CodecLimits{});
}

TEST(Logfmt, a_line_is_a_map_of_its_pairs) {
  EXPECT_EQ(decoded(*logfmt(), "level=info msg=\"a \\\"b\\\"\\n\" n=3 ok done=\n\n at=1.5s\n"),
            (Texts{R"({"level":"info","msg":"a \"b\"\n","n":3,"ok":true,"done":""})",
                   R"({"at":"1.5s"})"}));
}

TEST(Logfmt, values_in_quotes_are_strings_and_types_may_be_off) {
  EXPECT_EQ(decoded(*logfmt(), "a=\"1\" b=1 c=true"), (Texts{R"({"a":"1","b":1,"c":true})"}));
  EXPECT_EQ(decoded(*logfmt(TextType::kString), "b=1"), (Texts{R"({"b":"1"})"}));
}

TEST(Logfmt, the_last_of_equal_keys_counts) {
  EXPECT_EQ(decoded(*logfmt(), "a=1 b=2 a=3"), (Texts{R"({"a":3,"b":2})"}));
}

TEST(Logfmt, faults_name_their_byte) {
  EXPECT_EQ(decoded(*logfmt(), "a=1 =2").back(),
            "error cannot-decode: logfmt: byte 4: a key was expected, not \"=\"");
  EXPECT_EQ(decoded(*logfmt(), "a=\"x").back(),
            "error cannot-decode: logfmt: byte 2: a quoted value does not end");
  EXPECT_EQ(decoded(*logfmt(), "a=\"x\\q\"").back(),
            "error cannot-decode: logfmt: byte 4: an unknown escape");
  EXPECT_EQ(decoded(*logfmt(), "a=\"x\"y").back(),
            "error cannot-decode: logfmt: byte 5: a quoted value goes on behind its closing quote");
  EXPECT_EQ(decoded(*logfmt(), "a=x\"y").back(),
            "error cannot-decode: logfmt: byte 3: a quote inside a value that does not begin with "
            "one");
}

TEST(Logfmt, encoding_flattens_maps_and_quotes_what_would_change_its_type) {
  EXPECT_EQ(encoded(*logfmt(), Texts{R"({"a":{"b":1,"c":{"d":"x y"}},"n":"7","l":[1,2],"e":{}})"}),
            "a.b=1 a.c.d=\"x y\" n=\"7\" l=[1,2] e={}");
  EXPECT_EQ(encoded(*logfmt(), Texts{R"({"a b":""})", R"({"":null})"}), "a_b=\n_=null");
  EXPECT_EQ(encoded(*logfmt(), Texts{"[]"}),
            "error cannot-encode: logfmt: a line is a map, not array");
}

TEST(Logfmt, strings_that_were_written_read_back) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_text(random);
    const Value value = Value::string(text);
    const MapEntry entry{"k", value};
    const MapData map{&entry, 1, 0, nullptr};
    const Value row = Value::map(&map);
    ValueArena arena;
    const Texts back = decoded(*logfmt(), encoded(*logfmt(), {&row, 1}));
    ASSERT_EQ(back.size(), 1u);
    ASSERT_TRUE(equal(test_value(back[0], arena), row)) << back[0];
  }
}

}  // namespace
}  // namespace penstock
