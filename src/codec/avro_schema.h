// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

enum class AvroType : uint8_t {
  kNull, kBoolean, kInt, kLong, kFloat, kDouble, kBytes, kString,
  kRecord, kEnum, kArray, kMap, kUnion, kFixed,
};
const char* to_string(AvroType type);  ///< "null", "boolean", … as schemas name them

enum class AvroLogical : uint8_t {
  kNone, kDecimal, kUuid, kDate, kTimeMillis, kTimeMicros, kTimestampMillis, kTimestampMicros,
  kTimestampNanos, kLocalTimestampMillis, kLocalTimestampMicros, kLocalTimestampNanos, kDuration,
};

struct AvroNode;

struct AvroField {
  std::string name;
  std::vector<std::string> aliases;
  const AvroNode* type = nullptr;
  bool has_default = false;
  Value default_value;  ///< of `type`, as decoding it would give it
};

/// One type of a schema. A named type that is used again is the same node, so schemas may be
/// circular.
struct AvroNode {
  AvroType type = AvroType::kNull;
  AvroLogical logical = AvroLogical::kNone;
  std::string name;                  ///< records, enums, fixed: with its namespace
  std::vector<std::string> aliases;  ///< the same
  std::vector<AvroField> fields;
  std::vector<std::string> symbols;
  int default_symbol = -1;           ///< index; −1 = none
  const AvroNode* items = nullptr;   ///< arrays; the values of maps
  std::vector<const AvroNode*> branches;
  uint32_t size = 0;                 ///< fixed: bytes
  uint32_t scale = 0;                ///< decimals: digits behind the point
};

/// A parsed schema (Avro 1.11 specification). Immutable, shared.
class AvroSchema {
 public:
  /// Code "bad-schema" (stop_pipeline): what is wrong, with the path inside the schema.
  static Result<std::shared_ptr<const AvroSchema>> parse(std::string_view json);

  const AvroNode& root() const { return *root_; }
  /// Parsing Canonical Form.
  const std::string& canonical() const { return canonical_; }
  /// CRC-64-AVRO of the canonical form.
  uint64_t fingerprint() const { return fingerprint_; }
  /// As it was given, for container files.
  const std::string& text() const { return text_; }

 private:
  friend class AvroSchemaParser;
  AvroSchema() = default;
  ValueArena arena_;  // default values
  std::deque<AvroNode> nodes_;
  const AvroNode* root_ = nullptr;
  std::string text_, canonical_;
  uint64_t fingerprint_ = 0;
};

/// The Rabin fingerprint of the specification's §"Schema Fingerprints".
uint64_t crc64_avro(std::string_view bytes);
/// The Parsing Canonical Form of a node.
std::string canonical_form(const AvroNode& root);

}  // namespace penstock
