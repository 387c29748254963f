// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/batch_builder.h"

namespace penstock {

/// Writes a key and its count as one record. Immutable.
class CountText {
 public:
  /// `{key}` and `{count}` are replaced, as often as they stand in the template.
  static CountText from_template(std::string_view text);
  /// `{"key":"…","count":…}`
  static CountText json();

  /// Appends a record to the builder (which must not be full): the text as payload, the key as key.
  Record& append(BatchBuilder& builder, std::string_view key, uint64_t count) const;

 private:
  enum class Part : uint8_t { kLiteral, kKey, kCount };
  struct Piece {
    Part part;
    std::string literal;
  };
  std::vector<Piece> pieces_;
  bool escape_ = false;  // the key stands inside a JSON string
};

}  // namespace penstock
