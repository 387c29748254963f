// SPDX-License-Identifier: Apache-2.0
#include "codec/avro_default.h"

#include <algorithm>

#include "codec/avro_logical.h"
#include "codec/codec_error.h"
#include "value/build.h"
#include "value/utf8.h"

namespace penstock {
namespace {

constexpr uint32_t kDepthMax = 64;

Error mismatch(const AvroNode& node, const Value& json) {
  return stop_error("bad-schema", std::string("a default of type ") + to_string(json.kind()) +
                                      " is not a " + to_string(node.type));
}

Result<Value> bytes_of(const AvroNode& node, const Value& json, ValueArena& arena) {
  if (!json.is(ValueKind::kString)) return mismatch(node, json);
  const std::string_view text = json.text();
  TextBuilder bytes(arena, text.size());
  for (size_t at = 0; at < text.size();) {
    const char32_t point = next_code_point(text, at);
    if (point > 0xff) return stop_error("bad-schema", "a default of bytes goes beyond U+00FF");
    bytes.append(static_cast<char>(point));
  }
  if (node.type == AvroType::kFixed && bytes.size() != node.size) {
    return stop_error("bad-schema", "a default of a fixed has another size");
  }
  Result<Value> value = bytes.finish_bytes();
  if (!value) return value;
  return logical_bytes(node, value->text(), arena);
}

Result<Value> record_of(const AvroNode& node, const Value& json, ValueArena& arena,
                        uint32_t depth) {
  if (!json.is(ValueKind::kMap)) return mismatch(node, json);
  MapBuilder map(arena, node.fields.size());
  for (const AvroField& field : node.fields) {
    const Value* member = json.find(field.name);
    if (member == nullptr && !field.has_default) {
      return stop_error("bad-schema", "a default has no member " + shown_bytes(field.name));
    }
    Result<Value> value = member == nullptr
                              ? Result<Value>(field.default_value)
                              : avro_default(*field.type, *member, arena, depth + 1);
    if (!value) return value;
    map.set(field.name, *value);
  }
  return map.finish();
}

Result<Value> sequence_of(const AvroNode& node, const Value& json, ValueArena& arena,
                          uint32_t depth) {
  if (node.type == AvroType::kArray) {
    if (!json.is(ValueKind::kArray)) return mismatch(node, json);
    ArrayBuilder array(arena, json.size());
    for (const Value& item : json.items()) {
      Result<Value> value = avro_default(*node.items, item, arena, depth + 1);
      if (!value) return value;
      array.push(*value);
    }
    return array.finish();
  }
  if (!json.is(ValueKind::kMap)) return mismatch(node, json);
  MapBuilder map(arena, json.size());
  for (const MapEntry& entry : json.entries()) {
    Result<Value> key = copy_string(arena, entry.key);
    if (!key) return key;
    Result<Value> value = avro_default(*node.items, entry.value, arena, depth + 1);
    if (!value) return value;
    map.set(key->text(), *value);
  }
  return map.finish();
}

Result<Value> integer_of(const AvroNode& node, const Value& json, ValueArena& arena) {
  const std::optional<int64_t> number =
      json.is_numeric() ? exact_int(json) : std::optional<int64_t>();
  if (!number) return mismatch(node, json);
  if (node.type == AvroType::kInt && (*number < INT32_MIN || *number > INT32_MAX)) {
    return mismatch(node, json);
  }
  return logical_integer(node.logical, *number, arena);
}

}  // namespace

Result<Value> avro_default(const AvroNode& node, const Value& json, ValueArena& arena,
                           uint32_t depth) {
  if (depth > kDepthMax) return stop_error("bad-schema", "a default is nested too deeply");
  switch (node.type) {
    case AvroType::kNull: return json.is_null() ? Result<Value>(json) : mismatch(node, json);
    case AvroType::kBoolean:
      return json.is(ValueKind::kBool) ? Result<Value>(json) : mismatch(node, json);
    case AvroType::kInt:
    case AvroType::kLong: return integer_of(node, json, arena);
    case AvroType::kFloat:
    case AvroType::kDouble:
      if (!json.is_numeric()) return mismatch(node, json);
      return Value::real(nearest_double(json));
    case AvroType::kString:
      return json.is(ValueKind::kString) ? copy_string(arena, json.text()) : mismatch(node, json);
    case AvroType::kEnum:
      if (!json.is(ValueKind::kString)) return mismatch(node, json);
      for (const std::string& symbol : node.symbols) {
        if (symbol == json.text()) return Value::string(symbol);
      }
      return mismatch(node, json);
    case AvroType::kBytes:
    case AvroType::kFixed: return bytes_of(node, json, arena);
    case AvroType::kRecord: return record_of(node, json, arena, depth);
    case AvroType::kArray:
    case AvroType::kMap: return sequence_of(node, json, arena, depth);
    case AvroType::kUnion:
      for (const AvroNode* branch : node.branches) {
        Result<Value> value = avro_default(*branch, json, arena, depth + 1);
        if (value) return value;
      }
      return stop_error("bad-schema", "a default fits no branch of its union");
  }
  return mismatch(node, json);
}

}  // namespace penstock
