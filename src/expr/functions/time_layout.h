// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "expr/time_zone.h"
#include "value/value.h"

namespace penstock {

/// A layout of Go's package time ("2006-01-02 15:04:05.000 -0700 MST") or, if it has a %, of
/// strftime ("%Y-%m-%d"). `zone` gives names such as CEST; null = by the time's own offset.
std::string format_time(const Time& time, std::string_view layout, const TimeZone* zone);

/// Reads a time by a layout. Without a zone in the text it is a time of `zone` (null = UTC).
/// Error: "expression-failed".
Result<Time> parse_time(std::string_view text, std::string_view layout, const TimeZone* zone);

/// The layouts that have names in Go: RFC3339, RFC1123Z, Kitchen, …; the text itself otherwise.
std::string_view named_layout(std::string_view name);

/// Floor of the seconds since 1970.
int64_t unix_seconds(const Time& time);

}  // namespace penstock
