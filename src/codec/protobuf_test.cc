// SPDX-License-Identifier: Apache-2.0
#include "codec/protobuf.h"

#include <gtest/gtest.h>

#include "codec/test_codec.h"
#include "codec/test_proto_schema.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const Codec> protobuf(ProtobufOptions options = {},
                                      const CodecLimits& limits = {}) {
  auto schema = ProtoSchema::parse(test_descriptor_set());
  EXPECT_TRUE(schema) << (schema ? "" : to_string(schema.error()));
  options.schema = *schema;
  options.message = options.schema->find("test.All");
  return make_protobuf_codec(options, limits);
}
std::string hex_of(const char* json) { return to_hex(encoded(*protobuf(), Texts{json})); }
std::string read(std::string_view hex) { return decoded(*protobuf(), from_hex(hex)).back(); }
std::string through(const char* json) {
  const std::string bytes = encoded(*protobuf(), Texts{json});
  return bytes.starts_with("error ") ? bytes : decoded(*protobuf(), bytes).back();
}

TEST(Protobuf, every_scalar_has_its_wire_form) {
  EXPECT_EQ(hex_of(R"({"aDouble":1.5})"), "09000000000000f83f");
  EXPECT_EQ(hex_of(R"({"a_float":1.5})"), "150000c03f");
  EXPECT_EQ(hex_of(R"({"anInt64":-1})"), "18ffffffffffffffffff01");
  EXPECT_EQ(hex_of(R"({"aUint64":18446744073709551615})"), "20ffffffffffffffffff01");
  EXPECT_EQ(hex_of(R"({"anInt32":150})"), "289601");
  EXPECT_EQ(hex_of(R"({"aFixed64":1})"), "310100000000000000");
  EXPECT_EQ(hex_of(R"({"aFixed32":1})"), "3d01000000");
  EXPECT_EQ(hex_of(R"({"aBool":true})"), "4001");
  EXPECT_EQ(hex_of(R"({"aString":"testing"})"), "4a0774657374696e67");
  EXPECT_EQ(hex_of(R"({"aBytes":"/w=="})"), "5201ff");
  EXPECT_EQ(hex_of(R"({"aSint32":-2})"), "7003");
  EXPECT_EQ(hex_of(R"({"color":"GREEN"})"), "800102");
  EXPECT_EQ(hex_of(R"({"numbers":[3,270,86942]})"), "920106038e029ea705");
}

TEST(Protobuf, all_kinds_of_fields_come_back) {
  const Texts kValues = {
      "{}",
      R"({"aDouble":-0.5,"aFloat":0.25,"anInt64":-9223372036854775808,)"
      R"("aUint64":18446744073709551615,"anInt32":-7,"aFixed64":9,"aFixed32":4294967295,)"
      R"("aBool":true,"aString":"grüß","aBytes":"AAE=","aUint32":7,"aSfixed32":-1,)"
      R"("aSfixed64":-2,"aSint32":-3,"aSint64":-4,"color":"RED"})",
      R"({"child":{"child":{"anInt32":1}},"numbers":[1,-1],"words":["a",""],)"
      R"("children":[{},{"aBool":true}]})",
      R"({"byName":{"x":{"anInt32":1},"":{}},"byId":{"-5":"five","0":""}})",
      R"({"pickNumber":0})",
      R"({"maybe":0})",
      R"({"at":"2024-05-01T10:00:00.000000001Z","took":"-1.5s"})",
      R"({"at":"1969-12-31T23:59:59.5Z","took":"315576000.000000001s"})",
      R"({"document":{"a":[1.0,null,"x",{"b":true}]},"boxed":5,"mask":"user.displayName,photo"})",
      R"({"any":{"@type":"type.googleapis.com/test.All","anInt32":3}})",
      R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})",
      R"({"any":{"@type":"x/unknown.Type","value":"/w=="}})",
      R"({"free":null})",
      R"({"free":[1.5,false]})",
      R"({"colors":["RED",7]})",
      R"({"aDouble":"NaN","aFloat":"-Infinity"})",
  };
  for (const std::string& value : kValues) EXPECT_EQ(through(value.c_str()), value);
}

TEST(Protobuf, other_forms_of_values_are_taken) {
  EXPECT_EQ(through(R"({"an_int64":"-5","aUint64":"7","anInt32":3.0,"a_double":"1e3"})"),
            R"({"aDouble":1000.0,"anInt64":-5,"aUint64":7,"anInt32":3})");
  EXPECT_EQ(through(R"({"color":2,"took":"1m","words":null})"),
            R"({"color":"GREEN","took":"60s"})");
}

TEST(Protobuf, options_choose_names_defaults_and_numbers) {
  ProtobufOptions options;
  options.proto_names = true;
  EXPECT_EQ(decoded(*protobuf(options), from_hex("2805")), Texts{R"({"an_int32":5})"});
  options = {};
  options.int64_text = true;
  EXPECT_EQ(decoded(*protobuf(options), from_hex("1805 d20102 0805")),
            Texts{R"({"anInt64":"5","at":"1970-01-01T00:00:05Z"})"});
  options = {};
  options.enum_numbers = true;
  EXPECT_EQ(decoded(*protobuf(options), from_hex("800102")), Texts{R"({"color":2})"});
  options = {};
  options.defaults = true;
  const std::string all = decoded(*protobuf(options), "").back();
  EXPECT_EQ(all.substr(0, 25), R"({"aDouble":0.0,"aFloat":0)");
  EXPECT_NE(all.find(R"("color":"NO_COLOR","numbers":[],"words":[],"children":[],"byName":{},)"),
            std::string::npos);
  EXPECT_EQ(all.find("maybe"), std::string::npos);
}

TEST(Protobuf, parts_of_a_message_are_merged_and_the_last_of_a_oneof_counts) {
  EXPECT_EQ(read("8a0102 2801 8a0102 4001"), R"({"child":{"anInt32":1,"aBool":true}})");
  EXPECT_EQ(read("b80105 c2010178"), R"({"pickText":"x"})");
  EXPECT_EQ(read("2801 2802"), R"({"anInt32":2})");
  EXPECT_EQ(read("900101 9201020203"), R"({"numbers":[1,2,3]})");
}

TEST(Protobuf, unknown_fields_and_foreign_wire_types_are_left_out) {
  EXPECT_EQ(read("d03e05 2801"), R"({"anInt32":1})");
  EXPECT_EQ(read("2d01000000"), "{}");
  EXPECT_EQ(read("d33e 0801 d43e 2801"), R"({"anInt32":1})");  // a group
}

TEST(Protobuf, faults_name_their_byte_or_path) {
  EXPECT_EQ(read("2801 4a05 61"),
            "error cannot-decode: protobuf: byte 2: it ends inside a field, or is no message");
  EXPECT_EQ(read("4a01ff"),
            "error cannot-decode: protobuf: byte 2: the string a_string is not UTF-8");
  EXPECT_EQ(through(R"({"child":{"anInt32":"x"}})"),
            "error cannot-encode: protobuf: child.anInt32: string is no int32");
  EXPECT_EQ(through(R"({"anInt32":3000000000})"),
            "error cannot-encode: protobuf: anInt32: the number is out of range of int32");
  EXPECT_EQ(through(R"({"aUint32":-1})"),
            "error cannot-encode: protobuf: aUint32: the number is out of range of uint32");
  EXPECT_EQ(through(R"({"aString":0})"),
            "error cannot-encode: protobuf: aString: int is no string");
  EXPECT_EQ(through(R"({"nope":1})"),
            "error cannot-encode: protobuf: test.All has no field \"nope\"");
  EXPECT_EQ(through(R"({"color":"BLUE"})"),
            "error cannot-encode: protobuf: color: \"BLUE\" is no value of test.Color");
}

TEST(Protobuf, delimited_messages_follow_each_other) {
  ProtobufOptions options;
  options.framing = ProtoFraming::kDelimited;
  const auto codec = protobuf(options);
  const std::string bytes = encoded(*codec, Texts{R"({"anInt32":1})", "{}"});
  EXPECT_EQ(to_hex(bytes), "02280100");
  EXPECT_EQ(decoded(*codec, bytes), (Texts{R"({"anInt32":1})", "{}"}));
  EXPECT_EQ(decoded(*codec, from_hex("0528")).back(),
            "error cannot-decode: protobuf: byte 0: it ends inside a message");
}

TEST(Protobuf, depth_and_values_are_limited) {
  CodecLimits limits;
  limits.depth_max = 3;
  limits.values_max = 10;
  const auto codec = protobuf({}, limits);
  EXPECT_EQ(decoded(*codec, from_hex("8a0105 8a0102 2801")).back(),
            R"({"child":{"child":{"anInt32":1}}})");
  EXPECT_EQ(decoded(*codec, from_hex("8a0106 8a0103 8a0100")).back().substr(0, 17),
            "error codec-limit");
  EXPECT_EQ(decoded(*codec, from_hex("92010c 000000000000000000000000")).back().substr(0, 17),
            "error codec-limit");
}

TEST(ProtoSchema, what_is_no_descriptor_set_is_refused) {
  for (const std::string& bytes : {std::string("x"), std::string(), from_hex("0a00"),
                                   test_descriptor_set().substr(0, 400)}) {
    auto schema = ProtoSchema::parse(bytes);
    ASSERT_FALSE(schema);
    EXPECT_EQ(schema.error().code, "bad-schema");
  }
}

}  // namespace
}  // namespace penstock
