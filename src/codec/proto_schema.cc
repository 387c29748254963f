// SPDX-License-Identifier: Apache-2.0
#include "codec/proto_schema.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "codec/codec_error.h"
#include "codec/text_type.h"
#include "codec/wire_field.h"
#include "value/build.h"

namespace penstock {
namespace {

constexpr size_t kMessagesMax = 100'000;
constexpr uint32_t kNestingMax = 64;

WellKnown well_known_of(std::string_view name) {
  struct Row {
    std::string_view name;
    WellKnown kind;
  };
  static constexpr Row kRows[] = {
      {"Timestamp", WellKnown::kTimestamp}, {"Duration", WellKnown::kDuration},
      {"Struct", WellKnown::kStruct},       {"Value", WellKnown::kValue},
      {"ListValue", WellKnown::kList},      {"FieldMask", WellKnown::kFieldMask},
      {"Any", WellKnown::kAny},             {"DoubleValue", WellKnown::kWrapper},
      {"FloatValue", WellKnown::kWrapper},  {"Int64Value", WellKnown::kWrapper},
      {"UInt64Value", WellKnown::kWrapper}, {"Int32Value", WellKnown::kWrapper},
      {"UInt32Value", WellKnown::kWrapper}, {"BoolValue", WellKnown::kWrapper},
      {"StringValue", WellKnown::kWrapper}, {"BytesValue", WellKnown::kWrapper},
  };
  constexpr std::string_view kPackage = "google.protobuf.";
  if (!name.starts_with(kPackage)) return WellKnown::kNone;
  for (const Row& row : kRows) {
    if (name.substr(kPackage.size()) == row.name) return row.kind;
  }
  return WellKnown::kNone;
}

/// As protoc makes them: letters after an underscore become upper case.
std::string json_name_of(std::string_view name) {
  std::string out;
  bool upper = false;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
    } else {
      out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      upper = false;
    }
  }
  return out;
}

Error broken(std::string_view what) {
  return stop_error("bad-schema", "protobuf descriptor set: " + std::string(what),
                    "make it with protoc --include_imports --descriptor_set_out=FILE");
}

}  // namespace

/// Reads descriptors by their field numbers (google/protobuf/descriptor.proto).
class ProtoSchemaReader {
 public:
  explicit ProtoSchemaReader(ProtoSchema& schema) : schema_(schema) {}

  Result<void> read_set(std::string_view bytes) {
    PENSTOCK_TRY(for_each(bytes, [&](const WireField& f) -> Result<void> {
      if (f.number != 1 || f.wire != kBytesWire) return {};
      return read_file(f.bytes);
    }));
    if (schema_.messages_.empty()) return broken("it has no message");
    return link();
  }

 private:
  struct Late {
    ProtoMessage* message;
    size_t field;
    std::string type_name;
    std::string default_text;
    bool has_default;
  };
  struct File {
    std::string package;
    bool proto3 = false;
    bool packs = false;
  };

  template <class F>
  static Result<void> for_each(std::string_view bytes, F&& f) {
    ByteReader in(bytes);
    while (!in.at_end()) {
      WireField field;
      if (!read_wire_field(in, bytes, 0, field)) return broken("it is damaged");
      PENSTOCK_TRY(f(field));
    }
    return {};
  }

  Result<void> read_file(std::string_view bytes) {
    File file;
    PENSTOCK_TRY(for_each(bytes, [&](const WireField& f) -> Result<void> {
      if (f.number == 2) file.package = std::string(f.bytes);
      if (f.number == 12) {
        file.proto3 = f.bytes == "proto3";
        file.packs = f.bytes != "proto2";
      }
      return {};
    }));
    return for_each(bytes, [&](const WireField& f) -> Result<void> {
      if (f.number == 4) return read_message(f.bytes, file, file.package, 0);
      if (f.number == 5) return read_enum(f.bytes, file.package);
      return {};
    });
  }

  static std::string within(const std::string& space, std::string_view name) {
    return space.empty() ? std::string(name) : space + "." + std::string(name);
  }

  Result<void> read_message(std::string_view bytes, const File& file, const std::string& space,
                            uint32_t depth) {
    if (depth > kNestingMax || schema_.messages_.size() >= kMessagesMax) {
      return broken("it has too many messages");
    }
    ProtoMessage& message = schema_.messages_.emplace_back();
    PENSTOCK_TRY(for_each(bytes, [&](const WireField& f) -> Result<void> {
      if (f.number == 1) message.name = within(space, f.bytes);
      if (f.number != 7) return {};
      return for_each(f.bytes, [&](const WireField& option) -> Result<void> {
        if (option.number == 7) message.map_entry = option.scalar != 0;
        return {};
      });
    }));
    if (!schema_.message_names_.emplace(message.name, &message).second) {
      return broken(shown_bytes(message.name) + " is defined twice");
    }
    message.well_known = well_known_of(message.name);
    PENSTOCK_TRY(for_each(bytes, [&](const WireField& f) -> Result<void> {
      if (f.number == 2) return read_field(f.bytes, file, message);
      if (f.number == 3) return read_message(f.bytes, file, message.name, depth + 1);
      if (f.number == 4) return read_enum(f.bytes, message.name);
      return {};
    }));
    return {};
  }

  Result<void> read_field(std::string_view bytes, const File& file, ProtoMessage& message) {
    ProtoField field;
    Late late{&message, message.fields.size(), {}, {}, false};
    int packed = -1;
    bool optional_in_proto3 = false;
    uint64_t type = 0;
    PENSTOCK_TRY(for_each(bytes, [&](const WireField& f) -> Result<void> {
      switch (f.number) {
        case 1: field.name = std::string(f.bytes); break;
        case 3: field.number = static_cast<uint32_t>(f.scalar); break;
        case 4:
          field.required = f.scalar == 2;
          field.repeated = f.scalar == 3;
          break;
        case 5: type = f.scalar; break;
        case 6: late.type_name = std::string(f.bytes); break;
        case 7:
          late.default_text = std::string(f.bytes);
          late.has_default = true;
          break;
        case 8:
          return for_each(f.bytes, [&](const WireField& option) -> Result<void> {
            if (option.number == 2) packed = option.scalar != 0 ? 1 : 0;
            return {};
          });
        case 9: field.oneof = static_cast<int>(f.scalar & 0xffff); break;
        case 10: field.json_name = std::string(f.bytes); break;
        case 17: optional_in_proto3 = f.scalar != 0; break;
        default: break;
      }
      return {};
    }));
    const std::string name = message.name + "." + field.name;
    if (type < 1 || type > 18) return broken(name + " has no known type");
    if (field.number == 0 || field.number > 536'870'911) return broken(name + " has no number");
    field.type = static_cast<ProtoType>(type);
    if (field.json_name.empty()) field.json_name = json_name_of(field.name);
    const bool is_message = field.type == ProtoType::kMessage || field.type == ProtoType::kGroup;
    const bool scalar = !is_message && field.type != ProtoType::kString &&
                        field.type != ProtoType::kBytes;
    field.packed = field.repeated && scalar && (packed >= 0 ? packed == 1 : file.packs);
    field.presence = !field.repeated && (!file.proto3 || optional_in_proto3 || is_message ||
                                         field.oneof >= 0);
    message.fields.push_back(std::move(field));
    late_.push_back(std::move(late));
    return {};
  }

  Result<void> read_enum(std::string_view bytes, const std::string& space) {
    ProtoEnum& made = schema_.enums_.emplace_back();
    PENSTOCK_TRY(for_each(bytes, [&](const WireField& f) -> Result<void> {
      if (f.number == 1) made.name = within(space, f.bytes);
      if (f.number != 2) return {};
      std::pair<int32_t, std::string> value{0, {}};
      PENSTOCK_TRY(for_each(f.bytes, [&](const WireField& part) -> Result<void> {
        if (part.number == 1) value.second = std::string(part.bytes);
        if (part.number == 2) value.first = static_cast<int32_t>(part.scalar);
        return {};
      }));
      made.values.push_back(std::move(value));
      return {};
    }));
    if (made.values.empty()) return broken("an enum has no values");
    if (!schema_.enum_names_.emplace(made.name, &made).second) {
      return broken(shown_bytes(made.name) + " is defined twice");
    }
    return {};
  }

  Result<void> link() {
    for (const Late& late : late_) {
      ProtoField& field = late.message->fields[late.field];
      std::string_view name = late.type_name;
      if (name.starts_with('.')) name.remove_prefix(1);
      const std::string place = late.message->name + "." + field.name;
      if (field.type == ProtoType::kEnum) {
        const auto found = schema_.enum_names_.find(name);
        if (found == schema_.enum_names_.end()) {
          return broken(place + ": the enum " + shown_bytes(name) + " is not in it");
        }
        field.enumeration = found->second;
      } else if (field.type == ProtoType::kMessage || field.type == ProtoType::kGroup) {
        const auto found = schema_.message_names_.find(name);
        if (found == schema_.message_names_.end()) {
          return broken(place + ": the message " + shown_bytes(name) + " is not in it");
        }
        field.message = found->second;
        field.is_map = field.repeated && found->second->map_entry;
      }
      Result<Value> value = default_of(field, late);
      if (!value) return value.error();
      field.default_value = *value;
    }
    for (ProtoMessage& message : schema_.messages_) PENSTOCK_TRY(index(message));
    return {};
  }

  Result<Value> default_of(const ProtoField& field, const Late& late) {
    const std::string& text = late.default_text;
    switch (field.type) {
      case ProtoType::kBool: return Value::boolean(text == "true");
      case ProtoType::kString: return copy_string(schema_.arena_, text);
      case ProtoType::kBytes: return copy_bytes(schema_.arena_, late.has_default ? text : "");
      case ProtoType::kEnum:
        for (const auto& value : field.enumeration->values) {
          if (value.second == text) return Value::string(value.second);
        }
        return Value::string(field.enumeration->values.front().second);
      case ProtoType::kFloat:
      case ProtoType::kDouble: {
        const std::optional<Value> number = typed_text(text, TextType::kFloat);
        return Value::real(number ? nearest_double(*number) : 0.0);
      }
      case ProtoType::kMessage:
      case ProtoType::kGroup: return Value::null();
      default: return json_number(text).value_or(Value::integer(0));
    }
  }

  Result<void> index(ProtoMessage& message) {
    auto& fields = message.fields;
    std::sort(fields.begin(), fields.end(),
              [](const ProtoField& a, const ProtoField& b) { return a.number < b.number; });
    if (fields.size() > UINT16_MAX) return broken(message.name + " has too many fields");
    message.low.assign(64, 0);
    for (uint32_t i = 0; i < fields.size(); ++i) {
      if (i > 0 && fields[i].number == fields[i - 1].number) {
        return broken(message.name + " has two fields of one number");
      }
      if (fields[i].number < 64) message.low[fields[i].number] = static_cast<uint16_t>(i + 1);
      message.has_repeated = message.has_repeated || fields[i].repeated;
    }
    for (uint32_t i = 0; i < fields.size(); ++i) message.by_name[fields[i].json_name] = i;
    for (uint32_t i = 0; i < fields.size(); ++i) message.by_name[fields[i].name] = i;
    const auto typed = [&](uint32_t number, ProtoType type, bool repeated) {
      const ProtoField* field = message.find(number);
      return field != nullptr && field->type == type && field->repeated == repeated;
    };
    bool sound = true;
    if (message.map_entry) sound = message.find(1) != nullptr && message.find(2) != nullptr;
    switch (message.well_known) {
      case WellKnown::kTimestamp:
      case WellKnown::kDuration:
        sound = typed(1, ProtoType::kInt64, false) && typed(2, ProtoType::kInt32, false);
        break;
      case WellKnown::kWrapper:
        sound = fields.size() == 1 && !fields[0].repeated && fields[0].message == nullptr;
        break;
      case WellKnown::kStruct: sound = typed(1, ProtoType::kMessage, true); break;
      case WellKnown::kList: sound = typed(1, ProtoType::kMessage, true); break;
      case WellKnown::kFieldMask: sound = typed(1, ProtoType::kString, true); break;
      case WellKnown::kValue:
        sound = typed(1, ProtoType::kEnum, false) && typed(2, ProtoType::kDouble, false) &&
                typed(3, ProtoType::kString, false) && typed(4, ProtoType::kBool, false) &&
                typed(5, ProtoType::kMessage, false) && typed(6, ProtoType::kMessage, false);
        break;
      case WellKnown::kAny:
        sound = typed(1, ProtoType::kString, false) && typed(2, ProtoType::kBytes, false);
        break;
      case WellKnown::kNone: break;
    }
    if (!sound) return broken(message.name + " is not what its name says");
    return {};
  }

  ProtoSchema& schema_;
  std::vector<Late> late_;
};

const char* to_string(ProtoType type) {
  static constexpr const char* kNames[] = {
      "",       "double", "float", "int64",   "uint64", "int32", "fixed64",  "fixed32",  "bool",
      "string", "group",  "message", "bytes", "uint32", "enum",  "sfixed32", "sfixed64", "sint32",
      "sint64"};
  return kNames[static_cast<size_t>(type)];
}

const std::string* ProtoEnum::name_of(int32_t number) const {
  for (const auto& value : values) {
    if (value.first == number) return &value.second;
  }
  return nullptr;
}
const int32_t* ProtoEnum::number_of(std::string_view text) const {
  for (const auto& value : values) {
    if (value.second == text) return &value.first;
  }
  return nullptr;
}

const ProtoField* ProtoMessage::find(uint32_t number) const {
  if (number < 64) return low[number] == 0 ? nullptr : &fields[low[number] - 1u];
  const auto at = std::lower_bound(
      fields.begin(), fields.end(), number,
      [](const ProtoField& field, uint32_t wanted) { return field.number < wanted; });
  return at == fields.end() || at->number != number ? nullptr : &*at;
}

Result<std::shared_ptr<const ProtoSchema>> ProtoSchema::parse(std::string_view descriptor_set) {
  std::shared_ptr<ProtoSchema> schema(new ProtoSchema());
  PENSTOCK_TRY(ProtoSchemaReader(*schema).read_set(descriptor_set));
  return std::shared_ptr<const ProtoSchema>(std::move(schema));
}

const ProtoMessage* ProtoSchema::find(std::string_view name) const {
  const auto found = message_names_.find(name);
  return found == message_names_.end() ? nullptr : found->second;
}

std::vector<std::string> ProtoSchema::names() const {
  std::vector<std::string> out;
  for (const auto& [name, message] : message_names_) out.push_back(name);
  return out;
}

}  // namespace penstock
