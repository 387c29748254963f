// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/library.h"
#include "expr/functions/time_arguments.h"
#include "expr/functions/time_layout.h"
#include "expr/functions/go_text.h"
#include "value/time_text.h"

// The methods of Go's time.Time and time.Duration that expressions use.
namespace penstock {
namespace {

template <class Part>
Result<Value> civil_part(Arguments args, const Part& part) {
  return Value::integer(part(to_civil(args[0].as_time())));
}
#define PENSTOCK_CIVIL_METHOD(name, field)                  \
  Result<Value> name(EvalContext&, Arguments args) {        \
    return civil_part(args, [](const CivilTime& c) { return c.field; }); \
  }
PENSTOCK_CIVIL_METHOD(year, year)
PENSTOCK_CIVIL_METHOD(month, month)
PENSTOCK_CIVIL_METHOD(day, day)
PENSTOCK_CIVIL_METHOD(hour, hour)
PENSTOCK_CIVIL_METHOD(minute, minute)
PENSTOCK_CIVIL_METHOD(second, second)
PENSTOCK_CIVIL_METHOD(nanosecond, nanosecond)
PENSTOCK_CIVIL_METHOD(weekday, weekday)
PENSTOCK_CIVIL_METHOD(year_day, year_day)
#undef PENSTOCK_CIVIL_METHOD

Result<Value> format(EvalContext& context, Arguments args) {
  return context.string(format_time(args[0].as_time(), args[1].text(), nullptr));
}

Result<Value> in(EvalContext& context, Arguments args) {
  const auto zone = zone_argument(context, args, 1);
  if (!zone) return zone.error();
  return Value::time((*zone)->shown(args[0].as_time()));
}

Result<Value> utc(EvalContext&, Arguments args) {
  Time t = args[0].as_time();
  t.offset_minutes = 0;
  return Value::time(t);
}

template <int64_t kMicrosEach>
Result<Value> unix_in(EvalContext&, Arguments args) {
  const int64_t micros = args[0].as_time().micros, cut = micros / kMicrosEach;
  return Value::integer(micros % kMicrosEach < 0 ? cut - 1 : cut);
}

Result<Value> unix_nano(EvalContext&, Arguments args) {
  const Time t = args[0].as_time();
  return Value::integer(static_cast<int64_t>(static_cast<uint64_t>(t.micros) * 1000 + t.nanos));
}

Result<Value> add(EvalContext&, Arguments args) {
  return add_duration(args[0].as_time(), args[1].as_duration());
}
Result<Value> add_date_method(EvalContext&, Arguments args) {
  return Value::time(add_date(args[0].as_time(), whole(args[1]), whole(args[2]), whole(args[3])));
}
Result<Value> sub(EvalContext&, Arguments args) {
  return Value::duration(time_difference(args[0].as_time(), args[1].as_time()));
}

Order order(Arguments args) { return compare(args[0], args[1]); }
Result<Value> before(EvalContext&, Arguments args) {
  return Value::boolean(order(args) == Order::kLess);
}
Result<Value> after(EvalContext&, Arguments args) {
  return Value::boolean(order(args) == Order::kGreater);
}
Result<Value> same(EvalContext&, Arguments args) {
  return Value::boolean(order(args) == Order::kEqual);
}

Result<Value> is_zero(EvalContext&, Arguments args) {
  const Time t = args[0].as_time();
  return Value::boolean(t.micros == -62135596800000000 && t.nanos == 0);
}

template <bool kRound>
Result<Value> cut(EvalContext&, Arguments args) {
  const int64_t to = args[1].as_duration();
  if (args[0].is(ValueKind::kTime)) return Value::time(cut_time(args[0].as_time(), to, kRound));
  const int64_t d = args[0].as_duration();
  if (to <= 0) return args[0];
  const int64_t rest = d % to, size = rest < 0 ? -rest : rest;
  int64_t out = d - rest;
  if (kRound && size >= to - size) {
    if (__builtin_add_overflow(out, d < 0 ? -to : to, &out)) out = d < 0 ? INT64_MIN : INT64_MAX;
  }
  return Value::duration(out);
}

template <int64_t kNanosEach>
Result<Value> real_units(EvalContext&, Arguments args) {
  const int64_t d = args[0].as_duration();
  return Value::real(static_cast<double>(d / kNanosEach) +
                     static_cast<double>(d % kNanosEach) / static_cast<double>(kNanosEach));
}
template <int64_t kNanosEach>
Result<Value> whole_units(EvalContext&, Arguments args) {
  return Value::integer(args[0].as_duration() / kNanosEach);
}

Result<Value> text(EvalContext& context, Arguments args) {
  return context.string(go_value(args[0]));
}

constexpr Function kTimeMethods[] = {
    {.name = "Year", .signatures = {"(t: time) -> int"}, .about = "The year.", .body = year,
     .examples = {{"date('2024-05-01').Year()", "", "2024"},
                  {"date('2024-12-31T23:30:00Z').In('Asia/Tokyo').Year()", "", "2025"}}},
    {.name = "Month", .signatures = {"(t: time) -> int"}, .about = "The month, 1 to 12.",
     .body = month,
     .examples = {{"date('2024-05-01').Month()", "", "5"}, {"date('2024-12-31').Month()", "",
                                                           "12"}}},
    {.name = "Day", .signatures = {"(t: time) -> int"}, .about = "The day of the month.",
     .body = day,
     .examples = {{"date('2024-05-17').Day()", "", "17"}, {"date('2024-02-29').Day()", "", "29"}}},
    {.name = "Hour", .signatures = {"(t: time) -> int"}, .about = "The hour, 0 to 23.",
     .body = hour,
     .examples = {{"date('2024-05-01T13:14:15Z').Hour()", "", "13"},
                  {"date('2024-05-01').Hour()", "", "0"}}},
    {.name = "Minute", .signatures = {"(t: time) -> int"}, .about = "The minute.", .body = minute,
     .examples = {{"date('2024-05-01T13:14:15Z').Minute()", "", "14"},
                  {"date('2024-05-01').Minute()", "", "0"}}},
    {.name = "Second", .signatures = {"(t: time) -> int"}, .about = "The second.", .body = second,
     .examples = {{"date('2024-05-01T13:14:15Z').Second()", "", "15"},
                  {"date('2024-05-01').Second()", "", "0"}}},
    {.name = "Nanosecond", .signatures = {"(t: time) -> int"},
     .about = "The nanoseconds within the second.", .body = nanosecond,
     .examples = {{"date('2024-05-01T13:14:15.5Z').Nanosecond()", "", "500000000"},
                  {"date('2024-05-01').Nanosecond()", "", "0"}}},
    {.name = "Weekday", .signatures = {"(t: time) -> int"},
     .about = "The day of the week, 0 = Sunday.", .body = weekday,
     .examples = {{"date('2024-05-01').Weekday()", "", "3"}, {"date('2024-05-05').Weekday()", "",
                                                             "0"}}},
    {.name = "YearDay", .signatures = {"(t: time) -> int"}, .about = "The day of the year.",
     .body = year_day,
     .examples = {{"date('2024-12-31').YearDay()", "", "366"}, {"date('2023-01-01').YearDay()", "",
                                                               "1"}}},
    {.name = "Format", .signatures = {"(t: time, layout: string) -> string"},
     .about = "As text, by a layout of Go, one of its names or strftime.", .body = format,
     .examples = {{"date('2024-05-01').Format('Jan 2, 2006')", "", R"("May 1, 2024")"},
                  {"date('2024-05-01').Format('%d.%m.%y')", "", R"("01.05.24")"}}},
    {.name = "In", .signatures = {"(t: time, zone: string|map) -> time"},
     .about = "The same instant at a zone's offset.", .body = in,
     .examples = {{"date('2024-05-01').In(timezone('Asia/Tokyo'))", "",
                   R"("2024-05-01T09:00:00+09:00")"},
                  {"date('2024-05-01').In('x')", "", "", "unknown time zone"}}},
    {.name = "UTC", .aliases = {"Local"}, .signatures = {"(t: time) -> time"},
     .about = "The same instant in UTC.", .body = utc,
     .examples = {{"date('2024-05-01T01:00:00+02:00').UTC()", "", R"("2024-04-30T23:00:00Z")"},
                  {"date('2024-05-01').Local()", "", R"("2024-05-01T00:00:00Z")"}}},
};
constexpr Function kArithmetic[] = {
    {.name = "Unix", .signatures = {"(t: time) -> int"}, .about = "Seconds since 1970.",
     .body = unix_in<1'000'000>,
     .examples = {{"date('2024-05-01').Unix()", "", "1714521600"},
                  {"fromUnixMilli(-1).Unix()", "", "-1"}}},
    {.name = "UnixMilli", .signatures = {"(t: time) -> int"}, .about = "Milliseconds since 1970.",
     .body = unix_in<1000>,
     .examples = {{"fromUnixMilli(5).UnixMilli()", "", "5"}, {"fromUnix(1).UnixMilli()", "",
                                                             "1000"}}},
    {.name = "UnixMicro", .signatures = {"(t: time) -> int"}, .about = "Microseconds since 1970.",
     .body = unix_in<1>,
     .examples = {{"fromUnixMilli(5).UnixMicro()", "", "5000"}, {"fromUnix(0).UnixMicro()", "",
                                                                "0"}}},
    {.name = "UnixNano", .signatures = {"(t: time) -> int"}, .about = "Nanoseconds since 1970.",
     .body = unix_nano,
     .examples = {{"fromUnixNano(7).UnixNano()", "", "7"}, {"fromUnix(1).UnixNano()", "",
                                                           "1000000000"}}},
    {.name = "Add", .signatures = {"(t: time, by: duration) -> time"},
     .about = "Moved by a duration.", .body = add,
     .examples = {{"date('2024-05-01').Add(duration('36h'))", "", R"("2024-05-02T12:00:00Z")"},
                  {"date('2024-05-01').Add(duration('-1ns'))", "",
                   R"("2024-04-30T23:59:59.999999999Z")"}}},
    {.name = "AddDate", .signatures = {"(t: time, years: int, months: int, days: int) -> time"},
     .about = "Moved by the calendar.", .body = add_date_method,
     .examples = {{"date('2024-01-31').AddDate(0, 1, 0)", "", R"("2024-03-02T00:00:00Z")"},
                  {"date('2024-05-01').AddDate(-1, 0, -1)", "", R"("2023-04-30T00:00:00Z")"}}},
    {.name = "Sub", .signatures = {"(t: time, other: time) -> duration"},
     .about = "The time between two.", .body = sub,
     .examples = {{"date('2024-05-02').Sub(date('2024-05-01'))", "", R"("24h0m0s")"},
                  {"date('2024-05-01').Sub(date('2024-05-01'))", "", R"("0s")"}}},
    {.name = "Before", .signatures = {"(t: time, other: time) -> bool"},
     .about = "Whether it is earlier.", .body = before,
     .examples = {{"date('2024-05-01').Before(date('2024-05-02'))", "", "true"},
                  {"date('2024-05-01').Before(date('2024-05-01'))", "", "false"}}},
    {.name = "After", .signatures = {"(t: time, other: time) -> bool"},
     .about = "Whether it is later.", .body = after,
     .examples = {{"date('2024-05-01').After(date('2024-05-02'))", "", "false"},
                  {"date('2024-05-03').After(date('2024-05-02'))", "", "true"}}},
    {.name = "Equal", .signatures = {"(t: time, other: time) -> bool"},
     .about = "Whether it is the same instant, whatever the offsets.", .body = same,
     .examples = {{"date('2024-05-01T02:00:00+02:00').Equal(date('2024-05-01'))", "", "true"},
                  {"date('2024-05-01').Equal(date('2024-05-02'))", "", "false"}}},
    {.name = "IsZero", .signatures = {"(t: time) -> bool"},
     .about = "Whether it is Go's zero time (year 1).", .body = is_zero,
     .examples = {{"date('0001-01-01').IsZero()", "", "true"}, {"fromUnix(0).IsZero()", "",
                                                               "false"}}},
    {.name = "Truncate", .signatures = {"(value: time|duration, to: duration) -> time|duration"},
     .about = "Cut to a multiple of a duration.", .body = cut<false>,
     .examples = {{"duration('1h17m').Truncate(duration('1h'))", "", R"("1h0m0s")"},
                  {"date('2024-05-01T10:17:00Z').Truncate(duration('15m'))", "",
                   R"("2024-05-01T10:15:00Z")"}}},
    {.name = "Round", .signatures = {"(value: time|duration, to: duration) -> time|duration"},
     .about = "Rounded to a multiple of a duration.", .body = cut<true>,
     .examples = {{"duration('1h37m').Round(duration('1h'))", "", R"("2h0m0s")"},
                  {"date('2024-05-01T10:17:00Z').Round(duration('30m'))", "",
                   R"("2024-05-01T10:30:00Z")"}}},
};
constexpr Function kDurations[] = {
    {.name = "Hours", .signatures = {"(d: duration) -> double"}, .about = "In hours.",
     .body = real_units<3'600'000'000'000>,
     .examples = {{"duration('90m').Hours()", "", "1.5"}, {"duration('0s').Hours()", "", "0.0"}}},
    {.name = "Minutes", .signatures = {"(d: duration) -> double"}, .about = "In minutes.",
     .body = real_units<60'000'000'000>,
     .examples = {{"duration('90s').Minutes()", "", "1.5"}, {"duration('1h').Minutes()", "",
                                                            "60.0"}}},
    {.name = "Seconds", .signatures = {"(d: duration) -> double"}, .about = "In seconds.",
     .body = real_units<1'000'000'000>,
     .examples = {{"duration('1500ms').Seconds()", "", "1.5"}, {"duration('-2s').Seconds()", "",
                                                               "-2.0"}}},
    {.name = "Milliseconds", .signatures = {"(d: duration) -> int"},
     .about = "In whole milliseconds.", .body = whole_units<1'000'000>,
     .examples = {{"duration('1.5ms').Milliseconds()", "", "1"},
                  {"duration('2s').Milliseconds()", "", "2000"}}},
    {.name = "Microseconds", .signatures = {"(d: duration) -> int"},
     .about = "In whole microseconds.", .body = whole_units<1000>,
     .examples = {{"duration('1ms').Microseconds()", "", "1000"},
                  {"duration('1ns').Microseconds()", "", "0"}}},
    {.name = "Nanoseconds", .signatures = {"(d: duration) -> int"}, .about = "In nanoseconds.",
     .body = whole_units<1>,
     .examples = {{"duration('1us').Nanoseconds()", "", "1000"},
                  {"duration('-1ns').Nanoseconds()", "", "-1"}}},
    {.name = "String", .signatures = {"(value: time|duration) -> string"},
     .about = "As Go prints it.", .body = text,
     .examples = {{"duration('90s').String()", "", R"("1m30s")"},
                  {"date('2024-05-01').String()", "", R"("2024-05-01 00:00:00 +0000 UTC")"}}},
};

}  // namespace

void add_time_methods(FunctionTable& table) {
  const FunctionGroup group{"methods", "."};
  add_rows(table, group, kTimeMethods);
  add_rows(table, group, kArithmetic);
  add_rows(table, group, kDurations);
}

}  // namespace penstock
