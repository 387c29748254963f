// SPDX-License-Identifier: Apache-2.0
#include "codec/proto_reader.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "codec/codec_error.h"
#include "codec/utf8_fault.h"
#include "value/build.h"

namespace penstock {
namespace {

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

bool is_message(const ProtoField& field) { return field.message != nullptr; }

}  // namespace

Error ProtoReader::fault(std::string_view at, std::string_view what) const {
  const bool inside =
      at.data() >= payload_.data() && at.data() <= payload_.data() + payload_.size();
  return undecodable("protobuf", inside ? static_cast<size_t>(at.data() - payload_.data()) : 0,
                     what);
}

Result<void> ProtoReader::read(const ProtoMessage& message, std::string_view payload,
                               std::string_view bytes, ValueArena& arena, Value& out) {
  payload_ = payload;
  arena_ = &arena;
  values_ = 0;
  slots_.clear();
  return read_message(message, bytes, 0, out);
}

Result<void> ProtoReader::read_message(const ProtoMessage& message, std::string_view bytes,
                                       uint32_t depth, Value& out) {
  if (depth >= limits_.depth_max) {
    return codec_limit("protobuf", 0,
                       "more than " + std::to_string(limits_.depth_max) + " levels");
  }
  if (++values_ > limits_.values_max) return codec_limit("protobuf", 0, "too many values in one");
  const size_t base = slots_.size();
  slots_.resize(base + message.fields.size());
  PENSTOCK_TRY(collect(message, bytes, depth, base));
  PENSTOCK_TRY(message.well_known == WellKnown::kNone
                   ? finish_map(message, depth, base, out)
                   : finish_well_known(message, depth, base, out));
  slots_.resize(base);
  return {};
}

Result<void> ProtoReader::collect(const ProtoMessage& message, std::string_view bytes,
                                  uint32_t depth, size_t base) {
  ByteReader in(bytes);
  while (!in.at_end()) {
    WireField wire;
    const size_t at = in.offset();
    if (!read_wire_field(in, bytes, 0, wire) || wire.wire == kGroupEndWire) {
      return fault(bytes.substr(at), "it ends inside a field, or is no message");
    }
    const ProtoField* field = message.find(wire.number);
    if (field == nullptr) continue;
    const size_t slot = base + static_cast<size_t>(field - message.fields.data());
    PENSTOCK_TRY(field->repeated ? add_repeated(*field, wire, depth, slot)
                                 : add(message, *field, wire, depth, slot));
  }
  return {};
}

Result<void> ProtoReader::add(const ProtoMessage& message, const ProtoField& field,
                              const WireField& wire, uint32_t, size_t slot) {
  if (wire.wire != wire_of(field.type)) return {};  // as other implementations: an unknown field
  if (field.oneof >= 0) {
    const size_t base = slot - static_cast<size_t>(&field - message.fields.data());
    for (size_t i = 0; i < message.fields.size(); ++i) {
      const ProtoField& other = message.fields[i];
      if (other.oneof == field.oneof && &other != &field) slots_[base + i].set = false;
    }
  }
  if (!is_message(field)) {
    Value value;
    PENSTOCK_TRY(scalar(field, wire, value));
    slots_[slot].value = value;
  } else if (!slots_[slot].set) {
    slots_[slot].value = Value::bytes(wire.bytes);
  } else {
    TextBuilder merged(*arena_, slots_[slot].value.size() + wire.bytes.size());
    merged.append(slots_[slot].value.text());
    merged.append(wire.bytes);
    Result<Value> bytes = merged.finish_bytes();
    if (!bytes) return bytes.error();
    slots_[slot].value = *bytes;
  }
  slots_[slot].set = true;
  return {};
}

Result<void> ProtoReader::push(size_t slot, const Value& value) {
  if (++values_ > limits_.values_max) return codec_limit("protobuf", 0, "too many values in one");
  Slot& to = slots_[slot];
  if (to.count == to.capacity) {
    const uint32_t capacity = std::max(8u, to.capacity * 2);
    Value* items = arena_->allocate_array<Value>(capacity);
    if (items == nullptr) return memory_limit_error(arena_->limit());
    std::copy_n(to.items, to.count, items);
    to.items = items;
    to.capacity = capacity;
  }
  to.items[to.count++] = value;
  to.set = true;
  return {};
}

Result<void> ProtoReader::add_repeated(const ProtoField& field, const WireField& wire,
                                       uint32_t depth, size_t slot) {
  const uint32_t expected = wire_of(field.type);
  if (wire.wire == kBytesWire && expected != kBytesWire && expected != kGroupStartWire) {
    return add_packed(field, wire.bytes, slot);
  }
  if (wire.wire != expected) return {};
  if (field.is_map) return add_entry(field, wire.bytes, depth, slot);
  Value value;
  PENSTOCK_TRY(is_message(field) ? read_message(*field.message, wire.bytes, depth + 1, value)
                                 : scalar(field, wire, value));
  return push(slot, value);
}

Result<void> ProtoReader::add_packed(const ProtoField& field, std::string_view bytes,
                                     size_t slot) {
  ByteReader in(bytes);
  WireField wire;
  wire.wire = wire_of(field.type);
  while (!in.at_end()) {
    wire.scalar = wire.wire == kVarintWire    ? in.varint()
                  : wire.wire == kFixed64Wire ? in.little<uint64_t>()
                                              : in.little<uint32_t>();
    if (!in.ok()) return fault(bytes.substr(in.offset()), "it ends inside a packed field");
    Value value;
    PENSTOCK_TRY(scalar(field, wire, value));
    PENSTOCK_TRY(push(slot, value));
  }
  return {};
}

Result<void> ProtoReader::add_entry(const ProtoField& field, std::string_view bytes,
                                    uint32_t depth, size_t slot) {
  if (depth + 1 >= limits_.depth_max) {
    return codec_limit("protobuf", 0, "more levels than are allowed");
  }
  const ProtoMessage& entry = *field.message;
  const size_t base = slots_.size();
  slots_.resize(base + entry.fields.size());
  PENSTOCK_TRY(collect(entry, bytes, depth + 1, base));
  Value parts[2];
  for (uint32_t number = 1; number <= 2; ++number) {
    const ProtoField& part = *entry.find(number);
    const size_t at = base + static_cast<size_t>(&part - entry.fields.data());
    if (slots_[at].set) {
      PENSTOCK_TRY(finish_field(part, depth + 1, at, parts[number - 1]));
    } else if (is_message(part)) {
      PENSTOCK_TRY(read_message(*part.message, {}, depth + 2, parts[number - 1]));
    } else {
      parts[number - 1] = part.default_value;
    }
  }
  slots_.resize(base);
  if (!parts[0].is(ValueKind::kString)) {
    const std::string digits = parts[0].is(ValueKind::kBool)
                                   ? (parts[0].as_bool() ? "true" : "false")
                               : parts[0].is(ValueKind::kUint) ? std::to_string(parts[0].as_uint())
                                                               : std::to_string(parts[0].as_int());
    Result<Value> text = copy_string(*arena_, digits);
    if (!text) return text.error();
    parts[0] = *text;
  }
  PENSTOCK_TRY(push(slot, parts[0]));
  return push(slot, parts[1]);
}

Result<void> ProtoReader::finish_field(const ProtoField& field, uint32_t depth, size_t slot,
                                       Value& out) {
  if (!field.repeated) {
    if (!is_message(field)) {
      out = slots_[slot].value;
      return {};
    }
    return read_message(*field.message, slots_[slot].value.text(), depth + 1, out);
  }
  const Slot& from = slots_[slot];
  if (!field.is_map) {
    out = Value::array({from.items, from.count});
    return {};
  }
  MapBuilder map(*arena_, from.count / 2);
  for (uint32_t i = 0; i < from.count; i += 2) map.set(from.items[i].text(), from.items[i + 1]);
  Result<Value> value = map.finish();
  if (!value) return value.error();
  out = *value;
  return {};
}

Result<void> ProtoReader::finish_map(const ProtoMessage& message, uint32_t depth, size_t base,
                                     Value& out) {
  uint32_t count = 0;
  for (size_t i = 0; i < message.fields.size(); ++i) {
    count += slots_[base + i].set || (options_.defaults && !message.fields[i].presence) ? 1 : 0;
  }
  auto* memory = static_cast<char*>(arena_->allocate(sizeof(MapData) + sizeof(MapEntry) * count));
  if (memory == nullptr) return memory_limit_error(arena_->limit());
  auto* entries = reinterpret_cast<MapEntry*>(memory + sizeof(MapData));
  uint32_t n = 0;
  for (size_t i = 0; i < message.fields.size(); ++i) {
    const ProtoField& field = message.fields[i];
    if (!slots_[base + i].set && field.required) {
      return fault(payload_, "the required field " + message.name + "." + field.name +
                                 " is missing");
    }
    Value value = field.default_value;
    if (slots_[base + i].set || (field.repeated && options_.defaults)) {
      PENSTOCK_TRY(finish_field(field, depth, base + i, value));
    } else if (!options_.defaults || field.presence) {
      continue;
    }
    entries[n++] = {options_.proto_names ? field.name : field.json_name, value};
  }
  out = Value::map(new (memory) MapData{entries, n, 0, nullptr});
  return {};
}

Result<void> ProtoReader::finish_well_known(const ProtoMessage& message, uint32_t depth,
                                            size_t base, Value& out) {
  switch (message.well_known) {
    case WellKnown::kTimestamp:
    case WellKnown::kDuration: return finish_time(message, base, out);
    case WellKnown::kFieldMask: return finish_field_mask(base, out);
    case WellKnown::kAny: return finish_any(base, depth, out);
    case WellKnown::kWrapper:
      out = slots_[base].set ? slots_[base].value : message.fields[0].default_value;
      return {};
    case WellKnown::kStruct:
    case WellKnown::kList: {
      const auto at = static_cast<size_t>(message.find(1) - message.fields.data());
      return finish_field(message.fields[at], depth, base + at, out);
    }
    default: break;
  }
  for (size_t i = 0; i < message.fields.size(); ++i) {  // google.protobuf.Value
    if (!slots_[base + i].set) continue;
    if (message.fields[i].type != ProtoType::kEnum) {
      return finish_field(message.fields[i], depth, base + i, out);
    }
  }
  out = Value::null();
  return {};
}

Result<void> ProtoReader::finish_time(const ProtoMessage& message, size_t base, Value& out) {
  int64_t parts[2] = {0, 0};
  for (uint32_t number = 1; number <= 2; ++number) {
    const ProtoField* field = message.find(number);
    const Slot& slot = slots_[base + static_cast<size_t>(field - message.fields.data())];
    if (!slot.set) continue;
    // With int64_text the seconds became text.
    parts[number - 1] = slot.value.is(ValueKind::kString)
                            ? std::strtoll(std::string(slot.value.text()).c_str(), nullptr, 10)
                            : slot.value.as_int();
  }
  const auto [seconds, nanos] = parts;
  if (message.well_known == WellKnown::kTimestamp) {
    if (seconds < -62'135'596'800 || seconds > 253'402'300'799 || nanos < 0 ||
        nanos > 999'999'999) {
      return fault(payload_, "a Timestamp is out of range");
    }
    out = Value::time({seconds * 1'000'000 + nanos / 1000, static_cast<uint16_t>(nanos % 1000), 0});
    return {};
  }
  const bool mixed = (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0);
  if (mixed || std::abs(seconds) > 315'576'000'000 || std::abs(nanos) > 999'999'999) {
    return fault(payload_, "a Duration is out of range");
  }
  char text[48];
  int size = std::snprintf(text, sizeof text, "%s%lld", seconds < 0 || nanos < 0 ? "-" : "",
                           static_cast<long long>(std::abs(seconds)));
  if (nanos != 0) {
    size += std::snprintf(text + size, sizeof text - static_cast<size_t>(size), ".%09lld",
                          static_cast<long long>(std::abs(nanos)));
    while (text[size - 1] == '0') --size;
  }
  text[size++] = 's';
  Result<Value> copy = copy_string(*arena_, {text, static_cast<size_t>(size)});
  if (!copy) return copy.error();
  out = *copy;
  return {};
}

Result<void> ProtoReader::finish_field_mask(size_t base, Value& out) {
  TextBuilder text(*arena_, 64);
  const Slot& paths = slots_[base];
  for (uint32_t i = 0; i < paths.count; ++i) {
    if (i > 0) text.append(',');
    bool upper = false;
    for (const char c : paths.items[i].text()) {
      if (c == '_') {
        upper = true;
      } else {
        text.append(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
        upper = false;
      }
    }
  }
  Result<Value> value = text.finish_string();
  if (!value) return value.error();
  out = *value;
  return {};
}

/// {"@type": URL, fields…}; of well-known types {"@type", "value"}; of types that the schema does
/// not have the value is bytes.
Result<void> ProtoReader::finish_any(size_t base, uint32_t depth, Value& out) {
  const Value url = slots_[base].set ? slots_[base].value : Value::string("");
  const std::string_view bytes = slots_[base + 1].set ? slots_[base + 1].value.text() : "";
  const std::string_view name = url.text().substr(url.text().rfind('/') + 1);
  const ProtoMessage* type = options_.schema->find(name);
  Value content = Value::bytes(bytes);
  if (type != nullptr) PENSTOCK_TRY(read_message(*type, bytes, depth + 1, content));
  const bool spread = type != nullptr && type->well_known == WellKnown::kNone;
  MapBuilder map(*arena_, spread ? content.size() + 1 : 2);
  map.add_new("@type", url);
  if (spread) {
    for (const MapEntry& entry : content.entries()) map.add(entry.key, entry.value);
  } else {
    map.add_new("value", content);
  }
  Result<Value> value = map.finish();
  if (!value) return value.error();
  out = *value;
  return {};
}

Value ProtoReader::real(double number) const {
  if (std::isnan(number)) return Value::string("NaN");
  if (std::isinf(number)) return Value::string(number < 0 ? "-Infinity" : "Infinity");
  return Value::real(number);
}

Result<void> ProtoReader::integer(bool wide, bool is_signed, uint64_t bits, Value& out) {
  out = is_signed ? Value::integer(static_cast<int64_t>(bits)) : Value::unsigned_integer(bits);
  if (!wide || !options_.int64_text) return {};
  Result<Value> text = copy_string(
      *arena_, is_signed ? std::to_string(static_cast<int64_t>(bits)) : std::to_string(bits));
  if (!text) return text.error();
  out = *text;
  return {};
}

Result<void> ProtoReader::scalar(const ProtoField& field, const WireField& wire, Value& out) {
  const uint64_t bits = wire.scalar;
  const auto low = static_cast<uint32_t>(bits);
  const auto extended = [](uint32_t n) {
    return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(n)));
  };
  switch (field.type) {
    case ProtoType::kDouble: out = real(std::bit_cast<double>(bits)); return {};
    case ProtoType::kFloat: out = real(std::bit_cast<float>(low)); return {};
    case ProtoType::kBool: out = Value::boolean(bits != 0); return {};
    case ProtoType::kInt64:
    case ProtoType::kSfixed64: return integer(true, true, bits, out);
    case ProtoType::kUint64:
    case ProtoType::kFixed64: return integer(true, false, bits, out);
    case ProtoType::kInt32:
    case ProtoType::kSfixed32: return integer(false, true, extended(low), out);
    case ProtoType::kUint32:
    case ProtoType::kFixed32: return integer(false, false, low, out);
    case ProtoType::kSint32: return integer(false, true, extended(low >> 1 ^ (0 - (low & 1))), out);
    case ProtoType::kSint64: return integer(true, true, bits >> 1 ^ (0 - (bits & 1)), out);
    case ProtoType::kEnum: {
      const auto number = static_cast<int32_t>(low);
      const std::string* name =
          options_.enum_numbers ? nullptr : field.enumeration->name_of(number);
      out = name == nullptr ? Value::integer(number) : Value::string(*name);
      return {};
    }
    case ProtoType::kString:
      if (utf8_fault(wire.bytes) != std::string_view::npos) {
        return fault(wire.bytes, "the string " + field.name + " is not UTF-8");
      }
      out = Value::string(wire.bytes);
      return {};
    default: out = Value::bytes(wire.bytes); return {};
  }
}

}  // namespace penstock
