// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "value/value.h"

namespace penstock {

/// What the text of a field stands for, in formats that know only text.
enum class TextType : uint8_t {
  kString,
  kInt,    ///< of any size
  kFloat,  ///< any JSON number, inf, nan
  kBool,   ///< true, false, t, f, 1, 0, yes, no; any case
  kTime,   ///< RFC 3339
  kInfer,  ///< true and false, JSON numbers; everything else is a string
};
const char* to_string(TextType type);  ///< "string", "int", "float", "bool", "time", "infer"

/// Nothing if the text is not of that type. Strings and numbers beyond 64 bits borrow it.
std::optional<Value> typed_text(std::string_view text, TextType type);

/// The number as JSON has them: int64, uint64, double, or verbatim where none holds it. Nothing if
/// the text is not a JSON number.
std::optional<Value> json_number(std::string_view text);

}  // namespace penstock
