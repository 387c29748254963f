// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <numeric>

#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/numbers.h"

namespace penstock {

Value add_numbers(const Value& a, const Value& b) {
  int64_t sum = 0;
  if (a.is(ValueKind::kInt) && b.is(ValueKind::kInt) &&
      !__builtin_add_overflow(a.as_int(), b.as_int(), &sum)) {
    return Value::integer(sum);
  }
  if (a.is_integer() && b.is_integer()) {
    const auto wide = [](const Value& v) {
      return v.is(ValueKind::kUint) ? static_cast<__int128>(v.as_uint())
                                    : static_cast<__int128>(v.as_int());
    };
    const __int128 total = wide(a) + wide(b);
    if (total > INT64_MAX && total <= static_cast<__int128>(UINT64_MAX)) {
      return Value::unsigned_integer(static_cast<uint64_t>(total));
    }
  }
  return Value::real(nearest_double(a) + nearest_double(b));
}

std::optional<int64_t> cut_to_int(double d) {
  if (!(d > -9223372036854775809.0 && d < 9223372036854775808.0)) return std::nullopt;
  return static_cast<int64_t>(d);
}

Value whole_or_double(double d) {
  const auto cut = cut_to_int(d);
  return cut && static_cast<double>(*cut) == d ? Value::integer(*cut) : Value::real(d);
}

namespace {

Result<Value> absolute(EvalContext&, Arguments args) {
  const Value& v = args[0];
  if (v.is(ValueKind::kUint)) return v;
  if (v.is(ValueKind::kInt)) {
    return v.as_int() >= 0 ? v : Value::unsigned_integer(uint64_t{0} -
                                                         static_cast<uint64_t>(v.as_int()));
  }
  if (v.is(ValueKind::kDuration)) {
    return Value::duration(v.as_duration() < 0 ? -v.as_duration() : v.as_duration());
  }
  return Value::real(std::fabs(nearest_double(v)));
}

template <double (*kFunction)(double)>
Result<Value> to_whole(EvalContext&, Arguments args) {
  if (args[0].is_integer()) return args[0];
  return Value::real(kFunction(nearest_double(args[0])));
}

/// Half away from zero, at a decimal place: by the shortest decimal text, so that 1.005 rounds as
/// it reads and not as its binary fraction.
double round_at(double d, int64_t places) {
  if (!std::isfinite(d) || places > 300) return d;
  if (places < -300) return 0;
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, d, std::chars_format::scientific).ptr;
  std::string shifted(text, end);
  const size_t e = shifted.find('e');
  const int64_t exponent = std::stoi(shifted.substr(e + 1)) + places;
  if (exponent > 17) return d;
  if (exponent < -2) return 0;
  double scaled = 0;
  const std::string moved = shifted.substr(0, e) + "e" + std::to_string(exponent);
  std::from_chars(moved.data(), moved.data() + moved.size(), scaled);
  const std::string back =
      std::to_string(static_cast<int64_t>(std::round(scaled))) + "e" + std::to_string(-places);
  double out = 0;
  std::from_chars(back.data(), back.data() + back.size(), out);
  return out;
}

Result<Value> round_number(EvalContext&, Arguments args) {
  const int64_t places = whole_or(args, 1, 0);
  if (args[0].is_integer() && places >= 0) return args[0];
  const double d = nearest_double(args[0]);
  if (args.size() < 2) return Value::real(std::round(d));
  const double rounded = round_at(d, places);
  return args[0].is_integer() ? whole_or_double(rounded) : Value::real(rounded);
}

Result<Value> sign(EvalContext&, Arguments args) {
  const double d = nearest_double(args[0]);
  return Value::integer(d > 0 ? 1 : d < 0 ? -1 : 0);
}

template <double (*kFunction)(double)>
Result<Value> real_function(EvalContext&, Arguments args) {
  return finite(kFunction(nearest_double(args[0])), "the function");
}

Result<Value> power(EvalContext&, Arguments args) {
  return finite(std::pow(nearest_double(args[0]), nearest_double(args[1])), "pow");
}

Result<Value> logarithm(EvalContext&, Arguments args) {
  const double d = nearest_double(args[0]);
  if (args.size() < 2) return finite(std::log(d), "log");
  return finite(std::log(d) / std::log(nearest_double(args[1])), "log");
}

Result<Value> arc_tangent(EvalContext&, Arguments args) {
  return Value::real(std::atan2(nearest_double(args[0]), nearest_double(args[1])));
}

Result<Value> hypotenuse(EvalContext&, Arguments args) {
  return finite(std::hypot(nearest_double(args[0]), nearest_double(args[1])), "hypot");
}

Result<Value> modulo(EvalContext&, Arguments args) {
  if (args[0].is(ValueKind::kInt) && args[1].is(ValueKind::kInt)) {
    const int64_t a = args[0].as_int(), b = args[1].as_int();
    if (b == 0) return eval_error("mod by zero");
    if (b == -1) return Value::integer(0);
    const int64_t rest = a % b;
    return Value::integer(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
  }
  const double a = nearest_double(args[0]), b = nearest_double(args[1]);
  if (b == 0) return eval_error("mod by zero");
  const double rest = std::fmod(a, b);
  return Value::real(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}

Result<Value> divide_whole(EvalContext&, Arguments args) {
  if (args[0].is(ValueKind::kUint) || args[1].is(ValueKind::kUint)) {
    return eval_error("div needs ints of 64 bits with a sign");
  }
  const int64_t a = args[0].as_int(), b = args[1].as_int();
  if (b == 0) return eval_error("division by zero");
  if (a == INT64_MIN && b == -1) return eval_error("the quotient is beyond an int");
  return Value::integer(a / b);
}

Result<Value> greatest_divisor(EvalContext&, Arguments args) {
  if (args[0].is(ValueKind::kUint) || args[1].is(ValueKind::kUint)) {
    return eval_error("gcd needs ints of 64 bits with a sign");
  }
  const auto size = [](int64_t i) { return i < 0 ? uint64_t{0} - static_cast<uint64_t>(i)
                                                 : static_cast<uint64_t>(i); };
  return Value::unsigned_integer(std::gcd(size(args[0].as_int()), size(args[1].as_int())));
}

Result<Value> clamp(EvalContext&, Arguments args) {
  const Order low = compare(args[0], args[1]), high = compare(args[0], args[2]);
  if (low == Order::kNone || high == Order::kNone) return eval_error("clamp cannot compare these");
  return low == Order::kLess ? args[1] : high == Order::kGreater ? args[2] : args[0];
}

Result<Value> is_nan(EvalContext&, Arguments args) {
  return Value::boolean(std::isnan(nearest_double(args[0])));
}
Result<Value> is_inf(EvalContext&, Arguments args) {
  return Value::boolean(std::isinf(nearest_double(args[0])));
}

Result<Value> random_number(EvalContext& context, Arguments) {
  return Value::real(context.random().uniform());
}

Result<Value> random_int(EvalContext& context, Arguments args) {
  const int64_t from = whole(args[0]), to = whole(args[1]);
  if (to <= from) return eval_error("randomInt needs a range that is not empty");
  const uint64_t range = static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
  return Value::integer(static_cast<int64_t>(static_cast<uint64_t>(from) +
                                             context.random().below(range)));
}

Result<Value> pi(EvalContext&, Arguments) { return Value::real(M_PI); }

Result<Value> format_int(EvalContext& context, Arguments args) {
  const int64_t base = whole(args[1]);
  if (base < 2 || base > 36) return eval_error("a base is 2 to 36");
  char text[72];
  const auto done =
      args[0].is(ValueKind::kUint)
          ? std::to_chars(text, text + sizeof text, args[0].as_uint(), static_cast<int>(base))
          : std::to_chars(text, text + sizeof text, args[0].as_int(), static_cast<int>(base));
  return context.string(std::string_view(text, static_cast<size_t>(done.ptr - text)));
}

Result<Value> parse_int(EvalContext&, Arguments args) {
  const int64_t base = whole_or(args, 1, 10);
  if (base < 2 || base > 36) return eval_error("a base is 2 to 36");
  const std::string_view text = args[0].text();
  int64_t out = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), out, static_cast<int>(base));
  if (error == std::errc() && end == text.data() + text.size()) return Value::integer(out);
  return eval_error("\"" + std::string(text.substr(0, 40)) + "\" is not an int of base " +
                    std::to_string(base));
}

Result<Value> format_number(EvalContext& context, Arguments args) {
  const int64_t places = std::clamp<int64_t>(whole_or(args, 1, 0), 0, 30);
  const std::string_view mark = text_or(args, 2, ",");
  char text[400];
  std::string digits;
  if (args[0].is_integer()) {
    digits = args[0].is(ValueKind::kUint) ? std::to_string(args[0].as_uint())
                                          : std::to_string(args[0].as_int());
    if (places > 0) digits += "." + std::string(static_cast<size_t>(places), '0');
  } else {
    const double d = nearest_double(args[0]);
    if (!std::isfinite(d)) return eval_error("not a finite number");
    const double rounded = places <= 15 ? round_at(d, places) : d;
    digits.assign(text, std::to_chars(text, text + sizeof text, rounded, std::chars_format::fixed,
                                      static_cast<int>(places)).ptr);
  }
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = std::min(digits.find('.'), digits.size()); at > first + 3;) {
    at -= 3;
    digits.insert(at, mark);
  }
  return context.string(digits);
}

constexpr Function kRounding[] = {
    {.name = "abs", .signatures = {"(x: number|duration) -> number|duration"},
     .about = "Without its sign.", .body = absolute,
     .examples = {{"abs(-5)", "", "5"}, {"abs(-1.5)", "", "1.5"},
                  {"abs(x)", R"({"x":-9223372036854775808})", "9223372036854775808"}}},
    {.name = "ceil", .signatures = {"(x: number) -> number"},
     .about = "The next whole number above; ints stay ints.", .body = to_whole<std::ceil>,
     .examples = {{"ceil(1.2)", "", "2.0"}, {"ceil(-1.2)", "", "-1.0"}, {"ceil(7)", "", "7"}}},
    {.name = "floor", .signatures = {"(x: number) -> number"},
     .about = "The next whole number below; ints stay ints.", .body = to_whole<std::floor>,
     .examples = {{"floor(1.8)", "", "1.0"}, {"floor(-1.2)", "", "-2.0"}}},
    {.name = "trunc", .signatures = {"(x: number) -> number"},
     .about = "Without its fraction.", .body = to_whole<std::trunc>,
     .examples = {{"trunc(1.8)", "", "1.0"}, {"trunc(-1.8)", "", "-1.0"}}},
    {.name = "round", .signatures = {"(x: number, places?: int) -> number"},
     .about = "To the nearest whole number, or to so many decimal places; halves away from zero.",
     .body = round_number,
     .examples = {{"round(2.5)", "", "3.0"}, {"round(1.005, 2)", "", "1.01"},
                  {"round(1234, -2)", "", "1200"}, {"round(-0.5)", "", "-1.0"}}},
    {.name = "sign", .signatures = {"(x: number) -> int"}, .about = "−1, 0 or 1.", .body = sign,
     .examples = {{"sign(-2.5)", "", "-1"}, {"sign(0)", "", "0"}}},
    {.name = "clamp", .signatures = {"(x: any, low: any, high: any) -> any"},
     .about = "The value, but not below `low` nor above `high`.", .body = clamp,
     .examples = {{"clamp(15, 0, 10)", "", "10"}, {"clamp('b', 'c', 'd')", "", R"("c")"},
                  {"clamp(1, 'a', 'b')", "", "", "compare"}}},
    {.name = "mod", .signatures = {"(x: number, by: number) -> number"},
     .about = "What is left of a division, with the sign of the divisor.", .body = modulo,
     .examples = {{"mod(-7, 3)", "", "2"}, {"mod(5.5, 2)", "", "1.5"},
                  {"mod(1, 0)", "", "", "zero"}}},
    {.name = "div", .signatures = {"(x: int, by: int) -> int"},
     .about = "The whole part of a division, cut towards zero.", .body = divide_whole,
     .examples = {{"div(-7, 2)", "", "-3"}, {"div(7, 0)", "", "", "zero"}}},
    {.name = "gcd", .signatures = {"(a: int, b: int) -> int"},
     .about = "The greatest common divisor.", .body = greatest_divisor,
     .examples = {{"gcd(12, -18)", "", "6"}, {"gcd(0, 0)", "", "0"}}},
};
constexpr Function kReal[] = {
    {.name = "sqrt", .signatures = {"(x: number) -> double"}, .about = "The square root.",
     .body = real_function<std::sqrt>,
     .examples = {{"sqrt(9)", "", "3.0"}, {"sqrt(-1)", "", "", "finite"}}},
    {.name = "cbrt", .signatures = {"(x: number) -> double"}, .about = "The cube root.",
     .body = real_function<std::cbrt>,
     .examples = {{"round(cbrt(27), 9)", "", "3.0"}, {"cbrt(-8)", "", "-2.0"}}},
    {.name = "pow", .aliases = {"power"}, .signatures = {"(x: number, exponent: number) -> double"},
     .about = "x to a power.", .body = power,
     .examples = {{"pow(2, 10)", "", "1024.0"}, {"pow(0, -1)", "", "", "finite"}}},
    {.name = "exp", .signatures = {"(x: number) -> double"}, .about = "e to the power x.",
     .body = real_function<std::exp>,
     .examples = {{"exp(0)", "", "1.0"}, {"exp(1000)", "", "", "finite"}}},
    {.name = "log", .aliases = {"ln"}, .signatures = {"(x: number, base?: number) -> double"},
     .about = "The logarithm: natural, or of a base.", .body = logarithm,
     .examples = {{"log(1)", "", "0.0"}, {"log(8, 2)", "", "3.0"}, {"log(0)", "", "", "finite"}}},
    {.name = "log2", .signatures = {"(x: number) -> double"}, .about = "The logarithm of base 2.",
     .body = real_function<std::log2>,
     .examples = {{"log2(8)", "", "3.0"}, {"log2(-1)", "", "", "finite"}}},
    {.name = "log10", .signatures = {"(x: number) -> double"},
     .about = "The logarithm of base 10.", .body = real_function<std::log10>,
     .examples = {{"log10(1000)", "", "3.0"}, {"log10(0)", "", "", "finite"}}},
    {.name = "sin", .signatures = {"(x: number) -> double"}, .about = "The sine of radians.",
     .body = real_function<std::sin>,
     .examples = {{"sin(0)", "", "0.0"}, {"round(sin(pi() / 2), 6)", "", "1.0"}}},
    {.name = "cos", .signatures = {"(x: number) -> double"}, .about = "The cosine of radians.",
     .body = real_function<std::cos>,
     .examples = {{"cos(0)", "", "1.0"}, {"round(cos(pi()), 6)", "", "-1.0"}}},
    {.name = "tan", .signatures = {"(x: number) -> double"}, .about = "The tangent of radians.",
     .body = real_function<std::tan>,
     .examples = {{"tan(0)", "", "0.0"}, {"round(tan(pi() / 4), 6)", "", "1.0"}}},
    {.name = "asin", .signatures = {"(x: number) -> double"},
     .about = "The angle, in radians, of a sine.", .body = real_function<std::asin>,
     .examples = {{"asin(0)", "", "0.0"}, {"asin(2)", "", "", "finite"}}},
    {.name = "acos", .signatures = {"(x: number) -> double"},
     .about = "The angle, in radians, of a cosine.", .body = real_function<std::acos>,
     .examples = {{"acos(1)", "", "0.0"}, {"acos(2)", "", "", "finite"}}},
    {.name = "atan", .signatures = {"(x: number) -> double"},
     .about = "The angle, in radians, of a tangent.", .body = real_function<std::atan>,
     .examples = {{"atan(0)", "", "0.0"}, {"round(atan(1), 4)", "", "0.7854"}}},
    {.name = "atan2", .signatures = {"(y: number, x: number) -> double"},
     .about = "The angle, in radians, of a point.", .body = arc_tangent,
     .examples = {{"atan2(0, 1)", "", "0.0"}, {"round(atan2(1, -1), 4)", "", "2.3562"}}},
    {.name = "hypot", .signatures = {"(x: number, y: number) -> double"},
     .about = "The distance of a point from 0.", .body = hypotenuse,
     .examples = {{"hypot(3, 4)", "", "5.0"}, {"hypot(0, 0)", "", "0.0"}}},
    {.name = "pi", .signatures = {"() -> double"}, .about = "π.", .body = pi,
     .examples = {{"round(pi(), 5)", "", "3.14159"}, {"pi(1)", "", "", "pi"}}},
    {.name = "isNaN", .signatures = {"(x: number) -> bool"},
     .about = "Whether it is no number (as the result of float('nan')).", .body = is_nan,
     .examples = {{"isNaN(float('nan'))", "", "true"}, {"isNaN(1)", "", "false"}}},
    {.name = "isInf", .signatures = {"(x: number) -> bool"}, .about = "Whether it is infinite.",
     .body = is_inf, .examples = {{"isInf(float('inf'))", "", "true"}, {"isInf(1)", "", "false"}}},
};
constexpr Function kNumberText[] = {
    {.name = "random", .signatures = {"() -> double"},
     .about = "Any number from 0 to below 1; repeatable where the run is seeded.",
     .purity = Purity::kPerRecord, .body = random_number,
     .examples = {{"between(random(), 0, 1)", "", "true"}, {"random(1)", "", "", "random"}}},
    {.name = "randomInt", .signatures = {"(from: int, to: int) -> int"},
     .about = "Any int from `from` to below `to`.", .purity = Purity::kPerRecord,
     .body = random_int,
     .examples = {{"randomInt(5, 6)", "", "5"}, {"randomInt(5, 5)", "", "", "not empty"}}},
    {.name = "formatInt", .signatures = {"(x: int, base: int) -> string"},
     .about = "An int in another base, 2 to 36.", .body = format_int,
     .examples = {{"formatInt(255, 16)", "", R"("ff")"}, {"formatInt(-5, 2)", "", R"("-101")"},
                  {"formatInt(5, 1)", "", "", "2 to 36"}}},
    {.name = "parseInt", .signatures = {"(text: text, base?: int) -> int"},
     .about = "The int that a text of a base (10) writes.", .body = parse_int,
     .examples = {{"parseInt('ff', 16)", "", "255"}, {"parseInt('12x')", "", "", "12x"}}},
    {.name = "formatNumber", .signatures = {"(x: number, places?: int, mark?: text) -> string"},
     .about = "With so many decimal places (0) and a mark (,) between thousands.",
     .body = format_number,
     .examples = {{"formatNumber(1234567.891, 2)", "", R"("1,234,567.89")"},
                  {"formatNumber(-1234, 0, \"'\")", "", R"("-1'234")"},
                  {"formatNumber(12)", "", R"("12")"}}},
};

}  // namespace

void add_number_functions(FunctionTable& table) {
  add_rows(table, {"number"}, kRounding);
  add_rows(table, {"number"}, kReal);
  add_rows(table, {"number"}, kNumberText);
}

}  // namespace penstock
