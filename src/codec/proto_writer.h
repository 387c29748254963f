// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "codec/protobuf.h"

namespace penstock {

/// Writes maps as messages. Owned by one task; `options` and `limits` must outlive it.
class ProtoWriter {
 public:
  ProtoWriter(const ProtobufOptions& options, const CodecLimits& limits)
      : options_(options), limits_(limits) {}
  /// Appends the message; code "cannot-encode" with the path of what does not fit.
  Result<void> write(const ProtoMessage& message, const Value& value, std::string& to);

 private:
  Result<void> write_message(const ProtoMessage& message, const Value& value, uint32_t depth,
                             std::string& to);
  Result<void> write_map(const ProtoMessage& message, const Value& value, uint32_t depth,
                         std::string& to);
  Result<void> write_well_known(const ProtoMessage& message, const Value& value, uint32_t depth,
                                std::string& to);
  Result<void> write_any(const Value& value, uint32_t depth, std::string& to);
  Result<void> write_time(bool timestamp, const Value& value, std::string& to);
  Result<void> write_value(const ProtoMessage& message, const Value& value, uint32_t depth,
                           std::string& to);
  Result<void> write_field_mask(const Value& value, std::string& to);
  Result<void> write_field(const ProtoField& field, const Value& value, uint32_t depth,
                           std::string& to);
  Result<void> write_packed(const ProtoField& field, const Value& value, std::string& to);
  Result<void> write_entries(const ProtoField& field, const Value& value, uint32_t depth,
                             std::string& to);
  /// Tag and value of one element.
  Result<void> write_element(const ProtoField& field, const Value& value, uint32_t depth,
                             std::string& to);
  /// The value alone, of a scalar.
  Result<void> write_scalar(const ProtoField& field, const Value& value, std::string& to);
  Result<void> write_integer(const ProtoField& field, const Value& value, std::string& to);
  Error fault(std::string_view what) const;
  Error mismatch(const char* type, const Value& value) const;

  const ProtobufOptions& options_;
  const CodecLimits& limits_;
  std::vector<std::string_view> path_;
  std::string scratch_;
};

}  // namespace penstock
