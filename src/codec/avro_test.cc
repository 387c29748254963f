// SPDX-License-Identifier: Apache-2.0
#include "codec/avro.h"

#include <gtest/gtest.h>

#include "codec/test_codec.h"
#include "value/build.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;
using SchemaPtr = std::shared_ptr<const AvroSchema>;

SchemaPtr schema(std::string_view json) {
  Result<SchemaPtr> parsed = AvroSchema::parse(json);
  EXPECT_TRUE(parsed) << (parsed ? "" : to_string(parsed.error()));
  return parsed ? *parsed : nullptr;
}
std::string schema_problem(std::string_view json) {
  Result<SchemaPtr> parsed = AvroSchema::parse(json);
  return parsed ? "" : parsed.error().message;
}
std::shared_ptr<const Codec> raw(SchemaPtr reader, SchemaPtr writer = nullptr) {
  AvroOptions options;
  options.framing = AvroFraming::kRaw;
  options.schema = std::move(reader);
  if (writer != nullptr) options.writers = {std::move(writer)};
  auto codec = make_avro_codec(std::move(options), CodecLimits{});
  EXPECT_TRUE(codec) << (codec ? "" : to_string(codec.error()));
  return codec ? *codec : nullptr;
}
std::string problem(const char* reader, const char* writer) {
  AvroOptions options;
  options.framing = AvroFraming::kRaw;
  options.schema = schema(reader);
  options.writers = {schema(writer)};
  auto codec = make_avro_codec(std::move(options), CodecLimits{});
  return codec ? "" : codec.error().message;
}
/// JSON → Avro by one schema → JSON by another.
std::string through(const char* writer, const char* json, const char* reader) {
  const std::string bytes = encoded(*raw(schema(writer)), Texts{json});
  if (bytes.starts_with("error ")) return bytes;
  return decoded(*raw(schema(reader), schema(writer)), bytes).back();
}
std::string through(const char* both, const char* json) { return through(both, json, both); }

TEST(AvroSchema, fingerprints_and_canonical_forms_are_those_of_the_specification) {
  EXPECT_EQ(schema("\"int\"")->fingerprint(), 0x7275d51a3f395c8full);  // published test vector
  EXPECT_EQ(schema("{\"type\":\"int\"}")->canonical(), "\"int\"");
  EXPECT_EQ(schema(R"({"namespace":"x.y","name":"a","type":"record","doc":"d","fields":[
                      {"name":"f","type":["null","a"],"default":null}]})")->canonical(),
            R"({"name":"x.y.a","type":"record","fields":[{"name":"f","type":["null","x.y.a"]}]})");
}

TEST(AvroSchema, mistakes_name_their_place) {
  const std::pair<const char*, const char*> kFaults[] = {
      {"\"strin\"", "Avro schema: the type \"strin\" is not known here"},
      {R"({"type":"record","name":"a","fields":[{"name":"b","type":"x"}]})",
       "Avro schema: a.b: the type \"x\" is not known here"},
      {R"({"type":"record","name":"a","fields":[{"name":"b","type":"int","default":"x"}]})",
       "Avro schema: a.b: a default of type string is not a int"},
      {R"(["int","int"])", "Avro schema: a union has \"int\" twice"},
      {R"([["int"]])", "Avro schema: a union stands directly in a union"},
      {R"({"type":"fixed","name":"f"})", "Avro schema: size is missing or out of range"},
      {R"({"type":"enum","name":"e","symbols":["A","A"]})",
       "Avro schema: the symbol A stands twice"},
      {R"({"type":"array"})", "Avro schema: items is missing"},
      {R"({"type":"record","name":"1a","fields":[]})",
       "Avro schema: the name \"1a\" is not a name"},
  };
  for (const auto& [json, message] : kFaults) EXPECT_EQ(schema_problem(json), message) << json;
}

TEST(Avro, the_examples_of_the_specification_are_encoded_so) {
  const auto bytes = [](const char* schema_json, const char* json) {
    return to_hex(encoded(*raw(schema(schema_json)), Texts{json}));
  };
  EXPECT_EQ(bytes("\"long\"", "-64"), "7f");
  EXPECT_EQ(bytes("\"long\"", "64"), "8001");
  EXPECT_EQ(bytes("\"string\"", "\"foo\""), "06666f6f");
  EXPECT_EQ(bytes(R"({"type":"record","name":"test","fields":[{"name":"a","type":"long"},
                     {"name":"b","type":"string"}]})", R"({"a":27,"b":"foo"})"),
            "3606666f6f");
  EXPECT_EQ(bytes(R"({"type":"array","items":"long"})", "[3,27]"), "04063600");
  EXPECT_EQ(bytes(R"(["null","string"])", "null"), "00");
  EXPECT_EQ(bytes(R"(["null","string"])", "\"a\""), "020261");
}

TEST(Avro, promotions_are_those_of_the_specification) {
  EXPECT_EQ(through("\"int\"", "7", "\"long\""), "7");
  EXPECT_EQ(through("\"int\"", "7", "\"double\""), "7.0");
  EXPECT_EQ(through("\"long\"", "7", "\"float\""), "7.0");
  EXPECT_EQ(through("\"float\"", "1.5", "\"double\""), "1.5");
  EXPECT_EQ(through("\"string\"", "\"hi\"", "\"bytes\""), "\"aGk=\"");
  EXPECT_EQ(through("\"bytes\"", "\"aGk=\"", "\"string\""), "\"hi\"");
  EXPECT_EQ(problem("\"int\"", "\"long\""),
            "Avro schemas do not fit each other: a long was written, a int is read");
}

TEST(Avro, fields_are_skipped_renamed_and_defaulted) {
  EXPECT_EQ(through(R"({"type":"record","name":"r","fields":[{"name":"gone","type":
                       {"type":"map","values":{"type":"array","items":"string"}}},
                       {"name":"old","type":"int"}]})",
                    R"({"gone":{"a":["b","c"]},"old":3})",
                    R"({"type":"record","name":"r","fields":[
                       {"name":"extra","type":"bytes","default":"\u00ff"},
                       {"name":"new","aliases":["old"],"type":"long"},
                       {"name":"u","type":["null","int"],"default":null}]})"),
            R"({"extra":"/w==","new":3,"u":null})");
  EXPECT_EQ(problem(R"({"type":"record","name":"r","fields":[{"name":"a","type":"int"}]})",
                    R"({"type":"record","name":"r","fields":[]})"),
            "Avro schemas do not fit each other: r.a was not written and has no default");
}

TEST(Avro, enums_and_unions_are_resolved_value_by_value) {
  const char* writer = R"({"type":"enum","name":"e","symbols":["A","B"]})";
  EXPECT_EQ(through(writer, "\"B\"", R"({"type":"enum","name":"e","symbols":["B"]})"), "\"B\"");
  EXPECT_EQ(through(writer, "\"A\"", R"({"type":"enum","name":"e","symbols":["B"]})"),
            "error cannot-decode: avro: byte 1: the symbol A is not in the reader's enum");
  EXPECT_EQ(through(writer, "\"A\"",
                    R"({"type":"enum","name":"e","symbols":["B","C"],"default":"C"})"), "\"C\"");
  EXPECT_EQ(through(R"(["int","string"])", "5", R"(["string","long"])"), "5");
  EXPECT_EQ(through(R"(["int","string"])", "\"x\"", "\"int\""),
            "error cannot-decode: avro: byte 1: a string was written, a int is read");
  EXPECT_EQ(through("\"int\"", "5", R"(["null","double"])"), "5.0");
}

TEST(Avro, circular_schemas_are_read_down_to_the_depth_limit) {
  const char* list = R"({"type":"record","name":"n","fields":[{"name":"v","type":"int"},
                        {"name":"next","type":["null","n"],"default":null}]})";
  EXPECT_EQ(through(list, R"({"v":1,"next":{"v":2}})"),
            R"({"v":1,"next":{"v":2,"next":null}})");
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += from_hex("0202");
  EXPECT_EQ(decoded(*raw(schema(list)), bytes).back().substr(0, 17), "error codec-limit");
}

TEST(Avro, logical_types_have_a_form_in_json_and_come_back) {
  const std::pair<const char*, Texts> kTypes[] = {
      {R"({"type":"int","logicalType":"date"})", {"\"2024-05-01\"", "\"0001-01-01\""}},
      {R"({"type":"int","logicalType":"time-millis"})", {"\"10:00:00.25\""}},
      {R"({"type":"long","logicalType":"time-micros"})", {"\"23:59:59.999999\""}},
      {R"({"type":"long","logicalType":"timestamp-millis"})", {"\"1969-12-31T23:59:59.5Z\""}},
      {R"({"type":"long","logicalType":"timestamp-micros"})", {"\"2024-05-01T10:00:00.000001Z\""}},
      {R"({"type":"long","logicalType":"local-timestamp-millis"})", {"\"2024-05-01T10:00:00\""}},
      {R"({"type":"bytes","logicalType":"decimal","precision":40,"scale":2})",
       {"12.34", "-0.05", "0", "123456789012345678901234567890.12", "-1", "255.99"}},
      {R"({"type":"fixed","name":"d","size":8,"logicalType":"decimal","precision":18,"scale":3})",
       {"-12.345", "0.001"}},
      {R"({"type":"fixed","name":"u","size":16,"logicalType":"uuid"})",
       {"\"123e4567-e89b-12d3-a456-426614174000\""}},
      {R"({"type":"fixed","name":"x","size":12,"logicalType":"duration"})",
       {R"({"months":1,"days":2,"millis":3})"}},
  };
  for (const auto& [type, values] : kTypes) {
    for (const std::string& value : values) EXPECT_EQ(through(type, value.c_str()), value) << type;
  }
  EXPECT_EQ(through(R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})", "0.123"),
            "error cannot-encode: avro: double is no bytes");
}

TEST(Avro, what_does_not_fit_a_schema_names_its_path) {
  const char* type = R"({"type":"record","name":"r","fields":[{"name":"a","type":
                        {"type":"array","items":"int"}},{"name":"b","type":["null","string"]}]})";
  EXPECT_EQ(through(type, R"({"a":[1,2]})"), R"({"a":[1,2],"b":null})");
  EXPECT_EQ(through(type, R"({"a":[1,"x"]})"),
            "error cannot-encode: avro: a.[]: string is no int");
  EXPECT_EQ(through(type, R"({"b":"x"})"),
            "error cannot-encode: avro: a: it is missing, and the field has no default");
  EXPECT_EQ(through(type, R"({"a":[],"c":1})"),
            "error cannot-encode: avro: r has no field \"c\"");
  EXPECT_EQ(through(type, R"({"a":[3000000000]})"),
            "error cannot-encode: avro: a.[]: an int has 32 bits, too few for this number");
}

TEST(Avro, single_objects_name_their_schema_by_fingerprint) {
  AvroOptions options;
  options.framing = AvroFraming::kSingle;
  options.schema = schema("\"long\"");
  options.writers = {schema("\"int\"")};
  const auto codec = *make_avro_codec(options, CodecLimits{});
  EXPECT_EQ(to_hex(encoded(*codec, Texts{"5"})).substr(0, 4), "c301");
  EXPECT_EQ(decoded(*codec, encoded(*codec, Texts{"5"})), Texts{"5"});
  EXPECT_EQ(decoded(*codec, from_hex("c301 8f5c393f1ad57572 0a")), Texts{"5"});
  EXPECT_EQ(decoded(*codec, from_hex("c301 0000000000000000 0a")),
            Texts{"error cannot-decode: avro: byte 2: no schema has the fingerprint "
                  "0000000000000000"});
}

TEST(Avro, the_registry_framing_names_its_schema_by_number) {
  AvroOptions options;
  options.framing = AvroFraming::kRegistry;
  options.schema = schema("\"long\"");
  options.numbered[7] = schema("\"int\"");
  options.number = 9;
  const auto codec = *make_avro_codec(options, CodecLimits{});
  EXPECT_EQ(to_hex(encoded(*codec, Texts{"5"})), "00000000090a");
  EXPECT_EQ(decoded(*codec, from_hex("00 00000007 0a")), Texts{"5"});
  EXPECT_EQ(decoded(*codec, from_hex("00 00000008 0a")).back(),
            "error cannot-decode: avro: byte 1: no schema has the number 8");
}

class AvroContainer : public testing::TestWithParam<BlockCompression> {};

TEST_P(AvroContainer, many_values_come_back_block_by_block) {
  AvroOptions options;
  options.schema = schema(R"({"type":"record","name":"r","fields":[{"name":"n","type":"int"},
                             {"name":"s","type":"string"}]})");
  options.compression = GetParam();
  const auto codec = *make_avro_codec(options, CodecLimits{});
  Texts values;
  for (int i = 0; i < 5000; ++i) {
    values.push_back("{\"n\":" + std::to_string(i) + ",\"s\":\"" + std::string(40, 'x') + "\"}");
  }
  const std::string file = encoded(*codec, values);
  EXPECT_EQ(decoded(*codec, file), values);
  EXPECT_EQ(file, encoded(*codec, values));
  const auto unaware = *make_avro_codec(AvroOptions{}, CodecLimits{});
  EXPECT_EQ(decoded(*unaware, file), values);
  const std::string cut = file.substr(0, file.size() - 5);
  EXPECT_NE(decoded(*codec, cut).back().find("it ends inside a block"), std::string::npos);
  std::string damaged = file;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_NE(decoded(*codec, damaged).back().find("the mark behind a block is not there"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(compressed_or_not, AvroContainer,
                         testing::Values(BlockCompression::kNone, BlockCompression::kDeflate,
                                         BlockCompression::kSnappy,
                                         BlockCompression::kZstandard));

TEST(AvroContainer, a_block_that_inflates_beyond_the_limit_is_refused) {
  AvroOptions options;
  options.schema = schema("\"string\"");
  CodecLimits limits;
  limits.block_bytes_max = 10'000;
  for (const auto compression : {BlockCompression::kDeflate, BlockCompression::kSnappy,
                                 BlockCompression::kZstandard}) {
    options.compression = compression;
    const auto codec = *make_avro_codec(options, limits);
    const std::string file = encoded(*codec, Texts{"\"" + std::string(100'000, 'x') + "\""});
    EXPECT_EQ(decoded(*codec, file),
              Texts{"error codec-limit: avro: byte 0: a block has more than 10000 bytes inside"});
  }
}

TEST(AvroContainer, values_of_no_bytes_cannot_be_more_than_the_limit) {
  std::string file("Obj\1", 4);
  file += from_hex("02 16") + "avro.schema" + from_hex("0c") + "\"null\"" + from_hex("00");
  file += std::string(16, 'm') + from_hex("feffffffffffffff7f 00") + std::string(16, 'm');
  EXPECT_EQ(decoded(*make_avro_codec(AvroOptions{}, CodecLimits{}).value(), file).back().substr(
                0, 17),
            "error codec-limit");
}

}  // namespace
}  // namespace penstock
