// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/avro_schema.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

// What logical types mean as values: timestamps are times, dates, times of day and local timestamps
// their ISO 8601 text, decimals numbers without rounding, UUIDs text, durations
// {"months", "days", "millis"}. A number that has no such meaning (a year beyond 9999) stays as it
// is. Encoding takes these, and the plain numbers and bytes as well.

Result<Value> logical_integer(AvroLogical logical, int64_t number, ValueArena& arena);
/// Of bytes and fixed. The result may borrow `bytes`.
Result<Value> logical_bytes(const AvroNode& node, std::string_view bytes, ValueArena& arena);

/// Nothing if the value stands for no number of that type.
std::optional<int64_t> integer_of_logical(AvroLogical logical, const Value& value);
/// Appends the bytes for a fixed or bytes with a logical type; false if the value has none.
bool append_logical_bytes(const AvroNode& node, const Value& value, std::string& to);

}  // namespace penstock
