// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/go_text.h"
#include "expr/functions/go_values.h"
#include "expr/functions/library.h"

// Numbers of sprig: ints that wrap around, whatever they are made of.
namespace penstock {
namespace {

Value wrapped(uint64_t bits) { return Value::integer(static_cast<int64_t>(bits)); }
uint64_t bits(const Value& v) { return static_cast<uint64_t>(sprig_int(v)); }

Result<Value> atoi(EvalContext&, Arguments args) {
  return Value::integer(go_parse_int(args[0].text()).value_or(0));
}
Result<Value> to_int(EvalContext&, Arguments args) { return Value::integer(sprig_int(args[0])); }
Result<Value> to_float(EvalContext&, Arguments args) { return Value::real(sprig_float(args[0])); }
Result<Value> to_decimal(EvalContext&, Arguments args) {
  return Value::integer(go_parse_int(go_value(args[0]), 8).value_or(0));
}

Result<Value> add1(EvalContext&, Arguments args) { return wrapped(bits(args[0]) + 1); }
Result<Value> add(EvalContext&, Arguments args) {
  uint64_t sum = 0;
  for (const Value& v : args) sum += bits(v);
  return wrapped(sum);
}
Result<Value> sub(EvalContext&, Arguments args) { return wrapped(bits(args[0]) - bits(args[1])); }
Result<Value> mul(EvalContext&, Arguments args) {
  uint64_t product = 1;
  for (const Value& v : args) product *= bits(v);
  return wrapped(product);
}
Result<Value> div(EvalContext&, Arguments args) {
  const int64_t a = sprig_int(args[0]), b = sprig_int(args[1]);
  if (b == 0) return eval_error("integer divide by zero");
  return b == -1 ? wrapped(uint64_t{0} - static_cast<uint64_t>(a)) : Value::integer(a / b);
}
Result<Value> mod(EvalContext&, Arguments args) {
  const int64_t a = sprig_int(args[0]), b = sprig_int(args[1]);
  if (b == 0) return eval_error("integer divide by zero");
  return Value::integer(b == -1 ? 0 : a % b);
}

template <bool kMost>
Result<Value> extreme(EvalContext&, Arguments args) {
  int64_t best = sprig_int(args[0]);
  for (const Value& v : args.subspan(1)) {
    best = kMost ? std::max(best, sprig_int(v)) : std::min(best, sprig_int(v));
  }
  return Value::integer(best);
}

Result<Value> ceil(EvalContext&, Arguments args) {
  return Value::real(std::ceil(sprig_float(args[0])));
}
Result<Value> floor(EvalContext&, Arguments args) {
  return Value::real(std::floor(sprig_float(args[0])));
}
Result<Value> round(EvalContext&, Arguments args) {
  const double on = args.size() > 2 ? nearest_double(args[2]) : 0.5;
  const double scale = std::pow(10.0, static_cast<double>(whole(args[1])));
  const double digit = scale * sprig_float(args[0]);
  double cut = 0;
  const double rest = std::modf(digit, &cut);
  return Value::real((rest >= on ? std::ceil(digit) : std::floor(digit)) / scale);
}

Result<Value> steps(EvalContext& context, int64_t from, int64_t to, int64_t step) {
  if (from == to || step == 0 || (to < from) != (step < 0)) return Value::array({});
  const uint64_t distance = to < from ? static_cast<uint64_t>(from) - static_cast<uint64_t>(to)
                                      : static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
  const uint64_t stride = step < 0 ? uint64_t{0} - static_cast<uint64_t>(step)
                                   : static_cast<uint64_t>(step);
  const uint64_t count = (distance - 1) / stride + 1;
  if (count > context.limits().range_max) {
    return eval_error(std::to_string(count) + " items; the limit is " +
                      std::to_string(context.limits().range_max));
  }
  PENSTOCK_TRY(context.spend(count));
  ArrayBuilder out(context.arena(), count);
  for (uint64_t i = 0; i < count; ++i) {
    out.push(wrapped(static_cast<uint64_t>(from) + i * static_cast<uint64_t>(step)));
  }
  return out.finish();
}
Result<Value> until(EvalContext& context, Arguments args) {
  return steps(context, 0, whole(args[0]), whole(args[0]) < 0 ? -1 : 1);
}
Result<Value> until_step(EvalContext& context, Arguments args) {
  return steps(context, whole(args[0]), whole(args[1]), whole(args[2]));
}

constexpr Function kConversions[] = {
    {.name = "atoi", .signatures = {"(text: string) -> int"},
     .about = "The int of a text; 0 if it is none.", .body = atoi,
     .examples = {{"sprig.atoi('42')", "", "42"}, {"sprig.atoi('4x')", "", "0"}}},
    {.name = "int", .aliases = {"int64"}, .signatures = {"(value: any) -> int"},
     .about = "An int of anything; 0 if it makes none.", .body = to_int,
     .examples = {{"sprig.int(2.9)", "", "2"}, {"sprig.int64('x')", "", "0"}}},
    {.name = "float64", .signatures = {"(value: any) -> double"},
     .about = "A double of anything; 0 if it makes none.", .body = to_float,
     .examples = {{"sprig.float64('1.5')", "", "1.5"}, {"sprig.float64(true)", "", "1.0"}}},
    {.name = "toDecimal", .signatures = {"(value: any) -> int"},
     .about = "The int that octal digits write.", .body = to_decimal,
     .examples = {{"sprig.toDecimal('0755')", "", "493"}, {"sprig.toDecimal(9)", "", "0"}}},
};
constexpr Function kArithmetic[] = {
    {.name = "add1",
     .signatures = {"(value: any) -> int"},
     .about = "One more.",
     .body = add1,
     .examples = {{"sprig.add1(1)", "", "2"}, {"sprig.add1('x')", "", "1"}}},
    {.name = "add",
     .signatures = {"(values...: any) -> int"},
     .about = "The sum.",
     .body = add,
     .examples = {{"sprig.add(1, '2', 3.9)", "", "6"}, {"sprig.add()", "", "0"}}},
    {.name = "sub",
     .signatures = {"(a: any, b: any) -> int"},
     .about = "The difference.",
     .body = sub,
     .examples = {{"sprig.sub(5, 3)", "", "2"}, {"sprig.sub(nil, 1)", "", "-1"}}},
    {.name = "div",
     .signatures = {"(a: any, b: any) -> int"},
     .about = "The whole part of the quotient.",
     .body = div,
     .examples = {{"sprig.div(-7, 2)", "", "-3"}, {"sprig.div(1, 0)", "", "", "divide by zero"}}},
    {.name = "mod",
     .signatures = {"(a: any, b: any) -> int"},
     .about = "What a division leaves.",
     .body = mod,
     .examples = {{"sprig.mod(-7, 2)", "", "-1"}, {"sprig.mod(1, 0)", "", "", "divide by zero"}}},
    {.name = "mul",
     .signatures = {"(a: any, more...: any) -> int"},
     .about = "The product.",
     .body = mul,
     .examples = {{"sprig.mul(2, 3, '4')", "", "24"},
                  {"sprig.mul(9223372036854775807, 2)", "", "-2"}}},
    {.name = "max",
     .aliases = {"biggest"},
     .signatures = {"(a: any, more...: any) -> int"},
     .about = "The greatest.",
     .body = extreme<true>,
     .examples = {{"sprig.max(1, 3, 2)", "", "3"}, {"sprig.biggest(-1.5, 'x')", "", "0"}}},
    {.name = "min",
     .signatures = {"(a: any, more...: any) -> int"},
     .about = "The least.",
     .body = extreme<false>,
     .examples = {{"sprig.min(1, 3, 2)", "", "1"}, {"sprig.min(5)", "", "5"}}},
    {.name = "ceil",
     .signatures = {"(value: any) -> double"},
     .about = "The next whole number above.",
     .body = ceil,
     .examples = {{"sprig.ceil(1.2)", "", "2.0"}, {"sprig.ceil('x')", "", "0.0"}}},
    {.name = "floor",
     .signatures = {"(value: any) -> double"},
     .about = "The next whole number below.",
     .body = floor,
     .examples = {{"sprig.floor(-1.2)", "", "-2.0"}, {"sprig.floor('1.9')", "", "1.0"}}},
    {.name = "round",
     .signatures = {"(value: any, places: int, on?: number) -> double"},
     .about = "At a decimal place; upwards from a fraction on (0.5).",
     .body = round,
     .examples = {{"sprig.round(123.5555, 3)", "", "123.556"},
                  {"sprig.round(123.5, 0, 0.6)", "", "123.0"}}},
    {.name = "until",
     .signatures = {"(count: int) -> array[int]"},
     .about = "The ints from 0 to before count.",
     .body = until,
     .examples = {{"sprig.until(3)", "", "[0,1,2]"}, {"sprig.until(-2)", "", "[0,-1]"}}},
    {.name = "untilStep",
     .signatures = {"(start: int, stop: int, step: int) -> array[int]"},
     .about = "The ints from start to before stop.",
     .body = until_step,
     .examples = {{"sprig.untilStep(0, 5, 2)", "", "[0,2,4]"},
                  {"sprig.untilStep(0, 5, -1)", "", "[]"},
                  {"sprig.untilStep(0, 100000000, 1)", "", "", "limit"}}},
};

}  // namespace

void add_sprig_number_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kConversions);
  add_rows(table, {"sprig", "sprig"}, kArithmetic);
}

}  // namespace penstock
