// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// As FieldDescriptorProto.Type numbers them.
enum class ProtoType : uint8_t {
  kDouble = 1, kFloat, kInt64, kUint64, kInt32, kFixed64, kFixed32, kBool, kString, kGroup,
  kMessage, kBytes, kUint32, kEnum, kSfixed32, kSfixed64, kSint32, kSint64,
};
const char* to_string(ProtoType type);  ///< "double", …

/// Messages of google.protobuf that have a JSON form of their own.
enum class WellKnown : uint8_t {
  kNone, kTimestamp, kDuration, kWrapper, kStruct, kValue, kList, kFieldMask, kAny,
};

struct ProtoMessage;
struct ProtoEnum {
  std::string name;
  std::vector<std::pair<int32_t, std::string>> values;
  const std::string* name_of(int32_t number) const;
  const int32_t* number_of(std::string_view name) const;
};

struct ProtoField {
  std::string name;
  std::string json_name;
  uint32_t number = 0;
  ProtoType type = ProtoType::kInt32;
  bool repeated = false;
  bool required = false;
  bool packed = false;    ///< written so; both forms are read
  bool presence = false;  ///< absent differs from the default
  bool is_map = false;    ///< repeated, `message` is its entry
  int oneof = -1;         ///< index; −1 = none
  const ProtoMessage* message = nullptr;
  const ProtoEnum* enumeration = nullptr;
  Value default_value;    ///< of a singular scalar
};

struct ProtoMessage {
  std::string name;                 ///< with its package, without a leading dot
  std::vector<ProtoField> fields;   ///< by number
  std::vector<uint16_t> low;        ///< index + 1 of the fields numbered 0 … 63; 0 = none
  std::unordered_map<std::string_view, uint32_t> by_name;  ///< both names
  WellKnown well_known = WellKnown::kNone;
  bool map_entry = false;
  bool has_repeated = false;
  const ProtoField* find(uint32_t number) const;
};

/// A FileDescriptorSet, linked. Immutable, shared.
class ProtoSchema {
 public:
  /// From the bytes that `protoc --include_imports --descriptor_set_out` writes. Code "bad-schema"
  /// (stop_pipeline).
  static Result<std::shared_ptr<const ProtoSchema>> parse(std::string_view descriptor_set);
  /// By full name; null if there is none.
  const ProtoMessage* find(std::string_view name) const;
  /// All names of messages, sorted.
  std::vector<std::string> names() const;

 private:
  friend class ProtoSchemaReader;
  ProtoSchema() = default;
  std::string bytes_;
  ValueArena arena_;  // default values
  std::deque<ProtoMessage> messages_;
  std::deque<ProtoEnum> enums_;
  std::map<std::string, ProtoMessage*, std::less<>> message_names_;
  std::map<std::string, ProtoEnum*, std::less<>> enum_names_;
};

}  // namespace penstock
