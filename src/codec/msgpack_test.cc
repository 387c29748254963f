// SPDX-License-Identifier: Apache-2.0
#include "codec/msgpack.h"

#include <gtest/gtest.h>

#include "codec/test_codec.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const Codec> msgpack(const CodecLimits& limits = {}) {
  return make_msgpack_codec(limits);
}
std::string written(const char* json) { return to_hex(encoded(*msgpack(), Texts{json})); }
Texts read(std::string_view hex) { return decoded(*msgpack(), from_hex(hex)); }

TEST(Msgpack, every_form_of_the_specification_is_read) {
  const std::pair<const char*, const char*> kForms[] = {
      {"c0", "null"}, {"c2", "false"}, {"c3", "true"}, {"7f", "127"}, {"e0", "-32"},
      {"cc ff", "255"}, {"cd ffff", "65535"}, {"ce ffffffff", "4294967295"},
      {"cf ffffffffffffffff", "18446744073709551615"}, {"d0 80", "-128"}, {"d1 8000", "-32768"},
      {"d2 80000000", "-2147483648"}, {"d3 8000000000000000", "-9223372036854775808"},
      {"ca 3fc00000", "1.5"}, {"cb 3ff8000000000000", "1.5"}, {"a2 6869", R"("hi")"},
      {"d9 02 6869", R"("hi")"}, {"da 0002 6869", R"("hi")"}, {"db 00000002 6869", R"("hi")"},
      {"c4 01 ff", R"("/w==")"}, {"c5 0001 ff", R"("/w==")"}, {"c6 00000001 ff", R"("/w==")"},
      {"92 01 c0", "[1,null]"}, {"dc 0001 05", "[5]"}, {"dd 00000001 05", "[5]"},
      {"81 a1 61 01", R"({"a":1})"}, {"de 0001 a1 61 01", R"({"a":1})"},
      {"df 00000001 a1 61 01", R"({"a":1})"}, {"81 05 01", R"({"5":1})"},
      {"d4 05 aa", R"({"ext":5,"data":"qg=="})"}, {"c7 01 05 aa", R"({"ext":5,"data":"qg=="})"},
      {"c8 0001 05 aa", R"({"ext":5,"data":"qg=="})"},
      {"c9 00000001 05 aa", R"({"ext":5,"data":"qg=="})"},
      {"d6 ff 00000001", R"("1970-01-01T00:00:01Z")"},
      {"d7 ff 0000000c00000001", R"("1970-01-01T00:00:01.000000003Z")"},
      {"c7 0c ff 00000000 ffffffffffffffff", R"("1969-12-31T23:59:59Z")"},
  };
  for (const auto& [hex, json] : kForms) EXPECT_EQ(read(hex), Texts{json}) << hex;
}

TEST(Msgpack, values_follow_one_another) { EXPECT_EQ(read("01 02 a0"), (Texts{"1", "2", "\"\""})); }

TEST(Msgpack, the_shortest_form_is_written) {
  const std::pair<const char*, const char*> kForms[] = {
      {"127", "7f"}, {"128", "cc80"}, {"256", "cd0100"}, {"65536", "ce00010000"},
      {"4294967296", "cf0000000100000000"}, {"-32", "e0"}, {"-33", "d0df"}, {"-129", "d1ff7f"},
      {"-32769", "d2ffff7fff"}, {"1.5", "ca3fc00000"}, {"0.1", "cb3fb999999999999a"},
      {R"({"a":[]})", "81a16190"},
  };
  for (const auto& [json, hex] : kForms) EXPECT_EQ(written(json), hex) << json;
}

TEST(Msgpack, faults_name_their_byte) {
  EXPECT_EQ(read("92 01"),
            (Texts{"error cannot-decode: msgpack: byte 1: it ends inside an array or map"}));
  EXPECT_EQ(read("c1"), (Texts{"error cannot-decode: msgpack: byte 1: 0xc1 stands for nothing"}));
  EXPECT_EQ(read("a1 ff"), (Texts{"error cannot-decode: msgpack: byte 2: a str is not UTF-8"}));
  EXPECT_EQ(read("81 90 01"),
            (Texts{"error cannot-decode: msgpack: byte 1: the key of a map is an array or a map"}));
  EXPECT_EQ(read("81 c0 01"),
            (Texts{"error cannot-decode: msgpack: byte 2: the key of a map is null"}));
  EXPECT_EQ(read("d6 ff 0000"),
            (Texts{"error cannot-decode: msgpack: byte 2: it ends inside an extension"}));
  EXPECT_EQ(read("dd ffffffff"),
            (Texts{"error cannot-decode: msgpack: byte 5: it ends inside an array or map"}));
}

TEST(Msgpack, depth_and_size_are_limited) {
  CodecLimits limits;
  limits.depth_max = 2;
  limits.values_max = 5;
  const auto codec = msgpack(limits);
  EXPECT_EQ(decoded(*codec, from_hex("9190")), Texts{"[[]]"});
  EXPECT_EQ(decoded(*codec, from_hex("919190")),
            (Texts{"error codec-limit: msgpack: byte 3: more than 2 levels"}));
  EXPECT_EQ(decoded(*codec, from_hex("950102030405")),
            (Texts{"error codec-limit: msgpack: byte 5: too many values in one"}));
  EXPECT_EQ(encoded(*codec, Texts{"[[[]]]"}),
            "error cannot-encode: msgpack: it is nested too deeply");
}

TEST(Msgpack, a_number_that_no_64_bits_hold_is_refused) {
  EXPECT_EQ(encoded(*msgpack(), Texts{"123456789012345678901234567890"}),
            "error cannot-encode: msgpack: no number of 64 bits holds "
            "123456789012345678901234567890");
}

TEST(Msgpack, what_was_written_reads_back) {
  Random random(11);
  for (int round = 0; round < 3000; ++round) {
    ValueArena arena, second;
    const Value value = random_value(random, arena);
    const std::string bytes = encoded(*msgpack(), {&value, 1});
    const auto decoder = msgpack();
    const auto reading = decoder->make_decoder();
    Value back;
    ASSERT_TRUE(reading->begin(bytes, {}));
    Result<bool> more = reading->next(second, back);
    ASSERT_TRUE(more) << to_string(more.error());
    ASSERT_TRUE(equal(back, value)) << "round " << round;
    ASSERT_FALSE(*reading->next(second, back));
  }
}

}  // namespace
}  // namespace penstock
