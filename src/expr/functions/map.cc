// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "value/write_json.h"

namespace penstock {
namespace {

Result<Value> keys(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  ArrayBuilder out(context.arena(), args[0].size());
  for (const MapEntry& entry : args[0].entries()) out.push(Value::string(entry.key));
  return out.finish();
}

Result<Value> values(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  ArrayBuilder out(context.arena(), args[0].size());
  for (const MapEntry& entry : args[0].entries()) out.push(entry.value);
  return out.finish();
}

Result<Value> to_pairs(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  ArrayBuilder out(context.arena(), args[0].size());
  for (const MapEntry& entry : args[0].entries()) {
    ArrayBuilder pair(context.arena(), 2);
    pair.push(Value::string(entry.key));
    pair.push(entry.value);
    auto made = pair.finish();
    if (!made) return made;
    out.push(*made);
  }
  return out.finish();
}

Result<Value> from_pairs(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  MapBuilder out(context.arena(), args[0].size());
  for (const Value& pair : args[0].items()) {
    if (!pair.is(ValueKind::kArray) || pair.size() != 2) {
      return eval_error("fromPairs needs arrays of two: [key, value]");
    }
    const Value& key = pair.items()[0];
    if (!key.is_text()) {
      return eval_error("a key is a string, not a " + std::string(kind_name(key.kind())));
    }
    out.set(key.text(), pair.items()[1]);
  }
  return out.finish();
}

Result<Value> merge(EvalContext& context, Arguments args) {
  MapBuilder out(context.arena());
  for (const Value& map : args) {
    if (map.is_null()) continue;
    PENSTOCK_TRY(context.spend(map.size()));
    for (const MapEntry& entry : map.entries()) out.set(entry.key, entry.value);
  }
  return out.finish();
}

Result<Value> merge_two(EvalContext& context, const Value& a, const Value& b, uint32_t depth) {
  if (depth > context.limits().depth_max) return eval_error("the maps are nested too deep");
  PENSTOCK_TRY(context.spend(a.size() + b.size()));
  MapBuilder out(context.arena(), a.size() + b.size());
  for (const MapEntry& entry : a.entries()) out.add_new(entry.key, entry.value);
  for (const MapEntry& entry : b.entries()) {
    const Value* there = a.find(entry.key);
    if (there == nullptr || !there->is(ValueKind::kMap) || !entry.value.is(ValueKind::kMap)) {
      out.set(entry.key, entry.value);
      continue;
    }
    auto merged = merge_two(context, *there, entry.value, depth + 1);
    if (!merged) return merged;
    out.set(entry.key, *merged);
  }
  return out.finish();
}

Result<Value> merge_deep(EvalContext& context, Arguments args) {
  MapBuilder none(context.arena());
  auto out = none.finish();
  for (const Value& map : args) {
    if (map.is_null()) continue;
    if (!out) return out;
    out = merge_two(context, *out, map, 0);
  }
  return out;
}

bool named(const MapEntry& entry, Arguments names, Result<void>& problem) {
  for (const Value& name : names) {
    if (name.is(ValueKind::kArray)) {
      for (const Value& one : name.items()) {
        if (one.is_text() && one.text() == entry.key) return true;
      }
    } else if (name.is_text()) {
      if (name.text() == entry.key) return true;
    } else {
      problem = eval_error("a key is a string, not a " + std::string(kind_name(name.kind())));
    }
  }
  return false;
}

template <bool kKeep>
Result<Value> choose(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size() * args.size()));
  MapBuilder out(context.arena(), args[0].size());
  Result<void> problem;
  for (const MapEntry& entry : args[0].entries()) {
    if (named(entry, args.subspan(1), problem) == kKeep) out.add_new(entry.key, entry.value);
  }
  if (!problem) return problem.error();
  return out.finish();
}

Result<Value> has(EvalContext&, Arguments args) {
  return Value::boolean(args[0].find(args[1].text()) != nullptr);
}

Result<Value> set(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  MapBuilder out(context.arena(), args[0].size() + 1);
  for (const MapEntry& entry : args[0].entries()) out.add_new(entry.key, entry.value);
  out.set(args[1].text(), args[2]);
  return out.finish();
}

Result<Value> invert(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  MapBuilder out(context.arena(), args[0].size());
  for (const MapEntry& entry : args[0].entries()) {
    if (entry.value.is_text()) {
      out.set(entry.value.text(), Value::string(entry.key));
      continue;
    }
    const auto key = context.string(display(entry.value));
    if (!key) return key;
    out.set(key->text(), Value::string(entry.key));
  }
  return out.finish();
}

Result<Value> rename(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  MapBuilder out(context.arena(), args[0].size());
  for (const MapEntry& entry : args[0].entries()) {
    const Value* name = args[1].find(entry.key);
    if (name != nullptr && !name->is_text()) return eval_error("a new name is a string");
    out.set(name == nullptr ? entry.key : name->text(), entry.value);
  }
  return out.finish();
}

constexpr Function kMaps[] = {
    {.name = "keys", .signatures = {"(map: map) -> array[string]"},
     .about = "The keys, in their order.", .body = keys,
     .examples = {{"keys({b: 1, a: 2})", "", R"(["b","a"])"}, {"keys({})", "", "[]"},
                  {"keys([1])", "", "", "keys"}}},
    {.name = "values", .signatures = {"(map: map) -> array"},
     .about = "The values, in the order of the keys.", .body = values,
     .examples = {{"values({b: 1, a: 2})", "", "[1,2]"}, {"values({})", "", "[]"}}},
    {.name = "toPairs", .signatures = {"(map: map) -> array[array]"},
     .about = "Every entry as [key, value].", .body = to_pairs,
     .examples = {{"toPairs({a: 1})", "", R"([["a",1]])"}, {"toPairs({})", "", "[]"}}},
    {.name = "fromPairs", .signatures = {"(pairs: array) -> map"},
     .about = "A map of arrays of two; of several with one key the last counts.",
     .body = from_pairs,
     .examples = {{"fromPairs([['a', 1], ['b', 2]])", "", R"({"a":1,"b":2})"},
                  {"fromPairs([['a']])", "", "", "arrays of two"},
                  {"fromPairs([[1, 2]])", "", "", "a key is a string"}}},
    {.name = "merge", .signatures = {"(maps...: map|nil) -> map"},
     .about = "All entries of all maps; of several with one key the last counts.", .body = merge,
     .examples = {{"merge({a: 1, b: 1}, {b: 2})", "", R"({"a":1,"b":2})"},
                  {"merge(nil, {a: 1})", "", R"({"a":1})"}}},
    {.name = "mergeDeep", .signatures = {"(maps...: map|nil) -> map"},
     .about = "As merge, but maps under the same key are merged as well.", .body = merge_deep,
     .examples = {{"mergeDeep({a: {x: 1}}, {a: {y: 2}})", "", R"({"a":{"x":1,"y":2}})"},
                  {"mergeDeep({a: {x: 1}}, {a: 5})", "", R"({"a":5})"}}},
    {.name = "pick", .signatures = {"(map: map, keys...: any) -> map"},
     .about = "Only the entries with these keys (strings, or arrays of strings).",
     .body = choose<true>,
     .examples = {{"pick({a: 1, b: 2, c: 3}, 'a', 'c', 'x')", "", R"({"a":1,"c":3})"},
                  {"pick({a: 1, b: 2}, ['b'])", "", R"({"b":2})"},
                  {"pick({a: 1}, 5)", "", "", "a key is a string"}}},
    {.name = "omit", .signatures = {"(map: map, keys...: any) -> map"},
     .about = "Without the entries with these keys (strings, or arrays of strings).",
     .body = choose<false>,
     .examples = {{"omit({a: 1, b: 2}, 'a')", "", R"({"b":2})"}, {"omit({}, ['a'])", "", "{}"}}},
    {.name = "has", .signatures = {"(map: map, key: text) -> bool"},
     .about = "Whether the key is there, whatever its value.", .body = has,
     .examples = {{"has({a: nil}, 'a')", "", "true"}, {"has({}, 'a')", "", "false"}}},
    {.name = "set", .signatures = {"(map: map, key: text, value: any) -> map"},
     .about = "With one entry added or replaced.", .body = set,
     .examples = {{"set({a: 1}, 'b', 2)", "", R"({"a":1,"b":2})"},
                  {"set({a: 1, b: 1}, 'a', nil)", "", R"({"a":null,"b":1})"}}},
    {.name = "invert", .signatures = {"(map: map) -> map"},
     .about = "Keys and values change places; values become strings.", .body = invert,
     .examples = {{"invert({a: 'x', b: 1})", "", R"({"x":"a","1":"b"})"},
                  {"invert({a: 'x', b: 'x'})", "", R"({"x":"b"})"}}},
    {.name = "renameKeys", .signatures = {"(map: map, names: map) -> map"},
     .about = "With keys renamed as a map of old names to new ones says.", .body = rename,
     .examples = {{"renameKeys({a: 1, b: 2}, {a: 'x'})", "", R"({"x":1,"b":2})"},
                  {"renameKeys({a: 1}, {a: 2})", "", "", "string"}}},
};

}  // namespace

void add_map_functions(FunctionTable& table) { add_rows(table, {"map"}, kMaps); }

}  // namespace penstock
