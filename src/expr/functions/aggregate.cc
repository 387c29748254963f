// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/numbers.h"

// One number of many: the arguments, and the items of arrays among them, however deep.
namespace penstock {
namespace {

Error wrong_item(std::string_view function, const Value& v) {
  return eval_error(std::string(function) + " needs numbers, not a " +
                    std::string(kind_name(v.kind())));
}

/// Calls visit for every number in the arguments.
template <class Visit>
Result<void> each_number(EvalContext& context, std::string_view function, Arguments args,
                         const Visit& visit, uint32_t depth = 0) {
  if (depth > context.limits().depth_max) return eval_error("the arrays are nested too deep");
  PENSTOCK_TRY(context.spend(args.size()));
  for (const Value& v : args) {
    if (v.is(ValueKind::kArray)) {
      PENSTOCK_TRY(each_number(context, function, v.items(), visit, depth + 1));
    } else if (v.is_numeric()) {
      visit(v);
    } else {
      return wrong_item(function, v);
    }
  }
  return {};
}

template <Order kWanted>
Result<Value> extreme(EvalContext& context, Arguments args) {
  Value best;
  PENSTOCK_TRY(each_number(context, kWanted == Order::kLess ? "min" : "max", args,
                           [&](const Value& v) {
                             if (best.is_null() || compare(v, best) == kWanted) best = v;
                           }));
  return best;
}

Result<Value> sum(EvalContext& context, Arguments args) {
  Value total = Value::integer(0);
  PENSTOCK_TRY(each_number(context, "sumOf", args,
                           [&](const Value& v) { total = add_numbers(total, v); }));
  return total;
}

Result<Value> product(EvalContext& context, Arguments args) {
  Value total = Value::integer(1);
  PENSTOCK_TRY(each_number(context, "product", args, [&](const Value& v) {
    int64_t exact = 0;
    if (total.is(ValueKind::kInt) && v.is(ValueKind::kInt) &&
        !__builtin_mul_overflow(total.as_int(), v.as_int(), &exact)) {
      total = Value::integer(exact);
    } else {
      total = Value::real(nearest_double(total) * nearest_double(v));
    }
  }));
  return total;
}

Result<std::vector<double>> numbers_of(EvalContext& context, std::string_view function,
                                       Arguments args) {
  std::vector<double> out;
  PENSTOCK_TRY(each_number(context, function, args,
                           [&](const Value& v) { out.push_back(nearest_double(v)); }));
  return out;
}

Result<Value> mean(EvalContext& context, Arguments args) {
  const auto numbers = numbers_of(context, "mean", args);
  if (!numbers) return numbers.error();
  double total = 0;
  for (const double d : *numbers) total += d;
  return Value::real(numbers->empty() ? 0 : total / static_cast<double>(numbers->size()));
}

Result<Value> median(EvalContext& context, Arguments args) {
  auto numbers = numbers_of(context, "median", args);
  if (!numbers) return numbers.error();
  const size_t n = numbers->size();
  if (n == 0) return Value::real(0);
  std::sort(numbers->begin(), numbers->end());
  return Value::real(n % 2 == 1 ? (*numbers)[n / 2]
                                : ((*numbers)[n / 2 - 1] + (*numbers)[n / 2]) / 2);
}

template <bool kRoot>
Result<Value> spread(EvalContext& context, Arguments args) {
  const auto numbers = numbers_of(context, kRoot ? "stddev" : "variance", args);
  if (!numbers) return numbers.error();
  if (numbers->size() < 2) return Value::real(0);
  double mean = 0, squares = 0, count = 0;  // Welford 1962
  for (const double d : *numbers) {
    const double before = d - mean;
    mean += before / ++count;
    squares += before * (d - mean);
  }
  const double variance = squares / (count - 1);
  return Value::real(kRoot ? std::sqrt(variance) : variance);
}

Result<Value> percentile(EvalContext& context, Arguments args) {
  auto numbers = numbers_of(context, "percentile", args.subspan(0, 1));
  if (!numbers) return numbers.error();
  const double p = nearest_double(args[1]);
  if (!(p >= 0 && p <= 100)) return eval_error("a percentile is 0 to 100");
  if (numbers->empty()) return Value();
  std::sort(numbers->begin(), numbers->end());
  const double at = p / 100 * static_cast<double>(numbers->size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, numbers->size() - 1);
  return Value::real((*numbers)[below] +
                     (at - static_cast<double>(below)) * ((*numbers)[above] - (*numbers)[below]));
}

constexpr Function kAggregates[] = {
    {.name = "min", .signatures = {"(values...: any) -> number|nil"},
     .about = "The least number; nil of none.", .body = extreme<Order::kLess>,
     .examples = {{"min(3, 1.5, [2])", "", "1.5"}, {"min([])", "", "null"},
                  {"min('a', 'b')", "", "", "numbers"}}},
    {.name = "max", .signatures = {"(values...: any) -> number|nil"},
     .about = "The greatest number; nil of none.", .body = extreme<Order::kGreater>,
     .examples = {{"max(3, 1.5, [7, [9]])", "", "9"},
                  {"max([9007199254740993, 9007199254740992])", "", "9007199254740993"},
                  {"max(true)", "", "", "numbers"}}},
    {.name = "sumOf", .aliases = {"total"}, .signatures = {"(values...: any) -> number"},
     .about = "All numbers together; an int as long as all are and the sum fits.", .body = sum,
     .examples = {{"sumOf([1, 2], 3)", "", "6"}, {"sumOf([1, [0.5]])", "", "1.5"},
                  {"sumOf([])", "", "0"}, {"sumOf(['a'])", "", "", "numbers"}}},
    {.name = "product", .signatures = {"(values...: any) -> number"},
     .about = "All numbers multiplied.", .body = product,
     .examples = {{"product([2, 3, 4])", "", "24"}, {"product([])", "", "1"}}},
    {.name = "mean", .aliases = {"avg"}, .signatures = {"(values...: any) -> double"},
     .about = "The arithmetic mean; 0 of nothing.", .body = mean,
     .examples = {{"mean(1, 2)", "", "1.5"}, {"mean([])", "", "0.0"},
                  {"mean(['a'])", "", "", "numbers"}}},
    {.name = "median", .signatures = {"(values...: any) -> double"},
     .about = "The middle one, or the mean of the two in the middle; 0 of nothing.",
     .body = median,
     .examples = {{"median(3, 1, 2)", "", "2.0"}, {"median([1, 2, 3, 4])", "", "2.5"}}},
    {.name = "stddev", .signatures = {"(values...: any) -> double"},
     .about = "The standard deviation of a sample.", .body = spread<true>,
     .examples = {{"stddev([2, 4, 4, 4, 5, 5, 7, 9, 5])", "", "2.0"}, {"stddev([1])", "", "0.0"}}},
    {.name = "variance", .signatures = {"(values...: any) -> double"},
     .about = "The variance of a sample.", .body = spread<false>,
     .examples = {{"variance([1, 2, 3, 4])", "", "1.6666666666666667"},
                  {"variance([])", "", "0.0"}}},
    {.name = "percentile", .signatures = {"(items: array, percent: number) -> double|nil"},
     .about = "The value below which so many percent lie, interpolated; nil of nothing.",
     .body = percentile,
     .examples = {{"percentile([1, 2, 3, 4], 50)", "", "2.5"}, {"percentile([], 50)", "", "null"},
                  {"percentile([1], 101)", "", "", "0 to 100"}}},
};

}  // namespace

void add_aggregate_functions(FunctionTable& table) { add_rows(table, {"number"}, kAggregates); }

}  // namespace penstock
