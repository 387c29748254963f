// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/avro_schema.h"
#include "codec/codec.h"

namespace penstock {

/// Writes values of one schema in Avro's binary encoding. Owned by one task.
class AvroWriter {
 public:
  /// `drop_unknown`: members of a map that the record has no field for are left out; otherwise they
  /// are errors.
  AvroWriter(const CodecLimits& limits, bool drop_unknown)
      : limits_(limits), drop_unknown_(drop_unknown) {}
  /// Appends the value; code "cannot-encode" with the path of what does not fit.
  Result<void> write(const AvroNode& node, const Value& value, std::string& to);

 private:
  static constexpr uint64_t kFitStepsMax = 1 << 20;
  Result<void> write(const AvroNode& node, const Value& value, std::string& to, uint32_t depth);
  Result<void> write_integer(const AvroNode& node, const Value& value, std::string& to);
  Result<void> write_bytes(const AvroNode& node, const Value& value, std::string& to);
  Result<void> write_record(const AvroNode& node, const Value& value, std::string& to,
                            uint32_t depth);
  Result<void> write_items(const AvroNode& node, const Value& value, std::string& to,
                           uint32_t depth);
  Result<void> write_union(const AvroNode& node, const Value& value, std::string& to,
                           uint32_t depth);
  /// Whether the value could be written as that type. `exact`: without a change of its kind.
  bool fits(const AvroNode& node, const Value& value, bool exact, uint32_t depth);
  Error mismatch(const AvroNode& node, const Value& value) const;
  Error fault(std::string_view what) const;

  const CodecLimits& limits_;
  const bool drop_unknown_;
  uint64_t fit_steps_ = 0;
  std::vector<std::string_view> path_;
  std::string scratch_;
};

}  // namespace penstock
