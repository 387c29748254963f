// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/go_text.h"
#include "expr/functions/go_values.h"
#include "expr/functions/library.h"
#include "value/write_json.h"

namespace penstock {
namespace {

Result<Value> default_to(EvalContext&, Arguments args) {
  return args.size() < 2 || sprig_empty(args[1]) ? args[0] : args[1];
}
Result<Value> empty(EvalContext&, Arguments args) { return Value::boolean(sprig_empty(args[0])); }
Result<Value> coalesce(EvalContext&, Arguments args) {
  for (const Value& v : args) {
    if (!sprig_empty(v)) return v;
  }
  return Value();
}
Result<Value> same(EvalContext&, Arguments args) { return args[0]; }
Result<Value> ternary(EvalContext&, Arguments args) {
  return args[2].as_bool() ? args[0] : args[1];
}

template <int kIndent>
Result<Value> to_json(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 16));
  JsonStyle style;
  style.indent = kIndent;
  style.sort_keys = style.escape_html = style.go_numbers = true;
  auto text = json_value(args[0], context.arena(), style);
  if (!text && text.error().code == "not-json") return Value::string("");
  return text;
}

Result<Value> type_of_value(EvalContext&, Arguments args) {
  return Value::string(go_type(args[0]));
}
Result<Value> type_is(EvalContext&, Arguments args) {
  return Value::boolean(args[0].text() == go_type(args[1]));
}
Result<Value> type_is_like(EvalContext&, Arguments args) {
  const std::string pointer = "*" + std::string(args[0].text());
  return Value::boolean(args[0].text() == go_type(args[1]) || pointer == go_type(args[1]));
}
Result<Value> kind_of(EvalContext&, Arguments args) { return Value::string(go_kind(args[0])); }
Result<Value> kind_is(EvalContext&, Arguments args) {
  return Value::boolean(args[0].text() == go_kind(args[1]));
}
Result<Value> is_deep_equal(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size()));
  return Value::boolean(deep_equal(args[0], args[1]));
}
Result<Value> fail(EvalContext&, Arguments args) {
  return eval_error(std::string(args[0].text().substr(0, 500)));
}

constexpr Function kDefaults[] = {
    {.name = "default", .signatures = {"(otherwise: any, value...: any) -> any"},
     .about = "The value, or `otherwise` if it is empty: nil, false, 0 or without length.",
     .body = default_to,
     .examples = {{"sprig.default('x', 0)", "", R"("x")"}, {"sprig.default('x', 5)", "", "5"},
                  {"sprig.default('x')", "", R"("x")"}}},
    {.name = "empty", .signatures = {"(value: any) -> bool"},
     .about = "Whether it is nil, false, 0 or without length.", .body = empty,
     .examples = {{"sprig.empty(0)", "", "true"}, {"sprig.empty('0')", "", "false"}}},
    {.name = "coalesce", .signatures = {"(values...: any) -> any"},
     .about = "The first that is not empty.", .body = coalesce,
     .examples = {{"sprig.coalesce(0, '', 'a')", "", R"("a")"}, {"sprig.coalesce()", "", "null"}}},
    {.name = "deepCopy", .signatures = {"(value: any) -> any"},
     .about = "The same value (values never change here).", .body = same,
     .examples = {{"sprig.deepCopy({a: [1]})", "", R"({"a":[1]})"}, {"sprig.deepCopy(5)", "",
                                                                    "5"}}},
    {.name = "ternary", .signatures = {"(yes: any, no: any, condition: bool) -> any"},
     .about = "The first if the condition holds, else the second.", .body = ternary,
     .examples = {{"sprig.ternary(1, 2, true)", "", "1"}, {"sprig.ternary(1, 2, nil)", "", "",
                                                          "ternary"}}},
    {.name = "toJson", .signatures = {"(value: any) -> string"},
     .about = "JSON as Go writes it.", .body = to_json<0>,
     .examples = {{"sprig.toJson({'b': '<', 'a': 1.0})", "",
                   R"("{\"a\":1,\"b\":\"\\u003c\"}")"},
                  {"sprig.toJson(nil)", "", R"("null")"}}},
    {.name = "toPrettyJson", .signatures = {"(value: any) -> string"},
     .about = "JSON as Go writes it, indented.", .body = to_json<2>,
     .examples = {{"sprig.toPrettyJson({'a': [1]})", "", R"("{\n  \"a\": [\n    1\n  ]\n}")"},
                  {"sprig.toPrettyJson([])", "", R"("[]")"}}},
    {.name = "typeOf", .signatures = {"(value: any) -> string"}, .about = "Its type in Go.",
     .body = type_of_value,
     .examples = {{"sprig.typeOf(1.5)", "", R"("float64")"},
                  {"sprig.typeOf([])", "", R"("[]interface {}")"}}},
    {.name = "typeIs", .signatures = {"(type: string, value: any) -> bool"},
     .about = "Whether it is of a type of Go.", .body = type_is,
     .examples = {{"sprig.typeIs('int', 1)", "", "true"}, {"sprig.typeIs('int', 'a')", "",
                                                          "false"}}},
    {.name = "typeIsLike", .signatures = {"(type: string, value: any) -> bool"},
     .about = "Whether it is of a type of Go or a pointer to it.", .body = type_is_like,
     .examples = {{"sprig.typeIsLike('string', 'a')", "", "true"},
                  {"sprig.typeIsLike('string', 1)", "", "false"}}},
    {.name = "kindOf", .signatures = {"(value: any) -> string"}, .about = "Its kind in Go.",
     .body = kind_of,
     .examples = {{"sprig.kindOf([])", "", R"("slice")"}, {"sprig.kindOf({})", "", R"("map")"}}},
    {.name = "kindIs", .signatures = {"(kind: string, value: any) -> bool"},
     .about = "Whether it is of a kind of Go.", .body = kind_is,
     .examples = {{"sprig.kindIs('map', {})", "", "true"}, {"sprig.kindIs('map', nil)", "",
                                                           "false"}}},
    {.name = "deepEqual", .signatures = {"(a: any, b: any) -> bool"},
     .about = "Whether both are the same, types included: 1 and 1.0 are not.",
     .body = is_deep_equal,
     .examples = {{"sprig.deepEqual([1], [1])", "", "true"}, {"sprig.deepEqual(1, 1.0)", "",
                                                             "false"}}},
    {.name = "fail", .signatures = {"(message: string) -> string"},
     .about = "Fails with a message.", .purity = Purity::kPerRecord, .body = fail,
     .examples = {{"sprig.fail('no id')", "", "", "no id"}, {"sprig.fail(1)", "", "", "fail"}}},
};

}  // namespace

void add_sprig_default_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kDefaults);
}

}  // namespace penstock
