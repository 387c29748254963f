// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "expr/functions/arguments.h"
#include "expr/time_zone.h"

namespace penstock {

/// A time, or text that RFC 3339 or the usual short forms read.
Result<Time> time_argument(EvalContext& context, const Value& value);
/// A zone by its name or by what timezone() returns; null for UTC where none is given.
Result<const TimeZone*> zone_argument(EvalContext& context, Arguments args, size_t n);
/// ns, or text such as "1h30m"; a number is seconds.
Result<int64_t> duration_argument(const Value& value);

/// t + ns; error where it leaves the range.
Result<Value> add_duration(const Time& t, int64_t nanos);
/// a − b in ns, at most ±292 years.
int64_t time_difference(const Time& a, const Time& b);
/// Cut to a multiple of ns since year 1, as Go's Time.Truncate; `half_up` as Time.Round.
Time cut_time(const Time& t, int64_t nanos, bool half_up);
/// Go's AddDate, by the calendar at the time's own offset.
Time add_date(const Time& t, int64_t years, int64_t months, int64_t days);

}  // namespace penstock
