// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// True if both are the same ASCII text but for case.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Header fields in their order, in one block of memory that is kept by clear(). Names compare
/// without case. Views stay valid until the next add() or clear().
class HttpFields {
 public:
  HttpFields() = default;
  HttpFields(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

  void add(std::string_view name, std::string_view value);
  void clear();
  size_t size() const { return slices_.size(); }
  std::string_view name(size_t i) const;
  std::string_view value(size_t i) const;
  /// The value of the first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;

 private:
  struct Slice {
    uint32_t begin, name_size, value_size;
  };
  std::string bytes_;
  std::vector<Slice> slices_;
};

/// A field name that may be sent: a token (RFC 9110 §5.6.2).
bool is_field_name(std::string_view text);
/// A field value that may be sent: no CR, LF or NUL, so that it cannot start another field.
bool is_field_value(std::string_view text);

}  // namespace penstock
