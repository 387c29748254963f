// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/library.h"
#include "expr/functions/time_arguments.h"
#include "expr/functions/time_layout.h"
#include "value/time_text.h"

// Parts, units and differences of times, by the clock of the time's own offset or of a zone.
namespace penstock {
namespace {

enum class Unit { kYear, kQuarter, kMonth, kWeek, kDay, kHour, kMinute, kSecond, kMilli, kNone };

Unit unit_of(std::string_view name) {
  if (name.size() > 1 && name.ends_with('s')) name.remove_suffix(1);
  static constexpr std::pair<std::string_view, Unit> kUnits[] = {
      {"year", Unit::kYear}, {"quarter", Unit::kQuarter}, {"month", Unit::kMonth},
      {"week", Unit::kWeek}, {"day", Unit::kDay}, {"hour", Unit::kHour},
      {"minute", Unit::kMinute}, {"second", Unit::kSecond}, {"millisecond", Unit::kMilli}};
  for (const auto& [known, unit] : kUnits) {
    if (known == name) return unit;
  }
  return Unit::kNone;
}

Error unknown_unit(std::string_view name) {
  return eval_error("there is no unit \"" + std::string(name.substr(0, 40)) + "\"",
                    "year, quarter, month, week, day, hour, minute, second, millisecond");
}

/// The time at its zone, or at that of an argument.
Result<Time> zoned(EvalContext& context, Arguments args, size_t zone_at) {
  auto t = time_argument(context, args[0]);
  if (!t) return t;
  const auto zone = zone_argument(context, args, zone_at);
  if (!zone) return zone.error();
  return *zone == nullptr ? *t : (*zone)->shown(*t);
}

CivilTime start_of_unit(CivilTime c, Unit unit) {
  c.nanosecond = 0;
  if (unit == Unit::kSecond) return c;
  c.second = 0;
  if (unit == Unit::kMinute) return c;
  c.minute = 0;
  if (unit == Unit::kHour) return c;
  c.hour = 0;
  if (unit == Unit::kDay) return c;
  if (unit == Unit::kWeek) {
    c.day -= (c.weekday + 6) % 7;
    return c;
  }
  c.day = 1;
  if (unit == Unit::kQuarter) c.month = (c.month - 1) / 3 * 3 + 1;
  if (unit == Unit::kYear) c.month = 1;
  return c;
}

/// Civil time to an instant, in a zone or at an offset.
Time instant(const CivilTime& c, const TimeZone* zone, int offset_minutes) {
  if (zone == nullptr) return from_civil(c, offset_minutes);
  Time t = from_civil(c, 0);
  const int64_t local = unix_seconds(t);
  t.micros += (zone->to_utc(local) - local) * 1'000'000;
  return zone->shown(t);
}

template <bool kNext>
Result<Value> start_of(EvalContext& context, Arguments args) {
  const auto t = zoned(context, args, 2);
  if (!t) return t.error();
  const auto zone = zone_argument(context, args, 2);
  const Unit unit = unit_of(args[1].text());
  if (unit == Unit::kNone) return unknown_unit(args[1].text());
  if (unit == Unit::kMilli) return Value::time(cut_time(*t, 1'000'000, false));
  CivilTime c = start_of_unit(to_civil(*t), unit);
  if (kNext) {
    switch (unit) {
      case Unit::kYear: ++c.year; break;
      case Unit::kQuarter: c.month += 3; break;
      case Unit::kMonth: c.month += 1; break;
      case Unit::kWeek: c.day += 7; break;
      case Unit::kDay: c.day += 1; break;
      case Unit::kHour: c.hour += 1; break;
      case Unit::kMinute: c.minute += 1; break;
      default: c.second += 1; break;
    }
    if (c.month > 12) {
      c.month -= 12;
      ++c.year;
    }
  }
  const Time start = instant(c, *zone, t->offset_minutes);
  if (!kNext) return Value::time(start);
  return add_duration(start, -1);
}

Result<Value> truncate_time(EvalContext& context, Arguments args) {
  const auto t = time_argument(context, args[0]);
  if (!t) return t.error();
  const auto d = duration_argument(args[1]);
  if (!d) return d.error();
  if (*d <= 0) return eval_error("truncateTime needs a duration above 0");
  return Value::time(cut_time(*t, *d, false));
}

Result<Value> date_part(EvalContext& context, Arguments args) {
  const auto t = zoned(context, args, 2);
  if (!t) return t.error();
  const CivilTime c = to_civil(*t);
  std::string_view name = args[1].text();
  if (name == "weekday" || name == "dow") return Value::integer(c.weekday);
  if (name == "yearday" || name == "doy") return Value::integer(c.year_day);
  if (name == "nanosecond") return Value::integer(c.nanosecond);
  if (name == "microsecond") return Value::integer(c.nanosecond / 1000);
  if (name == "epoch") return Value::integer(unix_seconds(*t));
  switch (unit_of(name)) {
    case Unit::kYear: return Value::integer(c.year);
    case Unit::kQuarter: return Value::integer((c.month - 1) / 3 + 1);
    case Unit::kMonth: return Value::integer(c.month);
    case Unit::kWeek: return Value::integer(std::stoi(format_time(*t, "%V", nullptr)));
    case Unit::kDay: return Value::integer(c.day);
    case Unit::kHour: return Value::integer(c.hour);
    case Unit::kMinute: return Value::integer(c.minute);
    case Unit::kSecond: return Value::integer(c.second);
    case Unit::kMilli: return Value::integer(c.nanosecond / 1'000'000);
    default: return unknown_unit(name);
  }
}

Result<Value> date_difference(EvalContext& context, Arguments args) {
  const auto a = time_argument(context, args[0]), b = time_argument(context, args[1]);
  if (!a || !b) return a ? b.error() : a.error();
  const Unit unit = unit_of(args[2].text());
  const int64_t nanos = time_difference(*b, *a);
  constexpr int64_t kSecond = 1'000'000'000;
  switch (unit) {
    case Unit::kWeek: return Value::integer(nanos / (kSecond * 86400 * 7));
    case Unit::kDay: return Value::integer(nanos / (kSecond * 86400));
    case Unit::kHour: return Value::integer(nanos / (kSecond * 3600));
    case Unit::kMinute: return Value::integer(nanos / (kSecond * 60));
    case Unit::kSecond: return Value::integer(nanos / kSecond);
    case Unit::kMilli: return Value::integer(nanos / 1'000'000);
    case Unit::kNone: return unknown_unit(args[2].text());
    default: break;
  }
  const CivilTime x = to_civil(*a), y = to_civil(*b);
  int64_t months = (y.year - x.year) * 12 + y.month - x.month;
  const auto within = [](const CivilTime& c) {
    return ((c.day * 24LL + c.hour) * 60 + c.minute) * 60 + c.second;
  };
  if (months > 0 && within(y) < within(x)) --months;
  if (months < 0 && within(y) > within(x)) ++months;
  return Value::integer(unit == Unit::kYear      ? months / 12
                        : unit == Unit::kQuarter ? months / 3
                                                 : months);
}

template <int64_t kNanosEach>
Result<Value> duration_in(EvalContext&, Arguments args) {
  const auto d = duration_argument(args[0]);
  if (!d) return d.error();
  return Value::real(static_cast<double>(*d / kNanosEach) +
                     static_cast<double>(*d % kNanosEach) / static_cast<double>(kNanosEach));
}

Result<Value> format_duration_function(EvalContext& context, Arguments args) {
  const auto d = duration_argument(args[0]);
  return d ? context.string(format_duration(*d)) : d.error();
}

constexpr Function kParts[] = {
    {.name = "startOf",
     .signatures = {"(time: time|string, unit: string, zone?: string|map) -> time"},
     .about = "The start of the year, quarter, month, week (Monday), day, hour, minute or second.",
     .body = start_of<false>,
     .examples = {{"startOf('2024-05-15T10:11:12Z', 'month')", "", R"("2024-05-01T00:00:00Z")"},
                  {"startOf('2024-05-15T23:00:00Z', 'day', 'Europe/Zurich')", "",
                   R"("2024-05-16T00:00:00+02:00")"},
                  {"startOf('2024-05-15', 'week')", "", R"("2024-05-13T00:00:00Z")"},
                  {"startOf('2024-05-15', 'moon')", "", "", "no unit"}}},
    {.name = "endOf",
     .signatures = {"(time: time|string, unit: string, zone?: string|map) -> time"},
     .about = "The last nanosecond of the unit.",
     .body = start_of<true>,
     .examples = {{"endOf('2024-02-10', 'month')", "", R"("2024-02-29T23:59:59.999999999Z")"},
                  {"endOf('2024-11-10', 'quarter')", "", R"("2024-12-31T23:59:59.999999999Z")"}}},
    {.name = "truncateTime",
     .signatures = {"(time: time|string, to: duration|string|number) -> time"},
     .about = "Cut to a multiple of a duration.",
     .body = truncate_time,
     .examples = {{"truncateTime('2024-05-01T10:07:31Z', '5m')", "", R"("2024-05-01T10:05:00Z")"},
                  {"truncateTime('2024-05-01', 0)", "", "", "above 0"}}},
    {.name = "datePart",
     .aliases = {"extract"},
     .signatures = {"(time: time|string, part: string, zone?: string|map) -> int"},
     .about = "year, quarter, month, week (ISO), day, weekday (0 = Sunday), yearday, hour, minute, "
              "second, millisecond, microsecond, nanosecond or epoch.",
     .body = date_part,
     .examples = {{"datePart('2024-05-01T10:00:00Z', 'weekday')", "", "3"},
                  {"datePart('2024-12-30', 'week')", "", "1"},
                  {"datePart('2024-05-01T23:00:00Z', 'day', 'Asia/Tokyo')", "", "2"},
                  {"datePart('2024-05-01', 'age')", "", "", "no unit"}}},
    {.name = "dateDiff",
     .signatures = {"(from: time|string, to: time|string, unit: string) -> int"},
     .about = "How many whole units lie between two times.",
     .body = date_difference,
     .examples = {{"dateDiff('2024-01-31', '2024-03-01', 'month')", "", "1"},
                  {"dateDiff('2024-01-02', '2024-01-01', 'hour')", "", "-24"},
                  {"dateDiff('2024-01-02', '2024-01-01', 'x')", "", "", "no unit"}}},
    {.name = "seconds",
     .signatures = {"(duration: duration|string|number) -> double"},
     .about = "A duration in seconds.",
     .body = duration_in<1'000'000'000>,
     .examples = {{"seconds('1m30.5s')", "", "90.5"}, {"seconds('x')", "", "", "duration"}}},
    {.name = "minutes",
     .signatures = {"(duration: duration|string|number) -> double"},
     .about = "A duration in minutes.",
     .body = duration_in<60'000'000'000>,
     .examples = {{"minutes('1h30s')", "", "60.5"}, {"minutes(90)", "", "1.5"}}},
    {.name = "hours",
     .signatures = {"(duration: duration|string|number) -> double"},
     .about = "A duration in hours.",
     .body = duration_in<3'600'000'000'000>,
     .examples = {{"hours('90m')", "", "1.5"}, {"hours('-30m')", "", "-0.5"}}},
    {.name = "formatDuration",
     .signatures = {"(duration: duration|string|number) -> string"},
     .about = "A duration as 1h2m3.5s.",
     .body = format_duration_function,
     .examples = {{"formatDuration(3723.5)", "", R"("1h2m3.5s")"},
                  {"formatDuration(0)", "", R"("0s")"}}},
};

}  // namespace

void add_time_part_functions(FunctionTable& table) { add_rows(table, {"time"}, kParts); }

}  // namespace penstock
