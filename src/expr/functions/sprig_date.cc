// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/library.h"
#include "expr/functions/time_arguments.h"
#include "expr/functions/time_layout.h"
#include "value/time_text.h"

// Times of sprig. The local zone is UTC.
namespace penstock {
namespace {

/// A time, or an int of seconds since 1970; anything else is now.
Time date_of(EvalContext& context, const Value& v) {
  if (v.is(ValueKind::kTime)) return v.as_time();
  constexpr int64_t kMost = INT64_MAX / 1'000'000;
  if (v.is(ValueKind::kInt)) {
    return Time{std::clamp(v.as_int(), -kMost, kMost) * 1'000'000, 0, 0};
  }
  return Time{context.now_us(), 0, 0};
}

Result<Value> in_zone(EvalContext& context, std::string_view layout, const Value& date,
                      std::string_view zone_name) {
  auto zone = context.zone(zone_name);
  if (!zone) zone = context.zone("UTC");
  if (!zone) return zone.error();
  return context.string(format_time((*zone)->shown(date_of(context, date)), layout, *zone));
}

Result<Value> date(EvalContext& context, Arguments args) {
  return in_zone(context, args[0].text(), args[1], "UTC");
}
Result<Value> date_in_zone(EvalContext& context, Arguments args) {
  return in_zone(context, args[0].text(), args[1], args[2].text());
}
Result<Value> html_date(EvalContext& context, Arguments args) {
  return in_zone(context, "2006-01-02", args[0], "UTC");
}
Result<Value> html_date_in_zone(EvalContext& context, Arguments args) {
  return in_zone(context, "2006-01-02", args[0], args[1].text());
}
Result<Value> date_modify(EvalContext&, Arguments args) {
  const auto by = parse_go_duration(args[0].text());
  return by ? add_duration(args[1].as_time(), *by) : args[1];
}
Result<Value> ago(EvalContext& context, Arguments args) {
  const int64_t nanos = time_difference(Time{context.now_us(), 0, 0}, date_of(context, args[0]));
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t rest = nanos % kSecond, half = kSecond / 2;
  const int64_t whole_seconds = nanos / kSecond + (rest >= half ? 1 : rest <= -half ? -1 : 0);
  int64_t rounded = 0;
  const bool beyond = __builtin_mul_overflow(whole_seconds, kSecond, &rounded);
  return context.string(format_duration(beyond ? nanos : rounded));
}
Result<Value> to_date(EvalContext&, Arguments args) {
  const auto read = parse_time(args[1].text(), args[0].text(), nullptr);
  return Value::time(read ? *read : Time{-62135596800000000, 0, 0});
}
Result<Value> unix_epoch(EvalContext& context, Arguments args) {
  return context.string(std::to_string(unix_seconds(args[0].as_time())));
}
Result<Value> now(EvalContext& context, Arguments) { return Value::time_micros(context.now_us()); }

constexpr Purity kEach = Purity::kPerRecord;

constexpr Function kDates[] = {
    {.name = "now", .signatures = {"() -> time"}, .about = "The time of the record's processing.",
     .purity = kEach, .body = now,
     .examples = {{"sprig.now() == now()", "", "true"}, {"sprig.now(1)", "", "", "now"}}},
    {.name = "date", .signatures = {"(layout: string, date: any) -> string"},
     .about = "A time, or seconds since 1970, by a layout of Go, in UTC.", .purity = kEach,
     .body = date,
     .examples = {{"sprig.date('2006-01-02', 0)", "", R"("1970-01-01")"},
                  {"sprig.date('Jan _2', fromUnix(86400))", "", R"("Jan  2")"}}},
    {.name = "dateInZone", .aliases = {"date_in_zone"},
     .signatures = {"(layout: string, date: any, zone: string) -> string"},
     .about = "As date, in a zone; UTC if there is no such zone.", .purity = kEach,
     .body = date_in_zone,
     .examples = {{"sprig.dateInZone('15:04 MST', 0, 'Europe/Zurich')", "", R"("01:00 CET")"},
                  {"sprig.date_in_zone('15:04', 0, 'Nowhere')", "", R"("00:00")"}}},
    {.name = "htmlDate", .signatures = {"(date: any) -> string"}, .about = "As 2006-01-02.",
     .purity = kEach, .body = html_date,
     .examples = {{"sprig.htmlDate(0)", "", R"("1970-01-01")"},
                  {"len(sprig.htmlDate('now'))", "", "10"}}},
    {.name = "htmlDateInZone", .signatures = {"(date: any, zone: string) -> string"},
     .about = "As 2006-01-02, in a zone.", .purity = kEach, .body = html_date_in_zone,
     .examples = {{"sprig.htmlDateInZone(0, 'America/New_York')", "", R"("1969-12-31")"},
                  {"sprig.htmlDateInZone(0, 'UTC')", "", R"("1970-01-01")"}}},
    {.name = "dateModify", .aliases = {"date_modify"},
     .signatures = {"(by: string, date: time) -> time"},
     .about = "Moved by a duration; as it is if that cannot be read.", .body = date_modify,
     .examples = {{"sprig.dateModify('-1h', fromUnix(3600))", "", R"("1970-01-01T00:00:00Z")"},
                  {"sprig.date_modify('x', fromUnix(0))", "", R"("1970-01-01T00:00:00Z")"}}},
    {.name = "ago", .signatures = {"(date: any) -> string"},
     .about = "How long ago it was, in whole seconds.", .purity = kEach, .body = ago,
     .examples = {{"sprig.ago(now())", "", R"("0s")"},
                  {"sprig.ago(sprig.dateModify('-90m', now()))", "", R"("1h30m0s")"}}},
    {.name = "toDate", .signatures = {"(layout: string, text: string) -> time"},
     .about = "A time read by a layout; the year 1 if that fails.", .body = to_date,
     .examples = {{"sprig.toDate('2006-01-02', '2024-05-01')", "", R"("2024-05-01T00:00:00Z")"},
                  {"sprig.toDate('2006-01-02', 'x')", "", R"("0001-01-01T00:00:00Z")"}}},
    {.name = "unixEpoch", .signatures = {"(date: time) -> string"},
     .about = "Seconds since 1970, as text.", .body = unix_epoch,
     .examples = {{"sprig.unixEpoch(fromUnix(5))", "", R"("5")"},
                  {"sprig.unixEpoch(5)", "", "", "unixEpoch"}}},
};

}  // namespace

void add_sprig_date_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kDates);
}

}  // namespace penstock
