// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/convert.h"

#include "expr/functions/arguments.h"
#include "expr/functions/go_text.h"
#include "expr/functions/library.h"
#include "expr/functions/numbers.h"
#include "expr/functions/unicode.h"
#include "json/parse.h"
#include "value/write_json.h"

namespace penstock {
namespace {

std::string shown(const Value& v) {
  const std::string text = display(v);
  return "\"" + std::string(std::string_view(text).substr(0, 40)) + "\"";
}

/// Every integer within becomes a double.
Result<Value> with_doubles(EvalContext& context, const Value& v) {
  PENSTOCK_TRY(context.spend(1));
  if (v.is_integer() || v.is(ValueKind::kNumber)) return Value::real(nearest_double(v));
  if (v.is(ValueKind::kArray)) {
    ArrayBuilder out(context.arena(), v.size());
    for (const Value& item : v.items()) {
      auto made = with_doubles(context, item);
      if (!made) return made;
      out.push(*made);
    }
    return out.finish();
  }
  if (v.is(ValueKind::kMap)) {
    MapBuilder out(context.arena(), v.size());
    for (const MapEntry& entry : v.entries()) {
      auto made = with_doubles(context, entry.value);
      if (!made) return made;
      out.add_new(entry.key, *made);
    }
    return out.finish();
  }
  return v;
}

}  // namespace

Result<Value> to_int(const Value& v) {
  if (v.is_integer()) return v;
  if (v.is(ValueKind::kDouble) || v.is(ValueKind::kNumber)) {
    const auto cut = cut_to_int(nearest_double(v));
    if (cut) return Value::integer(*cut);
    return eval_error(shown(v) + " is beyond an int");
  }
  if (v.is_text()) {
    const auto read = go_parse_int(v.text());
    if (read) return Value::integer(*read);
  }
  if (v.is(ValueKind::kBool)) return Value::integer(v.as_bool());
  return eval_error("int() cannot read " + shown(v));
}

Result<Value> to_float(const Value& v) {
  if (v.is_numeric()) return Value::real(nearest_double(v));
  if (v.is_text()) {
    const auto read = go_parse_float(v.text());
    if (read) return Value::real(*read);
  }
  return eval_error("float() cannot read " + shown(v));
}

Result<Value> read_json(EvalContext& context, std::string_view text, bool all_doubles) {
  PENSTOCK_TRY(context.spend(1 + text.size() / 16));
  JsonParser parser;
  auto read = parser.parse(text, context.arena(),
                           all_doubles ? DuplicateKeys::kLast : DuplicateKeys::kFirst);
  if (!read) return eval_error(read.error().message);
  return all_doubles ? with_doubles(context, *read) : *read;
}

namespace {

Result<Value> type(EvalContext&, Arguments args) {
  const ValueKind kind = args[0].kind();
  if (kind == ValueKind::kDouble || kind == ValueKind::kNumber) return Value::string("float");
  return Value::string(kind_name(kind));
}

Result<Value> to_int_function(EvalContext&, Arguments args) { return to_int(args[0]); }
Result<Value> to_float_function(EvalContext&, Arguments args) { return to_float(args[0]); }

Result<Value> try_int(EvalContext&, Arguments args) {
  auto made = to_int(args[0]);
  return made ? made : args.size() > 1 ? args[1] : Value();
}
Result<Value> try_float(EvalContext&, Arguments args) {
  auto made = to_float(args[0]);
  return made ? made : args.size() > 1 ? args[1] : Value();
}
Result<Value> try_json(EvalContext& context, Arguments args) {
  auto made = args[0].is_text() ? read_json(context, args[0].text())
                                : Result<Value>(eval_error(""));
  if (!made && made.error().code != "expression-failed") return made;  // a limit
  return made ? made : args.size() > 1 ? args[1] : Value();
}

Result<Value> to_string_function(EvalContext& context, Arguments args) {
  if (args[0].is(ValueKind::kString)) return args[0];
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 16));
  const std::string text = display(args[0]);
  PENSTOCK_TRY(may_make(context, text.size()));
  return context.string(text);
}

Result<Value> to_bytes(EvalContext&, Arguments args) { return Value::bytes(args[0].text()); }

Result<Value> to_bool(EvalContext&, Arguments args) {
  const Value& v = args[0];
  if (v.is(ValueKind::kBool)) return v;
  if (v.is_null()) return Value::boolean(false);
  if (v.is_numeric()) return Value::boolean(nearest_double(v) != 0);
  if (v.is_text()) {
    const std::string word = map_code_points(v.text(), to_lower);
    for (const char* yes : {"true", "t", "yes", "y", "on", "1"}) {
      if (word == yes) return Value::boolean(true);
    }
    for (const char* no : {"false", "f", "no", "n", "off", "0"}) {
      if (word == no) return Value::boolean(false);
    }
  }
  return eval_error("bool() cannot read " + shown(v));
}

Result<Value> to_json(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 16));
  JsonStyle style;
  style.indent = static_cast<int>(std::clamp<int64_t>(whole_or(args, 1, 0), 0, 16));
  return json_value(args[0], context.arena(), style);
}

Result<Value> from_json(EvalContext& context, Arguments args) {
  return read_json(context, args[0].text());
}

Result<Value> object(EvalContext& context, Arguments args) {
  if (args[0].is(ValueKind::kMap)) return args[0];
  auto read = read_json(context, args[0].text());
  if (!read || read->is(ValueKind::kMap)) return read;
  return eval_error("object() needs a JSON object, not a " +
                    std::string(kind_name(read->kind())));
}

Result<Value> is_number(EvalContext&, Arguments args) {
  if (args[0].is_numeric()) return Value::boolean(true);
  if (!args[0].is_text()) return Value::boolean(false);
  const auto read = go_parse_float(args[0].text());
  return Value::boolean(read.has_value() && std::isfinite(*read));
}

constexpr Function kTypes[] = {
    {.name = "type", .signatures = {"(value: any) -> string"},
     .about = "nil, bool, int, float, string, bytes, time, duration, array or map.",
     .body = type,
     .examples = {{"type(1)", "", R"("int")"}, {"type(1.5)", "", R"("float")"},
                  {"type(nil)", "", R"("nil")"}, {"type([])", "", R"("array")"},
                  {"type(v)", R"({"v":18446744073709551615})", R"("int")"}}},
    {.name = "int", .signatures = {"(value: any) -> int"},
     .about = "A whole number: doubles are cut, text is read as decimal, true is 1.",
     .dialects = kInPenstock, .body = to_int_function,
     .examples = {{"int(2.9)", "", "2"}, {"int('-42')", "", "-42"},
                  {"int('4.2')", "", "", "cannot read"}, {"int(1e30)", "", "", "beyond"},
                  {"int(nil)", "", "", "cannot read"}}},
    {.name = "float", .aliases = {"double", "number"}, .signatures = {"(value: any) -> double"},
     .about = "A double; text is read as decimal or hexadecimal.", .body = to_float_function,
     .examples = {{"float(2)", "", "2.0"}, {"float('1e3')", "", "1000.0"},
                  {"float('x')", "", "", "cannot read"}}},
    {.name = "string", .signatures = {"(value: any) -> string"},
     .about = "Text as it is, nil as the empty text, anything else as JSON.",
     .dialects = kInPenstock, .body = to_string_function,
     .examples = {{"string(5)", "", R"("5")"}, {"string(nil)", "", R"("")"},
                  {"string({a: [1]})", "", R"("{\"a\":[1]}")"}, {"string(1.0)", "", R"("1.0")"}}},
    {.name = "bytes", .signatures = {"(text: text) -> bytes"}, .about = "The bytes of a text.",
     .dialects = kInPenstock, .body = to_bytes,
     .examples = {{"bytes('hi')", "", R"("aGk=")"}, {"len(bytes('ñ'))", "", "2"}}},
    {.name = "bool", .signatures = {"(value: any) -> bool"},
     .about = "Of a bool, a number (0 is false), nil (false) or one of true/false, yes/no, on/off, "
              "t/f, y/n, 1/0 in any case.",
     .body = to_bool,
     .examples = {{"bool('Yes')", "", "true"}, {"bool(0)", "", "false"},
                  {"bool('maybe')", "", "", "cannot read"}}},
    {.name = "tryInt", .signatures = {"(value: any, otherwise?: any) -> any"},
     .about = "As int(), but nil or `otherwise` where that fails.", .body = try_int,
     .examples = {{"tryInt('5')", "", "5"}, {"tryInt('x', 0)", "", "0"},
                  {"tryInt([])", "", "null"}}},
    {.name = "tryFloat", .signatures = {"(value: any, otherwise?: any) -> any"},
     .about = "As float(), but nil or `otherwise` where that fails.", .body = try_float,
     .examples = {{"tryFloat('5')", "", "5.0"}, {"tryFloat('x', -1)", "", "-1"}}},
    {.name = "isNumber", .signatures = {"(value: any) -> bool"},
     .about = "Whether it is a number or text that float() reads as a finite one.",
     .body = is_number,
     .examples = {{"isNumber('1.5')", "", "true"}, {"isNumber('x')", "", "false"},
                  {"isNumber(nil)", "", "false"}}},
};
constexpr Function kJson[] = {
    {.name = "toJSON", .aliases = {"toJson", "formatJson"},
     .signatures = {"(value: any, indent?: int) -> string"},
     .about = "JSON on one line, or indented by so many blanks a level.", .body = to_json,
     .examples = {{"toJSON({b: [1, 'x'], a: nil})", "", R"("{\"b\":[1,\"x\"],\"a\":null}")"},
                  {"toJSON([1], 2)", "", R"("[\n  1\n]")"},
                  {"toJSON(float('nan'))", "", "", "JSON"}}},
    {.name = "fromJSON", .aliases = {"fromJson", "parseJson"},
     .signatures = {"(text: text) -> any"},
     .about = "The value of a JSON text.", .body = from_json,
     .examples = {{"fromJSON('[1, {\"a\": 2.5}]')", "", R"([1,{"a":2.5}])"},
                  {"fromJSON('{')", "", "", "not JSON"}, {"fromJSON('')", "", "", "not JSON"}}},
    {.name = "tryJSON", .signatures = {"(text: any, otherwise?: any) -> any"},
     .about = "As fromJSON(), but nil or `otherwise` where that fails.", .body = try_json,
     .examples = {{"tryJSON('[1]')", "", "[1]"}, {"tryJSON('{', 5)", "", "5"},
                  {"tryJSON(nil)", "", "null"}}},
    {.name = "object", .signatures = {"(value: text|map) -> map"},
     .about = "The map of a JSON text; other JSON is an error.", .dialects = kInPenstock,
     .body = object,
     .examples = {{"object('{\"a\":1}')", "", R"({"a":1})"},
                  {"object('[1]')", "", "", "needs a JSON object"}}},
    {.name = "json", .signatures = {"(value: any) -> string"},
     .about = "JSON on one line.", .dialects = kInPenstock, .body = to_json,
     .examples = {{"json({a: '<'})", "", R"("{\"a\":\"<\"}")"}, {"json(nil)", "", R"("null")"}}},
};

}  // namespace

void add_convert_functions(FunctionTable& table) {
  add_rows(table, {"conversion"}, kTypes);
  add_rows(table, {"conversion"}, kJson);
}

}  // namespace penstock
