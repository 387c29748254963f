// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "value/build.h"
#include "value/number_text.h"
#include "value/time_text.h"
#include "value/utf8.h"
#include "value/write_json.h"

namespace penstock {
namespace {

std::string json(const Value& value, const JsonStyle& style = {}) {
  std::string out;
  const auto ok = write_json(value, out, style);
  return ok ? out : ok.error().message;
}

TEST(WriteJson, writes_each_kind) {
  EXPECT_EQ(json(Value()), "null");
  EXPECT_EQ(json(Value::boolean(false)), "false");
  EXPECT_EQ(json(Value::integer(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(json(Value::unsigned_integer(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(json(Value::real(0.1)), "0.1");
  EXPECT_EQ(json(Value::real(1.0)), "1.0");
  EXPECT_EQ(json(Value::real(1e300)), "1e+300");
  EXPECT_EQ(json(Value::number("1e400")), "1e400");
  EXPECT_EQ(json(Value::bytes("\xff\x00\x01")), "\"/w==\"");  // the literal ends at the 0
  EXPECT_EQ(json(Value::bytes("hello")), "\"aGVsbG8=\"");
  EXPECT_EQ(json(Value::time_micros(1'500'000)), "\"1970-01-01T00:00:01.5Z\"");
  EXPECT_EQ(json(Value::duration(90'000'000'000)), "\"1m30s\"");
  EXPECT_EQ(json(Value::json("{ \"a\" : 1 }")), "{ \"a\" : 1 }");
}

TEST(WriteJson, escapes_what_must_be_and_repairs_bad_utf8) {
  EXPECT_EQ(json(Value::string("a\"\\\n\t\x01/é")), "\"a\\\"\\\\\\n\\t\\u0001/é\"");
  EXPECT_EQ(json(Value::string("\xff" "a\xc3")), "\"\xef\xbf\xbd" "a\xef\xbf\xbd\"");
  JsonStyle html;
  html.escape_html = true;
  EXPECT_EQ(json(Value::string("<&>\xe2\x80\xa8"), html), "\"\\u003c\\u0026\\u003e\\u2028\"");
}

TEST(WriteJson, refuses_what_json_cannot_say) {
  EXPECT_EQ(json(Value::real(std::numeric_limits<double>::quiet_NaN())),
            "JSON has no number for NaN");
  EXPECT_EQ(json(Value::real(-std::numeric_limits<double>::infinity())),
            "JSON has no number for infinity");
  ValueArena arena;
  Value nested = Value::array({});
  for (int depth = 1; depth < kJsonDepthMax; ++depth) {
    ArrayBuilder array(arena);
    array.push(nested);
    nested = *array.finish();
  }
  EXPECT_EQ(json(nested).size(), 2u * kJsonDepthMax);
  const Value one_more[] = {nested};
  EXPECT_EQ(json(Value::array(one_more)), "the value is nested deeper than 256 levels");
}

TEST(WriteJson, indents_and_sorts) {
  ValueArena arena;
  MapBuilder map(arena);
  const Value items[] = {Value::integer(1), Value::integer(2)};
  map.set("b", Value::array(items));
  map.set("a", Value::array({}));
  JsonStyle style;
  style.indent = 2;
  style.sort_keys = true;
  EXPECT_EQ(json(*map.finish(), style), "{\n  \"a\": [],\n  \"b\": [\n    1,\n    2\n  ]\n}");
}

TEST(WriteJson, writes_doubles_as_go_does_when_asked) {
  JsonStyle go;
  go.go_numbers = true;
  const std::pair<double, const char*> cases[] = {
      {1.0, "1"}, {0.5, "0.5"}, {1e20, "100000000000000000000"}, {1e21, "1e+21"},
      {1e-6, "0.000001"}, {1e-7, "1e-7"}, {1.5e-10, "1.5e-10"}, {0, "0"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(json(Value::real(number), go), text);
}

TEST(NumberText, writes_the_shortest_text_that_reads_back) {
  const std::pair<double, const char*> cases[] = {
      {0.0, "0.0"}, {-0.0, "-0.0"}, {1.0, "1.0"}, {-1.5, "-1.5"}, {0.1, "0.1"},
      {100000.0, "100000.0"}, {123456.789, "123456.789"}, {0.000001, "0.000001"},
      {0.0000012, "1.2e-06"}, {0.1 + 0.2, "0.30000000000000004"}, {1e15, "1000000000000000.0"},
      {9007199254740993.0, "9007199254740992.0"}, {1e17, "1e+17"}, {1.5e300, "1.5e+300"},
      {1.0 / 3, "0.3333333333333333"}, {90.8, "90.8"}, {999999999.999999, "999999999.999999"},
      {2.5e-5, "0.000025"}, {5e-324, "5e-324"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(json(Value::real(number)), text);
  uint64_t bits = 12345;
  for (int i = 0; i < 200'000; ++i) {
    bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
    double d;
    if (i % 2 == 0) std::memcpy(&d, &bits, sizeof d);
    else d = static_cast<double>(bits >> 30) / 1000.0 * (i % 7);
    if (!std::isfinite(d)) continue;
    const std::string text = json(Value::real(d));
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), d) << text;
    ASSERT_LE(text.size(), static_cast<size_t>(kNumberTextMax));
  }
}

TEST(TimeText, reads_and_writes_rfc3339) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59.123456789Z",
                           "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
                           "2024-05-01T10:00:00.25+05:30", "2024-05-01T10:00:00-07:00"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(format_rfc3339(*time), text);
  }
  EXPECT_EQ(parse_rfc3339("2024-05-01T12:00:00+02:00"), parse_rfc3339("2024-05-01t10:00:00z"));
  for (const char* text : {"", "2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z",
                           "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z",
                           "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00Zx", "2023-02-29 0"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(TimeText, civil_fields_carry_over) {
  CivilTime c;
  c.year = 2023;
  c.month = 14;
  c.day = 31;
  c.second = -1;
  c.nanosecond = -1;
  EXPECT_EQ(format_rfc3339(from_civil(c, 0)), "2024-03-01T23:59:58.999999999Z");
  EXPECT_EQ(to_civil(*parse_rfc3339("2024-12-31T00:00:00Z")).year_day, 366);
  EXPECT_EQ(to_civil(*parse_rfc3339("2024-05-01T00:00:00Z")).weekday, 3);
}

TEST(TimeText, durations_read_and_print_as_in_go) {
  const std::pair<const char*, int64_t> cases[] = {
      {"0s", 0}, {"1ns", 1}, {"1.5\xc2\xb5s", 1500}, {"2.000001ms", 2'000'001},
      {"1h0m0.5s", 3'600'500'000'000}, {"-1m30s", -90'000'000'000},
      {"2562047h47m16.854775807s", INT64_MAX}, {"-2562047h47m16.854775808s", INT64_MIN}};
  for (const auto& [text, nanos] : cases) {
    EXPECT_EQ(format_duration(nanos), text);
    EXPECT_EQ(parse_go_duration(text), nanos) << text;
  }
  EXPECT_EQ(parse_go_duration("1.5h"), 5'400'000'000'000);
  EXPECT_EQ(parse_go_duration(".5s"), 500'000'000);
  for (const char* text : {"", "-", "1", "1x", "s", ".s", "1..5s", "2562047h47m16.854775808s"}) {
    EXPECT_FALSE(parse_go_duration(text)) << text;
  }
}

TEST(Utf8, accepts_what_rfc3629_does) {
  for (const char* good : {"", "a", "é", "€", "😀", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xff",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xe2\x82", "a\xc3"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
  std::string out;
  for (const char32_t c : {U'a', U'é', U'€', U'😀', char32_t{0xd800}}) append_utf8(out, c);
  EXPECT_EQ(out, "aé€😀\xef\xbf\xbd");
}

}  // namespace
}  // namespace penstock
