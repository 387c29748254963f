// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "value/write_json.h"

// Arguments are evaluated before the call: to choose without evaluating both, use ?: and ??.
namespace penstock {
namespace {

Result<Value> coalesce(EvalContext&, Arguments args) {
  for (const Value& v : args) {
    if (!v.is_null()) return v;
  }
  return Value();
}

bool empty(const Value& v) {
  return v.is_null() || ((v.is_text() || v.is(ValueKind::kArray) || v.is(ValueKind::kMap)) &&
                         v.size() == 0);
}

Result<Value> is_empty(EvalContext&, Arguments args) { return Value::boolean(empty(args[0])); }

Result<Value> default_to(EvalContext&, Arguments args) {
  return empty(args[0]) ? args[1] : args[0];
}

Result<Value> null_if(EvalContext&, Arguments args) {
  return equal(args[0], args[1]) ? Value() : args[0];
}

Result<Value> if_else(EvalContext&, Arguments args) {
  return args[0].as_bool() ? args[1] : args.size() > 2 ? args[2] : Value();
}

Result<Value> case_of(EvalContext&, Arguments args) {
  size_t at = 1;
  for (; at + 1 < args.size(); at += 2) {
    if (equal(args[0], args[at])) return args[at + 1];
  }
  return at < args.size() ? args[at] : Value();
}

Result<Value> between(EvalContext&, Arguments args) {
  const Order low = compare(args[0], args[1]), high = compare(args[0], args[2]);
  if (low == Order::kNone || high == Order::kNone) {
    return eval_error("between cannot compare these");
  }
  return Value::boolean(low != Order::kLess && high != Order::kGreater);
}

template <Order kWanted>
Result<Value> extreme(EvalContext&, Arguments args) {
  Value best;
  for (const Value& v : args) {
    if (v.is_null()) continue;
    if (best.is_null()) {
      best = v;
      continue;
    }
    const Order order = compare(v, best);
    if (order == Order::kNone) {
      return eval_error("a " + std::string(kind_name(v.kind())) + " and a " +
                        std::string(kind_name(best.kind())) + " cannot be compared");
    }
    if (order == kWanted) best = v;
  }
  return best;
}

Result<Value> compare_values(EvalContext&, Arguments args) {
  const Order order = compare(args[0], args[1]);
  if (order == Order::kNone) return eval_error("these two cannot be compared");
  return Value::integer(static_cast<int64_t>(order));
}

Result<Value> fail(EvalContext&, Arguments args) {
  return eval_error(std::string(args[0].text().substr(0, 500)));
}

Result<Value> check(EvalContext&, Arguments args) {
  if (args[0].as_bool()) return args.size() > 2 ? args[2] : Value::boolean(true);
  return eval_error(std::string(text_or(args, 1, "a condition does not hold").substr(0, 500)));
}

constexpr Function kChoice[] = {
    {.name = "coalesce", .signatures = {"(values...: any) -> any"},
     .about = "The first that is not nil.", .body = coalesce,
     .examples = {{"coalesce(nil, 0, 5)", "", "0"}, {"coalesce(nil)", "", "null"},
                  {"coalesce()", "", "null"}}},
    {.name = "default", .signatures = {"(value: any, otherwise: any) -> any"},
     .about = "The value, or `otherwise` if it is nil or empty.", .body = default_to,
     .examples = {{"default('', 'none')", "", R"("none")"}, {"default(0, 5)", "", "0"}}},
    {.name = "isEmpty", .signatures = {"(value: any) -> bool"},
     .about = "Whether it is nil or a text, array or map of length 0.", .body = is_empty,
     .examples = {{"isEmpty([])", "", "true"}, {"isEmpty(0)", "", "false"},
                  {"isEmpty(nil)", "", "true"}}},
    {.name = "nullif", .aliases = {"nullIf"}, .signatures = {"(value: any, other: any) -> any"},
     .about = "nil if both are equal, else the value.", .body = null_if,
     .examples = {{"nullif('-', '-')", "", "null"}, {"nullif(1, 2)", "", "1"},
                  {"nullif(1, 1.0)", "", "null"}}},
    {.name = "ifElse", .aliases = {"iif"},
     .signatures = {"(condition: bool, yes: any, no?: any) -> any"},
     .about = "One of two values; both are evaluated (?: evaluates one).", .body = if_else,
     .examples = {{"ifElse(1 < 2, 'a', 'b')", "", R"("a")"}, {"ifElse(false, 1)", "", "null"},
                  {"ifElse(1, 2, 3)", "", "", "ifElse"}}},
    {.name = "caseOf", .aliases = {"decodeCase"},
     .signatures = {"(value: any, cases...: any) -> any"},
     .about = "The value behind the first case that equals the first argument: caseOf(x, case1, "
              "value1, case2, value2, otherwise).",
     .body = case_of,
     .examples = {{"caseOf(2, 1, 'one', 2, 'two', 'many')", "", R"("two")"},
                  {"caseOf(9, 1, 'one', 'many')", "", R"("many")"},
                  {"caseOf(9, 1, 'one')", "", "null"}}},
    {.name = "between", .signatures = {"(value: any, low: any, high: any) -> bool"},
     .about = "Whether it is not below `low` nor above `high`.", .body = between,
     .examples = {{"between(5, 1, 5)", "", "true"}, {"between('c', 'a', 'b')", "", "false"},
                  {"between('a', 1, 2)", "", "", "compare"}}},
    {.name = "greatest", .signatures = {"(values...: any) -> any"},
     .about = "The greatest of numbers, strings, times or durations; nil is left out.",
     .body = extreme<Order::kGreater>,
     .examples = {{"greatest(1, nil, 2.5)", "", "2.5"}, {"greatest('a', 'b')", "", R"("b")"},
                  {"greatest(1, 'a')", "", "", "cannot be compared"}}},
    {.name = "least", .signatures = {"(values...: any) -> any"},
     .about = "The least of numbers, strings, times or durations; nil is left out.",
     .body = extreme<Order::kLess>,
     .examples = {{"least(1, nil, 2.5)", "", "1"}, {"least()", "", "null"}}},
    {.name = "compare", .signatures = {"(a: any, b: any) -> int"},
     .about = "−1, 0 or 1: whether the first is less, equal or greater.", .body = compare_values,
     .examples = {{"compare(1, 2)", "", "-1"}, {"compare('b', 'a')", "", "1"},
                  {"compare(1, 'a')", "", "", "compared"}}},
    {.name = "error", .aliases = {"fail"}, .signatures = {"(message: text) -> nil"},
     .about = "Fails with a message: the record is rejected.",
     .purity = Purity::kPerRecord, .body = fail,
     .examples = {{"error('no id')", "", "", "no id"}, {"fail('x')", "", "", "x"}}},
    {.name = "check", .aliases = {"ensure"},
     .signatures = {"(condition: bool, message?: text, value?: any) -> any"},
     .about = "The value (or true) if the condition holds; else fails with the message.",
     .purity = Purity::kPerRecord, .body = check,
     .examples = {{"check(1 < 2, 'odd', 5)", "", "5"}, {"check(false, 'odd')", "", "", "odd"},
                  {"check(true)", "", "true"}}},
};

}  // namespace

void add_choice_functions(FunctionTable& table) { add_rows(table, {"choice"}, kChoice); }

}  // namespace penstock
