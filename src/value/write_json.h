// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

struct JsonStyle {
  int indent = 0;            ///< spaces a level; 0 = one line without blanks
  bool sort_keys = false;
  bool escape_html = false;  ///< <, >, & and U+2028/9 as \u escapes, as Go's json.Marshal does
  /// Doubles in the shape of Go: exponent form from 1e21 and below 1e-6, the exponent without a
  /// leading zero. Otherwise the shortest text that reads back as the same double.
  bool go_numbers = false;
};

/// Appends the value as JSON. Doubles are the shortest text that reads back the same (1.0 stays a
/// double: "1.0"); kNumber and kJson are written verbatim; bytes become base64 (RFC 4648), times
/// RFC 3339, durations Go's text ("1m30s"). Bytes of a string that are not UTF-8 become U+FFFD.
/// Fails (reject_record) on NaN, infinity and nesting beyond kJsonDepthMax; `out` then has a part.
Result<void> write_json(const Value& value, std::string& out, const JsonStyle& style = {});
/// The same as a string value in `arena`.
Result<Value> json_value(const Value& value, ValueArena& arena, const JsonStyle& style = {});

inline constexpr int kJsonDepthMax = 256;

/// Appends `text` with the quotes around it, escaped.
void append_json_string(std::string& out, std::string_view text, bool escape_html = false);
/// Appends the shortest text that reads back as `d`, always with a point or an exponent.
/// REQUIRES: d is finite.
void append_json_double(std::string& out, double d);

/// What `string(value)` gives: text as it is, everything else as JSON without quotes; null is "".
std::string display(const Value& value);

}  // namespace penstock
