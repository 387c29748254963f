// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/go_text.h"
#include "expr/functions/library.h"
#include "expr/functions/time_arguments.h"
#include "expr/functions/time_layout.h"
#include "value/time_text.h"

namespace penstock {

Result<Time> time_argument(EvalContext& context, const Value& v) {
  if (v.is(ValueKind::kTime)) return v.as_time();
  if (v.is_text()) {
    if (const auto read = parse_rfc3339(v.text())) return *read;
    for (const char* layout : {"2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05"}) {
      if (auto read = parse_time(v.text(), layout, nullptr)) return read;
    }
    return eval_error("\"" + std::string(v.text().substr(0, 60)) + "\" is not a time",
                      "parseTime(text, layout) reads other forms");
  }
  return eval_error("a " + std::string(kind_name(v.kind())) + " is not a time");
}

Result<const TimeZone*> zone_argument(EvalContext& context, Arguments args, size_t n) {
  if (given(args, n) == nullptr) return static_cast<const TimeZone*>(nullptr);
  const Value* name = &args[n];
  if (name->is(ValueKind::kMap)) name = name->find("zone");
  if (name == nullptr || !name->is_text()) return eval_error("that is not a time zone");
  return context.zone(name->text());
}

Result<int64_t> duration_argument(const Value& v) {
  if (v.is(ValueKind::kDuration)) return v.as_duration();
  if (v.is_numeric()) {
    const double nanos = nearest_double(v) * 1e9;
    if (nanos > -9.2e18 && nanos < 9.2e18) return static_cast<int64_t>(std::round(nanos));
  }
  if (v.is_text()) {
    if (const auto read = parse_go_duration(v.text())) return *read;
  }
  return eval_error("\"" + go_value(v).substr(0, 60) + "\" is not a duration",
                    "durations are written as 1h30m, 250ms, -5s");
}

Result<Value> add_duration(const Time& t, int64_t nanos) {
  const __int128 sum = static_cast<__int128>(t.micros) * 1000 + t.nanos + nanos;
  __int128 micros = sum / 1000;
  auto rest = static_cast<int>(sum % 1000);
  if (rest < 0) {
    rest += 1000;
    --micros;
  }
  if (micros > INT64_MAX || micros < INT64_MIN) return eval_error("the time leaves its range");
  return Value::time(Time{static_cast<int64_t>(micros), static_cast<uint16_t>(rest),
                          t.offset_minutes});
}

int64_t time_difference(const Time& a, const Time& b) {
  const __int128 nanos = (static_cast<__int128>(a.micros) - b.micros) * 1000 + a.nanos - b.nanos;
  if (nanos > INT64_MAX) return INT64_MAX;
  return nanos < INT64_MIN ? INT64_MIN : static_cast<int64_t>(nanos);
}

Time cut_time(const Time& t, int64_t nanos, bool half_up) {
  if (nanos <= 0) return t;
  constexpr __int128 kYearOne = static_cast<__int128>(62135596800) * 1'000'000'000;
  const __int128 since = static_cast<__int128>(t.micros) * 1000 + t.nanos + kYearOne;
  __int128 rest = since % nanos;
  if (rest < 0) rest += nanos;
  __int128 cut = since - rest;
  if (half_up && rest + rest >= nanos) cut += nanos;
  cut -= kYearOne;
  __int128 micros = cut / 1000;
  auto below = static_cast<int>(cut % 1000);
  if (below < 0) {
    below += 1000;
    --micros;
  }
  return Time{static_cast<int64_t>(micros), static_cast<uint16_t>(below), t.offset_minutes};
}

Time add_date(const Time& t, int64_t years, int64_t months, int64_t days) {
  constexpr int64_t kMost = 4'000'000;
  CivilTime c = to_civil(t);
  const int64_t month = c.month - 1 + std::clamp(months, -kMost, kMost);
  c.year += std::clamp(years, -kMost, kMost) + (month >= 0 ? month / 12 : (month - 11) / 12);
  c.month = static_cast<int>((month % 12 + 12) % 12) + 1;
  c.day += static_cast<int>(std::clamp(days, -kMost, kMost));
  return from_civil(c, t.offset_minutes);
}

namespace {

Result<Value> now(EvalContext& context, Arguments args) {
  const Time t{context.now_us(), 0, 0};
  const auto zone = zone_argument(context, args, 0);
  if (!zone) return zone.error();
  return Value::time(*zone == nullptr ? t : (*zone)->shown(t));
}

Result<Value> parse_by_layouts(EvalContext& context, std::string_view text, const TimeZone* zone) {
  for (const char* layout : {"2006-01-02", "15:04:05", "2006-01-02 15:04:05", "RFC3339", "RFC822",
                             "RFC850", "RFC1123"}) {
    PENSTOCK_TRY(context.spend(1));
    const auto read = parse_time(text, layout, zone);
    if (read) return Value::time(*read);
  }
  return eval_error("invalid date " + std::string(text.substr(0, 60)));
}

Result<Value> date(EvalContext& context, Arguments args) {
  if (args[0].is(ValueKind::kTime)) return args[0];
  if (args[0].is(ValueKind::kMap)) {  // date(timezone(…), text, layout)
    const auto zone = zone_argument(context, args, 0);
    if (!zone) return zone.error();
    if (args.size() < 2) return eval_error("date() needs a text");
    if (args.size() < 3) return parse_by_layouts(context, args[1].text(), *zone);
    const auto read = parse_time(args[1].text(), args[2].text(), *zone);
    return read ? Result<Value>(Value::time(*read)) : read.error();
  }
  const auto zone = zone_argument(context, args, 2);
  if (!zone) return zone.error();
  if (args.size() < 2) return parse_by_layouts(context, args[0].text(), *zone);
  const auto read = parse_time(args[0].text(), args[1].text(), *zone);
  return read ? Result<Value>(Value::time(*read)) : read.error();
}

Result<Value> duration(EvalContext&, Arguments args) {
  const auto read = duration_argument(args[0]);
  return read ? Result<Value>(Value::duration(*read)) : read.error();
}

Result<Value> timezone(EvalContext& context, Arguments args) {
  const auto zone = context.zone(args[0].text());
  if (!zone) return zone.error();
  MapBuilder out(context.arena(), 1);
  const auto name = context.string((*zone)->name());
  if (!name) return name;
  out.add_new("zone", *name);
  return out.finish();
}

Result<Value> format(EvalContext& context, Arguments args) {
  auto t = time_argument(context, args[0]);
  if (!t) return t.error();
  const auto zone = zone_argument(context, args, 2);
  if (!zone) return zone.error();
  if (*zone != nullptr) *t = (*zone)->shown(*t);
  return context.string(format_time(*t, text_or(args, 1, "RFC3339Nano"), *zone));
}

Result<Value> in_zone(EvalContext& context, Arguments args) {
  const auto t = time_argument(context, args[0]);
  if (!t) return t.error();
  const auto zone = zone_argument(context, args, 1);
  if (!zone) return zone.error();
  return Value::time(*zone == nullptr ? Time{t->micros, t->nanos, 0} : (*zone)->shown(*t));
}

template <int64_t kMicrosEach>
Result<Value> from_unix(EvalContext&, Arguments args) {
  const Value& v = args[0];
  if (v.is(ValueKind::kInt)) {
    const __int128 micros = static_cast<__int128>(v.as_int()) * kMicrosEach;
    if (micros > INT64_MAX || micros < INT64_MIN) return eval_error("that time is out of range");
    return Value::time_micros(static_cast<int64_t>(micros));
  }
  const double micros = nearest_double(v) * static_cast<double>(kMicrosEach);
  if (!(micros > -9.2e18 && micros < 9.2e18)) return eval_error("that time is out of range");
  return Value::time_micros(static_cast<int64_t>(std::llround(micros)));
}

Result<Value> from_unix_nano(EvalContext&, Arguments args) {
  const int64_t nanos = whole(args[0]);
  return add_duration(Time{}, nanos);
}

template <int64_t kMicrosEach>
Result<Value> to_unix(EvalContext& context, Arguments args) {
  const auto t = time_argument(context, args[0]);
  if (!t) return t.error();
  const int64_t cut = t->micros / kMicrosEach;
  return Value::integer(t->micros % kMicrosEach < 0 ? cut - 1 : cut);
}

Result<Value> to_unix_nano(EvalContext& context, Arguments args) {
  const auto t = time_argument(context, args[0]);
  if (!t) return t.error();
  const __int128 nanos = static_cast<__int128>(t->micros) * 1000 + t->nanos;
  if (nanos > INT64_MAX || nanos < INT64_MIN) return eval_error("beyond an int of nanoseconds");
  return Value::integer(static_cast<int64_t>(nanos));
}

Result<Value> add_time(EvalContext& context, Arguments args) {
  const auto t = time_argument(context, args[0]);
  if (!t) return t.error();
  const auto d = duration_argument(args[1]);
  if (!d) return d.error();
  return add_duration(*t, *d);
}

Result<Value> add_dates(EvalContext& context, Arguments args) {
  const auto t = time_argument(context, args[0]);
  if (!t) return t.error();
  return Value::time(add_date(*t, whole(args[1]), whole_or(args, 2, 0), whole_or(args, 3, 0)));
}

Result<Value> make_time(EvalContext& context, Arguments args) {
  const auto zone = zone_argument(context, args, 6);
  if (!zone) return zone.error();
  CivilTime c;
  const auto part = [&](size_t n, int otherwise) {
    return static_cast<int>(std::clamp<int64_t>(whole_or(args, n, otherwise), -100'000, 100'000));
  };
  c.year = part(0, 1970);
  c.month = part(1, 1);
  c.day = part(2, 1);
  c.hour = part(3, 0);
  c.minute = part(4, 0);
  c.second = part(5, 0);
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in_month(c.year, c.month) ||
      c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 || c.second < 0 || c.second > 59) {
    return eval_error("there is no such time of the calendar");
  }
  Time t = from_civil(c, 0);
  if (*zone == nullptr) return Value::time(t);
  const int64_t local = unix_seconds(t);
  t.micros += ((*zone)->to_utc(local) - local) * 1'000'000;
  return Value::time((*zone)->shown(t));
}

constexpr Function kTimes[] = {
    {.name = "now",
     .signatures = {"(zone?: string|map) -> time"},
     .about = "The time at which the record is processed: one value for each record.",
     .purity = Purity::kPerRecord,
     .body = now,
     .examples = {{"now() == now()", "", "true"},
                  {"now('Nowhere/X')", "", "", "unknown time zone"}}},
    {.name = "date",
     .signatures = {"(text: string|time, layout?: string, zone?: string|map) -> time",
                    "(zone: map, text: string, layout?: string) -> time"},
     .about =
         "A time read from text: by a layout of Go or strftime, else by the usual ones (ISO date, "
         "RFC 3339, 822, 850, 1123).",
     .body = date,
     .examples = {{"date('2024-05-01')", "", R"("2024-05-01T00:00:00Z")"},
                  {"date('1.5.2024', '2.1.2006', 'Europe/Zurich')", "",
                   R"("2024-05-01T00:00:00+02:00")"},
                  {"date(timezone('America/New_York'), '2024-01-15 12:00:00')", "",
                   R"("2024-01-15T12:00:00-05:00")"},
                  {"date('yesterday')", "", "", "invalid date"}}},
    {.name = "parseTime",
     .signatures = {"(text: string, layout: string, zone?: string|map) -> time"},
     .about =
         "A time read by a layout of Go (2006-01-02 15:04:05), one of its names (RFC1123Z) or "
         "strftime (%Y-%m-%d %H:%M:%S); without an offset in the text it is of the zone (UTC).",
     .body = date,
     .examples = {{"parseTime('01/May/2024:10:00:00 +0200', '02/Jan/2006:15:04:05 -0700')", "",
                   R"("2024-05-01T10:00:00+02:00")"},
                  {"parseTime('2024-121 1.5', '%Y-%j %k.%M')", "", "", "is not a time"},
                  {"parseTime('1714557600', '%s')", "", R"("2024-05-01T10:00:00Z")"}}},
    {.name = "formatTime",
     .signatures = {"(time: time|string, layout?: string, zone?: string|map) -> string"},
     .about = "A time as text, by a layout of Go, one of its names or strftime, in a zone.",
     .body = format,
     .examples = {{"formatTime('2024-05-01T10:00:00Z', 'Mon Jan _2 15:04 MST', 'Europe/Zurich')",
                   "", R"("Wed May  1 12:00 CEST")"},
                  {"formatTime('2024-05-01T10:00:00.25Z', '%Y/%j %H:%M:%S.%L %z')", "",
                   R"("2024/122 10:00:00.250 +0000")"},
                  {"formatTime('x', 'RFC3339')", "", "", "is not a time"}}},
    {.name = "duration",
     .signatures = {"(value: string|number|duration) -> duration"},
     .about = "A span of time: of text as 1h30m, or of seconds.",
     .body = duration,
     .examples = {{"duration('1h30m')", "", R"("1h30m0s")"},
                  {"duration(1.5)", "", R"("1.5s")"},
                  {"duration('1 hour')", "", "", "is not a duration"}}},
    {.name = "timezone",
     .signatures = {"(name: string) -> map"},
     .about = "A zone of the IANA database, for date(), now() and In().",
     .body = timezone,
     .examples = {{"timezone('Europe/Zurich')", "", R"({"zone":"Europe/Zurich"})"},
                  {"timezone('Mars')", "", "", "unknown time zone"}}},
    {.name = "inZone",
     .signatures = {"(time: time|string, zone: string|map) -> time"},
     .about = "The same instant, shown at the zone's offset.",
     .body = in_zone,
     .examples = {{"inZone('2024-07-01T00:00:00Z', 'Asia/Kolkata')", "",
                   R"("2024-07-01T05:30:00+05:30")"},
                  {"inZone('2040-07-01T00:00:00Z', 'Europe/Zurich')", "",
                   R"("2040-07-01T02:00:00+02:00")"}}},
    {.name = "makeTime",
     .signatures = {"(year: int, month?: int, day?: int, hour?: int, minute?: int, second?: int, "
                    "zone?: string|map) -> time"},
     .about = "A time of its parts, in a zone (UTC).",
     .body = make_time,
     .examples = {{"makeTime(2024, 2, 29)", "", R"("2024-02-29T00:00:00Z")"},
                  {"makeTime(2024, 7, 1, 12, 0, 0, 'Asia/Tokyo')", "",
                   R"("2024-07-01T12:00:00+09:00")"},
                  {"makeTime(2023, 2, 29)", "", "", "no such time"}}},
};
constexpr Function kUnix[] = {
    {.name = "fromUnix",
     .signatures = {"(seconds: number) -> time"},
     .about = "The time so many seconds after 1970.",
     .body = from_unix<1'000'000>,
     .examples = {{"fromUnix(1714557600)", "", R"("2024-05-01T10:00:00Z")"},
                  {"fromUnix(-0.5)", "", R"("1969-12-31T23:59:59.5Z")"},
                  {"fromUnix(1e30)", "", "", "out of range"}}},
    {.name = "fromUnixMilli",
     .signatures = {"(milliseconds: number) -> time"},
     .about = "The time so many milliseconds after 1970.",
     .body = from_unix<1000>,
     .examples = {{"fromUnixMilli(1500)", "", R"("1970-01-01T00:00:01.5Z")"},
                  {"fromUnixMilli(0)", "", R"("1970-01-01T00:00:00Z")"}}},
    {.name = "fromUnixMicro",
     .signatures = {"(microseconds: int) -> time"},
     .about = "The time so many microseconds after 1970.",
     .body = from_unix<1>,
     .examples = {{"fromUnixMicro(1)", "", R"("1970-01-01T00:00:00.000001Z")"},
                  {"fromUnixMicro('1')", "", "", "fromUnixMicro"}}},
    {.name = "fromUnixNano",
     .signatures = {"(nanoseconds: int) -> time"},
     .about = "The time so many nanoseconds after 1970.",
     .body = from_unix_nano,
     .examples = {{"fromUnixNano(1)", "", R"("1970-01-01T00:00:00.000000001Z")"},
                  {"fromUnixNano(-1)", "", R"("1969-12-31T23:59:59.999999999Z")"}}},
    {.name = "toUnix",
     .signatures = {"(time: time|string) -> int"},
     .about = "Seconds since 1970, cut.",
     .body = to_unix<1'000'000>,
     .examples = {{"toUnix('2024-05-01T12:00:00+02:00')", "", "1714557600"},
                  {"toUnix(fromUnix(-0.5))", "", "-1"}}},
    {.name = "toUnixMilli",
     .signatures = {"(time: time|string) -> int"},
     .about = "Milliseconds since 1970, cut.",
     .body = to_unix<1000>,
     .examples = {{"toUnixMilli('1970-01-01T00:00:01.5009Z')", "", "1500"},
                  {"toUnixMilli('x')", "", "", "is not a time"}}},
    {.name = "toUnixMicro",
     .signatures = {"(time: time|string) -> int"},
     .about = "Microseconds since 1970, cut.",
     .body = to_unix<1>,
     .examples = {{"toUnixMicro('1970-01-01T00:00:00.000001Z')", "", "1"},
                  {"toUnixMicro('1970-01-02')", "", "86400000000"}}},
    {.name = "toUnixNano",
     .signatures = {"(time: time|string) -> int"},
     .about = "Nanoseconds since 1970.",
     .body = to_unix_nano,
     .examples = {{"toUnixNano('1970-01-01T00:00:00.000000007Z')", "", "7"},
                  {"toUnixNano('9999-01-01')", "", "", "beyond"}}},
    {.name = "addTime",
     .signatures = {"(time: time|string, by: duration|string|number) -> time"},
     .about = "The time moved by a duration (text, or seconds).",
     .body = add_time,
     .examples = {{"addTime('2024-02-28', '24h')", "", R"("2024-02-29T00:00:00Z")"},
                  {"addTime('2024-01-01', -1)", "", R"("2023-12-31T23:59:59Z")"}}},
    {.name = "addDate",
     .signatures = {"(time: time|string, years: int, months?: int, days?: int) -> "
                    "time"},
     .about = "Moved by the calendar; the 31st of a shorter month becomes a day of the next.",
     .body = add_dates,
     .examples = {{"addDate('2024-01-31', 0, 1)", "", R"("2024-03-02T00:00:00Z")"},
                  {"addDate('2024-02-29', 1, -2, 1)", "", R"("2024-12-30T00:00:00Z")"}}},
};

}  // namespace

void add_time_functions(FunctionTable& table) {
  add_rows(table, {"time"}, kTimes);
  add_rows(table, {"time"}, kUnix);
}

}  // namespace penstock
