// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/base_coding.h"
#include "expr/functions/convert.h"
#include "expr/functions/digest.h"
#include "expr/functions/go_text.h"
#include "expr/functions/library.h"
#include "expr/functions/numbers.h"
#include "value/write_json.h"

// What Argo Dataflow put beside expr v1.9, with its meanings; where the penstock dialect has the
// same name, its function is another.
namespace penstock {
namespace {

Result<Value> go_text_value(EvalContext& context, const Value& v, bool as_bytes) {
  PENSTOCK_TRY(context.spend(1 + v.size() / 16));
  const std::string text = go_value(v);
  PENSTOCK_TRY(may_make(context, text.size()));
  return as_bytes ? context.bytes(text) : context.string(text);
}

Result<Value> to_bytes(EvalContext& context, Arguments args) {
  if (args[0].is_null()) return Value();
  if (args[0].is(ValueKind::kString)) return Value::bytes(args[0].text());
  return go_text_value(context, args[0], true);
}

Result<Value> to_string(EvalContext& context, Arguments args) {
  if (args[0].is_null()) return Value::string("");
  if (args[0].is_text()) return Value::string(args[0].text());
  return go_text_value(context, args[0], false);
}

Result<Value> to_int_argo(EvalContext&, Arguments args) {
  const Value& v = args[0];
  if (v.is_integer()) return v;
  if (v.is(ValueKind::kDouble)) {
    const auto cut = cut_to_int(v.as_double());
    return Value::integer(cut.value_or(INT64_MIN));  // what amd64 gives
  }
  const auto read = v.is_text() ? go_parse_int(v.text()) : std::nullopt;
  if (read) return Value::integer(*read);
  return eval_error("int() cannot read \"" + go_value(v).substr(0, 40) + "\"");
}

Result<Value> to_json(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 16));
  JsonStyle style;
  style.sort_keys = style.escape_html = style.go_numbers = true;
  auto text = json_value(args[0], context.arena(), style);
  return text ? Result<Value>(Value::bytes(text->text())) : text;
}

Result<Value> object(EvalContext& context, Arguments args) {
  auto read = read_json(context, args[0].text(), true);
  if (!read || read->is(ValueKind::kMap)) return read;
  if (read->is_null()) {  // Go leaves its map as it is: without entries
    MapBuilder none(context.arena());
    return none.finish();
  }
  return eval_error("object() needs a JSON object, not a " +
                    std::string(kind_name(read->kind())));
}

Result<Value> sha1(EvalContext& context, Arguments args) {
  const std::string text = args[0].is_text() ? std::string(args[0].text()) : go_value(args[0]);
  PENSTOCK_TRY(context.spend(1 + text.size() / 32));
  return context.string(encode_base64(*digest("sha1", text)));
}

constexpr Function kArgo[] = {
    {.name = "bytes",
     .signatures = {"(value: any) -> bytes|nil"},
     .about =
         "The bytes of a string; of anything else those of what Go prints for it, so that bytes of "
         "bytes are \"[104 105]\".",
     .dialects = kInArgo,
     .body = to_bytes,
     .examples = {{"string(bytes('hi'))", "", R"("hi")"},
                  {"string(bytes(bytes('hi')))", "", R"("[104 105]")"},
                  {"bytes(nil)", "", "null"}}},
    {.name = "string",
     .signatures = {"(value: any) -> string"},
     .about = "Text as it is, nil as the empty text, anything else as Go prints it.",
     .dialects = kInArgo,
     .body = to_string,
     .examples = {{"string(nil)", "", R"("")"},
                  {"string({'b': [1, 2.5], 'a': nil})", "", R"("map[a:<nil> b:[1 2.5]]")"},
                  {"string(bytes('hi'))", "", R"("hi")"}}},
    {.name = "int",
     .signatures = {"(value: any) -> int"},
     .about = "A whole number: doubles are cut, text and bytes are read as decimal.",
     .dialects = kInArgo,
     .body = to_int_argo,
     .examples = {{"int('42')", "", "42"},
                  {"int(2.9)", "", "2"},
                  {"int(nil)", "", "", "cannot read"},
                  {"int('4.2')", "", "", "cannot read"}}},
    {.name = "json",
     .signatures = {"(value: any) -> bytes"},
     .about = "JSON as Go's json.Marshal writes it: keys sorted, < > & escaped, bytes in base64.",
     .dialects = kInArgo,
     .body = to_json,
     .examples = {{"string(json({'b': '<', 'a': 1.0}))", "", R"("{\"a\":1,\"b\":\"\\u003c\"}")"},
                  {"string(json(bytes('hi')))", "", R"("\"aGk=\"")"}}},
    {.name = "object",
     .signatures = {"(text: text) -> map"},
     .about = "The map of a JSON text; all its numbers are doubles.",
     .dialects = kInArgo,
     .body = object,
     .examples = {{"string(object('{\"a\":1e3}'))", "", R"("map[a:1000]")"},
                  {"object('[1]')", "", "", "needs a JSON object"},
                  {"object('{')", "", "", "not JSON"}}},
    {.name = "sha1",
     .signatures = {"(value: any) -> string"},
     .about = "SHA-1 in base64.",
     .dialects = kInArgo,
     .body = sha1,
     .examples = {{"sha1('hi')", "", R"("witfkXg0JglCjW9RssWvTAveakI=")"},
                  {"sha1(bytes('hi'))", "", R"("witfkXg0JglCjW9RssWvTAveakI=")"}}},
};

Result<Value> cat(EvalContext& context, Arguments args) {
  if (context.outside() == nullptr) {
    return eval_error("io.cat is not allowed here", "an expression may not read files by itself");
  }
  const auto read = context.outside()->file(std::string(args[0].text()));
  if (!read) return eval_error(read.error().message);
  PENSTOCK_TRY(may_make(context, read->size()));
  return context.bytes(*read);
}

constexpr Function kOutside[] = {
    {.name = "cat", .space = "io", .signatures = {"(path: string) -> bytes"},
     .about = "A regular file's bytes, at most 1 MiB; in a pipeline the path must be a constant. A "
              "changed file is read again after a second.",
     .purity = Purity::kPerRecord, .outside = Outside::kFiles, .body = cat,
     .examples = {{"string(io.cat('hello.txt'))", "", R"("hello")"},
                  {"io.cat('no such file')", "", "", "no file"},
                  {"io.cat(5)", "", "", "io.cat"}}},
};

}  // namespace

void add_argo_functions(FunctionTable& table) { add_rows(table, {"argo"}, kArgo); }
void add_outside_functions(FunctionTable& table) { add_rows(table, {"argo"}, kOutside); }

}  // namespace penstock
