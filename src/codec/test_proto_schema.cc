// SPDX-License-Identifier: Apache-2.0
#include "codec/test_proto_schema.h"

#include <string_view>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/proto_schema.h"

namespace penstock {
namespace {

std::string bytes_field(uint32_t number, std::string_view bytes) {
  std::string out;
  append_varint(out, number << 3 | 2);
  append_varint(out, bytes.size());
  return out.append(bytes);
}
std::string number_field(uint32_t number, uint64_t value) {
  std::string out;
  append_varint(out, number << 3);
  append_varint(out, value);
  return out;
}

struct FieldLine {
  const char* name;
  uint32_t number;
  ProtoType type;
  const char* type_name = "";
  bool repeated = false;
  int oneof = -1;
  bool optional = false;
};

std::string field(const FieldLine& line) {
  std::string out = bytes_field(1, line.name) + number_field(3, line.number) +
                    number_field(4, line.repeated ? 3 : 1) +
                    number_field(5, static_cast<uint64_t>(line.type));
  if (line.type_name[0] != '\0') out += bytes_field(6, line.type_name);
  if (line.oneof >= 0) out += number_field(9, static_cast<uint64_t>(line.oneof));
  if (line.optional) out += number_field(17, 1);
  return bytes_field(2, out);
}
std::string message(const char* name, const std::vector<FieldLine>& fields,
                    const std::string& more = {}) {
  std::string out = bytes_field(1, name);
  for (const FieldLine& line : fields) out += field(line);
  return out + more;
}
std::string map_entry(const char* name, FieldLine key, FieldLine value) {
  return bytes_field(3, message(name, {key, value}, bytes_field(7, number_field(7, 1))));
}
std::string file(const char* name, const char* package, const std::string& content) {
  return bytes_field(1, bytes_field(1, name) + bytes_field(2, package) + content +
                            bytes_field(12, "proto3"));
}
std::string enumeration(const char* name, const std::vector<const char*>& values) {
  std::string out = bytes_field(1, name);
  for (size_t i = 0; i < values.size(); ++i) {
    out += bytes_field(2, bytes_field(1, values[i]) + number_field(2, i));
  }
  return bytes_field(5, out);
}

using T = ProtoType;

std::string google() {
  std::string out;
  const auto add = [&](const std::string& m) { out += bytes_field(4, m); };
  for (const char* name : {"Timestamp", "Duration"}) {
    add(message(name, {{"seconds", 1, T::kInt64}, {"nanos", 2, T::kInt32}}));
  }
  add(message("Int64Value", {{"value", 1, T::kInt64}}));
  add(message("StringValue", {{"value", 1, T::kString}}));
  add(message("FieldMask", {{"paths", 1, T::kString, "", true}}));
  add(message("Any", {{"type_url", 1, T::kString}, {"value", 2, T::kBytes}}));
  add(message("Struct", {{"fields", 1, T::kMessage, ".google.protobuf.Struct.FieldsEntry", true}},
              map_entry("FieldsEntry", {"key", 1, T::kString},
                        {"value", 2, T::kMessage, ".google.protobuf.Value"})));
  add(message("ListValue", {{"values", 1, T::kMessage, ".google.protobuf.Value", true}}));
  add(message("Value", {{"null_value", 1, T::kEnum, ".google.protobuf.NullValue", false, 0},
                        {"number_value", 2, T::kDouble, "", false, 0},
                        {"string_value", 3, T::kString, "", false, 0},
                        {"bool_value", 4, T::kBool, "", false, 0},
                        {"struct_value", 5, T::kMessage, ".google.protobuf.Struct", false, 0},
                        {"list_value", 6, T::kMessage, ".google.protobuf.ListValue", false, 0}},
              bytes_field(8, bytes_field(1, "kind"))));
  return out + enumeration("NullValue", {"NULL_VALUE"});
}

std::string all() {
  const std::vector<FieldLine> fields = {
      {"a_double", 1, T::kDouble},
      {"a_float", 2, T::kFloat},
      {"an_int64", 3, T::kInt64},
      {"a_uint64", 4, T::kUint64},
      {"an_int32", 5, T::kInt32},
      {"a_fixed64", 6, T::kFixed64},
      {"a_fixed32", 7, T::kFixed32},
      {"a_bool", 8, T::kBool},
      {"a_string", 9, T::kString},
      {"a_bytes", 10, T::kBytes},
      {"a_uint32", 11, T::kUint32},
      {"a_sfixed32", 12, T::kSfixed32},
      {"a_sfixed64", 13, T::kSfixed64},
      {"a_sint32", 14, T::kSint32},
      {"a_sint64", 15, T::kSint64},
      {"color", 16, T::kEnum, ".test.Color"},
      {"child", 17, T::kMessage, ".test.All"},
      {"numbers", 18, T::kInt32, "", true},
      {"words", 19, T::kString, "", true},
      {"children", 20, T::kMessage, ".test.All", true},
      {"by_name", 21, T::kMessage, ".test.All.ByNameEntry", true},
      {"by_id", 22, T::kMessage, ".test.All.ByIdEntry", true},
      {"pick_number", 23, T::kInt32, "", false, 0},
      {"pick_text", 24, T::kString, "", false, 0},
      {"maybe", 25, T::kInt32, "", false, 1, true},
      {"at", 26, T::kMessage, ".google.protobuf.Timestamp"},
      {"took", 27, T::kMessage, ".google.protobuf.Duration"},
      {"document", 28, T::kMessage, ".google.protobuf.Struct"},
      {"boxed", 29, T::kMessage, ".google.protobuf.Int64Value"},
      {"mask", 30, T::kMessage, ".google.protobuf.FieldMask"},
      {"any", 31, T::kMessage, ".google.protobuf.Any"},
      {"free", 100, T::kMessage, ".google.protobuf.Value"},
      {"colors", 101, T::kEnum, ".test.Color", true},
  };
  const std::string more =
      map_entry("ByNameEntry", {"key", 1, T::kString}, {"value", 2, T::kMessage, ".test.All"}) +
      map_entry("ByIdEntry", {"key", 1, T::kInt64}, {"value", 2, T::kString}) +
      bytes_field(8, bytes_field(1, "pick")) + bytes_field(8, bytes_field(1, "_maybe"));
  return bytes_field(3, "google.proto") + bytes_field(4, message("All", fields, more)) +
         enumeration("Color", {"NO_COLOR", "RED", "GREEN"});
}

}  // namespace

std::string test_descriptor_set() {
  return file("google.proto", "google.protobuf", google()) + file("all.proto", "test", all());
}

}  // namespace penstock
