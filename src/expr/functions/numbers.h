// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "base/result.h"
#include "value/value.h"

namespace penstock {

/// a + b exactly: an int if both are and it fits 64 bits, else a double. REQUIRES: numeric.
Value add_numbers(const Value& a, const Value& b);
/// The int64 that a double is cut to; nothing if it is beyond the range or not a number.
std::optional<int64_t> cut_to_int(double d);
/// The whole double as an int, if it is one.
Value whole_or_double(double d);

}  // namespace penstock
