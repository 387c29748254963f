// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "expr/eval_context.h"
#include "value/build.h"
#include "value/utf8.h"
#include "value/value.h"

namespace penstock {

using Arguments = std::span<const Value>;

/// A whole number for counts and places: what does not fit an int64 is taken as the largest.
inline int64_t whole(const Value& value) {
  return value.is(ValueKind::kUint) ? INT64_MAX : value.as_int();
}
/// The n-th argument if it was given and is not nil.
inline const Value* given(Arguments args, size_t n) {
  return n < args.size() && !args[n].is_null() ? &args[n] : nullptr;
}
inline std::string_view text_or(Arguments args, size_t n, std::string_view otherwise) {
  return n < args.size() && args[n].is_text() ? args[n].text() : otherwise;
}
inline int64_t whole_or(Arguments args, size_t n, int64_t otherwise) {
  return given(args, n) != nullptr ? whole(args[n]) : otherwise;
}

/// Charges a function for reading or writing this many bytes.
inline Result<void> spend_bytes(EvalContext& context, size_t bytes) {
  return context.spend(bytes / 64);
}

/// Fails before `bytes` are made that the context could not hold.
inline Result<void> may_make(EvalContext& context, uint64_t bytes) {
  if (bytes > context.limits().memory_max) return memory_limit_error(context.limits().memory_max);
  return context.spend(bytes / 64);
}

inline size_t count_code_points(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) next_code_point(text, at);
  return count;
}

/// The byte at which the n-th code point starts; size() if there are fewer.
inline size_t code_point_offset(std::string_view text, size_t n) {
  size_t at = 0;
  for (; n > 0 && at < text.size(); --n) next_code_point(text, at);
  return at;
}

/// A double as the language likes it: an int where `keep_int` says that it came from ints.
inline Result<Value> finite(double d, std::string_view function) {
  if (std::isfinite(d)) return Value::real(d);
  return eval_error(std::string(function) + " has no finite result");
}

}  // namespace penstock
