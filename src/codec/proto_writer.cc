// SPDX-License-Identifier: Apache-2.0
#include "codec/proto_writer.h"

#include <bit>
#include <cmath>
#include <optional>

#include "codec/base64.h"
#include "codec/byte_reader.h"
#include "codec/codec_error.h"
#include "codec/text_type.h"
#include "codec/wire_field.h"
#include "value/time_text.h"

namespace penstock {
namespace {

uint32_t tag_of(const ProtoField& field, uint32_t wire) { return field.number << 3 | wire; }

uint32_t wire_of(ProtoType type) {
  switch (type) {
    case ProtoType::kDouble:
    case ProtoType::kFixed64:
    case ProtoType::kSfixed64: return kFixed64Wire;
    case ProtoType::kFloat:
    case ProtoType::kFixed32:
    case ProtoType::kSfixed32: return kFixed32Wire;
    case ProtoType::kString:
    case ProtoType::kBytes:
    case ProtoType::kMessage: return kBytesWire;
    case ProtoType::kGroup: return kGroupStartWire;
    default: return kVarintWire;
  }
}

/// Puts the length of what stands behind `start` before it.
void insert_length(std::string& to, size_t start) {
  const size_t size = to.size() - start;
  std::string length;
  append_varint(length, size);
  to.insert(start, length);
}

/// The whole number that a value or its text stands for.
std::optional<Value> whole_number(const Value& value) {
  if (value.is_integer()) return value;
  if (value.is(ValueKind::kString)) {
    const std::optional<Value> number = typed_text(value.text(), TextType::kFloat);
    return number && !number->is(ValueKind::kString) ? whole_number(*number)
                                                     : std::optional<Value>();
  }
  if (!value.is_numeric()) return {};
  const std::optional<int64_t> number = exact_int(value);
  if (!number) return {};
  return Value::integer(*number);
}

/// The default of a field without presence needs no bytes.
bool is_default(const ProtoField& field, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kInt: return value.as_int() == 0;
    case ValueKind::kDouble: return std::bit_cast<uint64_t>(value.as_double()) == 0;
    case ValueKind::kBool: return !value.as_bool();
    case ValueKind::kString:
      return value.size() == 0 ||
             (field.enumeration != nullptr &&
              value.text() == field.enumeration->values.front().second &&
              field.enumeration->values.front().first == 0);
    case ValueKind::kBytes: return value.size() == 0;
    default: return false;
  }
}

}  // namespace

Error ProtoWriter::fault(std::string_view what) const {
  std::string path;
  for (const std::string_view step : path_) path.append(path.empty() ? "" : ".").append(step);
  return unencodable("protobuf", path, what);
}
Error ProtoWriter::mismatch(const char* type, const Value& value) const {
  return fault(std::string(to_string(value.kind())) + " is no " + type);
}

Result<void> ProtoWriter::write(const ProtoMessage& message, const Value& value, std::string& to) {
  path_.clear();
  return write_message(message, value, 0, to);
}

Result<void> ProtoWriter::write_message(const ProtoMessage& message, const Value& value,
                                        uint32_t depth, std::string& to) {
  if (depth >= limits_.depth_max) return fault("it is nested too deeply");
  if (message.well_known != WellKnown::kNone) {
    return write_well_known(message, value, depth, to);
  }
  if (!value.is(ValueKind::kMap)) return mismatch(message.name.c_str(), value);
  return write_map(message, value, depth, to);
}

Result<void> ProtoWriter::write_map(const ProtoMessage& message, const Value& value,
                                    uint32_t depth, std::string& to) {
  for (const MapEntry& entry : value.entries()) {
    const auto found = message.by_name.find(entry.key);
    if (found == message.by_name.end()) {
      if (options_.drop_unknown || entry.key == "@type") continue;
      return fault(message.name + " has no field " + shown_bytes(entry.key));
    }
    path_.push_back(entry.key);
    PENSTOCK_TRY(write_field(message.fields[found->second], entry.value, depth, to));
    path_.pop_back();
  }
  for (const ProtoField& field : message.fields) {
    if (!field.required) continue;
    const Value* member = value.find(field.json_name);
    if (member == nullptr) member = value.find(field.name);
    if (member == nullptr || member->is_null()) {
      return fault("the required field " + field.name + " is missing");
    }
  }
  return {};
}

Result<void> ProtoWriter::write_field(const ProtoField& field, const Value& value, uint32_t depth,
                                      std::string& to) {
  if (value.is_null()) {
    const bool is_value = field.message != nullptr && !field.repeated &&
                          field.message->well_known == WellKnown::kValue;
    return is_value ? write_element(field, value, depth, to) : Result<void>();
  }
  if (!field.repeated) {
    const size_t start = to.size();
    PENSTOCK_TRY(write_element(field, value, depth, to));
    if (!field.presence && is_default(field, value)) to.resize(start);
    return {};
  }
  if (field.is_map) return write_entries(field, value, depth, to);
  if (!value.is(ValueKind::kArray)) return mismatch("array", value);
  if (field.packed) return write_packed(field, value, to);
  for (const Value& item : value.items()) PENSTOCK_TRY(write_element(field, item, depth, to));
  return {};
}

Result<void> ProtoWriter::write_packed(const ProtoField& field, const Value& value,
                                       std::string& to) {
  if (value.size() == 0) return {};
  append_varint(to, tag_of(field, kBytesWire));
  const size_t start = to.size();
  for (const Value& item : value.items()) PENSTOCK_TRY(write_scalar(field, item, to));
  insert_length(to, start);
  return {};
}

Result<void> ProtoWriter::write_entries(const ProtoField& field, const Value& value,
                                        uint32_t depth, std::string& to) {
  if (!value.is(ValueKind::kMap)) return mismatch("map", value);
  const ProtoField& key = *field.message->find(1);
  const ProtoField& item = *field.message->find(2);
  for (const MapEntry& entry : value.entries()) {
    path_.push_back(entry.key);
    append_varint(to, tag_of(field, kBytesWire));
    const size_t start = to.size();
    Value name = Value::string(entry.key);
    if (key.type == ProtoType::kBool) {
      if (entry.key != "true" && entry.key != "false") return fault("the key is no bool");
      name = Value::boolean(entry.key == "true");
    }
    PENSTOCK_TRY(write_element(key, name, depth + 1, to));
    PENSTOCK_TRY(write_element(item, entry.value, depth + 1, to));
    insert_length(to, start);
    path_.pop_back();
  }
  return {};
}

Result<void> ProtoWriter::write_element(const ProtoField& field, const Value& value,
                                        uint32_t depth, std::string& to) {
  const uint32_t wire = wire_of(field.type);
  append_varint(to, tag_of(field, wire));
  if (field.message == nullptr) return write_scalar(field, value, to);
  const size_t start = to.size();
  PENSTOCK_TRY(write_message(*field.message, value, depth + 1, to));
  if (field.type == ProtoType::kGroup) {
    append_varint(to, tag_of(field, kGroupEndWire));
  } else {
    insert_length(to, start);
  }
  return {};
}

Result<void> ProtoWriter::write_scalar(const ProtoField& field, const Value& value,
                                       std::string& to) {
  switch (field.type) {
    case ProtoType::kDouble:
    case ProtoType::kFloat: {
      std::optional<Value> number = value;
      if (value.is(ValueKind::kString)) number = typed_text(value.text(), TextType::kFloat);
      if (!number || !number->is_numeric()) return mismatch("number", value);
      const double real = nearest_double(*number);
      if (field.type == ProtoType::kDouble) {
        append_little(to, std::bit_cast<uint64_t>(real));
      } else {
        append_little(to, std::bit_cast<uint32_t>(static_cast<float>(real)));
      }
      return {};
    }
    case ProtoType::kBool:
      if (!value.is(ValueKind::kBool)) return mismatch("bool", value);
      to += value.as_bool() ? '\1' : '\0';
      return {};
    case ProtoType::kString:
      if (!value.is(ValueKind::kString)) return mismatch("string", value);
      append_varint(to, value.size());
      to += value.text();
      return {};
    case ProtoType::kBytes:
      scratch_.clear();
      if (value.is(ValueKind::kBytes)) {
        scratch_ += value.text();
      } else if (!value.is(ValueKind::kString)) {
        return mismatch("bytes", value);
      } else if (!append_base64_decoded(value.text(), scratch_)) {
        return fault("text for bytes is base64; this is not");
      }
      append_varint(to, scratch_.size());
      to += scratch_;
      return {};
    default: return write_integer(field, value, to);
  }
}

Result<void> ProtoWriter::write_integer(const ProtoField& field, const Value& value,
                                        std::string& to) {
  if (field.type == ProtoType::kEnum && value.is(ValueKind::kString)) {
    const int32_t* number = field.enumeration->number_of(value.text());
    if (number == nullptr) {
      return fault(shown_bytes(value.text()) + " is no value of " + field.enumeration->name);
    }
    append_varint(to, static_cast<uint64_t>(int64_t{*number}));
    return {};
  }
  const std::optional<Value> number = whole_number(value);
  if (!number) return mismatch(to_string(field.type), value);
  const bool fits64 = number->is(ValueKind::kInt);
  const int64_t n = fits64 ? number->as_int() : 0;
  const uint64_t u = number->as_uint();
  const bool fits32 = fits64 && n >= INT32_MIN && n <= INT32_MAX;
  bool sound = fits64;
  switch (field.type) {
    case ProtoType::kInt64: append_varint(to, u); break;
    case ProtoType::kSint64: append_zigzag(to, n); break;
    case ProtoType::kSfixed64: append_little(to, n); break;
    case ProtoType::kUint64:
    case ProtoType::kFixed64:
      sound = !fits64 || n >= 0;
      field.type == ProtoType::kUint64 ? append_varint(to, u) : append_little(to, u);
      break;
    case ProtoType::kUint32:
    case ProtoType::kFixed32:
      sound = fits64 && n >= 0 && n <= int64_t{UINT32_MAX};
      field.type == ProtoType::kUint32 ? append_varint(to, u)
                                       : append_little(to, static_cast<uint32_t>(u));
      break;
    case ProtoType::kSint32:
      sound = fits32;
      append_zigzag(to, n);
      break;
    case ProtoType::kSfixed32:
      sound = fits32;
      append_little(to, static_cast<int32_t>(n));
      break;
    default:  // int32, enum
      sound = fits32;
      append_varint(to, u);
  }
  if (!sound) return fault(std::string("the number is out of range of ") + to_string(field.type));
  return {};
}

Result<void> ProtoWriter::write_well_known(const ProtoMessage& message, const Value& value,
                                           uint32_t depth, std::string& to) {
  switch (message.well_known) {
    case WellKnown::kTimestamp: return write_time(true, value, to);
    case WellKnown::kDuration: return write_time(false, value, to);
    case WellKnown::kFieldMask: return write_field_mask(value, to);
    case WellKnown::kAny: return write_any(value, depth, to);
    case WellKnown::kValue: return write_value(message, value, depth, to);
    case WellKnown::kWrapper: return write_field(message.fields[0], value, depth, to);
    default: return write_field(*message.find(1), value, depth, to);  // Struct, ListValue
  }
}

Result<void> ProtoWriter::write_value(const ProtoMessage& message, const Value& value,
                                      uint32_t depth, std::string& to) {
  const auto element = [&](uint32_t number) {
    return write_element(*message.find(number), value, depth, to);
  };
  switch (value.kind()) {
    case ValueKind::kNull:
      append_varint(to, tag_of(*message.find(1), kVarintWire));
      to += '\0';
      return {};
    case ValueKind::kBool: return element(4);
    case ValueKind::kString: return element(3);
    case ValueKind::kMap: return element(5);
    case ValueKind::kArray: return element(6);
    default: return element(2);
  }
}

Result<void> ProtoWriter::write_time(bool timestamp, const Value& value, std::string& to) {
  int64_t seconds = 0, nanos = 0;
  if (timestamp) {
    std::optional<Time> time;
    if (value.is(ValueKind::kTime)) time = value.as_time();
    if (value.is(ValueKind::kString)) time = parse_rfc3339(value.text());
    if (!time) return mismatch("Timestamp", value);
    seconds = time->micros / 1'000'000;
    int64_t micros = time->micros % 1'000'000;
    if (micros < 0) {
      micros += 1'000'000;
      --seconds;
    }
    nanos = micros * 1000 + time->nanos;
    if (seconds < -62'135'596'800 || seconds > 253'402'300'799) {
      return fault("a Timestamp is of the years 1 to 9999");
    }
  } else {
    std::optional<int64_t> duration;
    if (value.is(ValueKind::kDuration)) duration = value.as_duration();
    if (value.is(ValueKind::kString)) duration = parse_go_duration(value.text());
    if (!duration) return mismatch("Duration", value);
    seconds = *duration / 1'000'000'000;
    nanos = *duration % 1'000'000'000;
  }
  if (seconds != 0) {
    to += '\x08';
    append_varint(to, static_cast<uint64_t>(seconds));
  }
  if (nanos != 0) {
    to += '\x10';
    append_varint(to, static_cast<uint64_t>(nanos));
  }
  return {};
}

/// "user.displayName,photo" → user.display_name, photo.
Result<void> ProtoWriter::write_field_mask(const Value& value, std::string& to) {
  if (!value.is(ValueKind::kString)) return mismatch("FieldMask", value);
  std::string_view rest = value.text();
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    std::string path;
    for (const char c : rest.substr(0, comma)) {
      if (c >= 'A' && c <= 'Z') path += '_';
      path += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
    to += '\x0a';
    append_varint(to, path.size());
    to += path;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return {};
}

Result<void> ProtoWriter::write_any(const Value& value, uint32_t depth, std::string& to) {
  if (!value.is(ValueKind::kMap)) return mismatch("Any", value);
  const Value* url = value.find("@type");
  if (url == nullptr || !url->is(ValueKind::kString)) return fault("@type is missing");
  const std::string_view name = url->text().substr(url->text().rfind('/') + 1);
  const ProtoMessage* type = options_.schema->find(name);
  const Value* inner = value.find("value");
  to += '\x0a';
  append_varint(to, url->size());
  to += url->text();
  to += '\x12';
  const size_t start = to.size();
  if (type != nullptr && type->well_known == WellKnown::kNone) {
    PENSTOCK_TRY(write_message(*type, value, depth + 1, to));
  } else if (inner == nullptr) {
    return fault("value is missing");
  } else if (type != nullptr) {
    PENSTOCK_TRY(write_message(*type, *inner, depth + 1, to));
  } else if (inner->is(ValueKind::kBytes)) {
    to += inner->text();
  } else if (!inner->is(ValueKind::kString) || !append_base64_decoded(inner->text(), to)) {
    return fault("the type is not in the schema, and value is not base64");
  }
  insert_length(to, start);
  return {};
}

}  // namespace penstock
