// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "value/value.h"

// Text as Go's fmt and strconv write and read it, because users' expressions were written for them.
namespace penstock {

/// What fmt prints for %v: maps with sorted keys ("map[a:1 b:2]"), arrays "[1 2]", bytes as their
/// numbers, nil "<nil>", a whole double without a point.
void append_go_value(std::string& out, const Value& value);
std::string go_value(const Value& value);

/// strconv.FormatFloat(d, 'e' | 'f' | 'g', precision, 64); precision −1 = the shortest that reads
/// back the same, with which 'g' writes an exponent below 1e-4 and from 1e6 on.
std::string go_float(double d, char format, int precision);

/// strconv.Quote: %q.
std::string go_quote(std::string_view text);

/// strconv.ParseInt(text, base 10, 64) without base prefixes; nothing if it is not one.
std::optional<int64_t> go_parse_int(std::string_view text, int base = 10);
/// strconv.ParseFloat(text, 64): decimal and hexadecimal, inf and nan; nothing if out of range.
std::optional<double> go_parse_float(std::string_view text);

/// reflect.TypeOf(v).String() and .Kind() of the Go value that a value stands for.
std::string_view go_type(const Value& value);
std::string_view go_kind(const Value& value);

/// An instant as time.Time prints: "2024-05-01 10:00:00 +0000 UTC".
std::string go_time(const Time& time);

}  // namespace penstock
