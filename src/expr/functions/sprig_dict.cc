// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/go_values.h"
#include "expr/functions/library.h"

// Maps of sprig. Values never change here: set, unset and merge give a new map, where Go changes
// the one it was given.
namespace penstock {
namespace {

Result<Value> set(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  MapBuilder out(context.arena(), args[0].size() + 1);
  for (const MapEntry& e : args[0].entries()) out.add_new(e.key, e.value);
  out.set(args[1].text(), args[2]);
  return out.finish();
}

Result<Value> unset(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  MapBuilder out(context.arena(), args[0].size());
  for (const MapEntry& e : args[0].entries()) {
    if (e.key != args[1].text()) out.add_new(e.key, e.value);
  }
  return out.finish();
}

Result<Value> has_key(EvalContext&, Arguments args) {
  return Value::boolean(args[0].find(args[1].text()) != nullptr);
}

Result<Value> pluck(EvalContext& context, Arguments args) {
  ArrayBuilder out(context.arena());
  for (const Value& map : args.subspan(1)) {
    PENSTOCK_TRY(context.spend(1));
    if (const Value* found = map.find(args[0].text())) out.push(*found);
  }
  return out.finish();
}

Result<Value> keys(EvalContext& context, Arguments args) {
  ArrayBuilder out(context.arena());
  for (const Value& map : args) {
    PENSTOCK_TRY(context.spend(map.size()));
    for (const MapEntry& e : map.entries()) out.push(Value::string(e.key));
  }
  return out.finish();
}

Result<Value> values(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  ArrayBuilder out(context.arena(), args[0].size());
  for (const MapEntry& e : args[0].entries()) out.push(e.value);
  return out.finish();
}

Result<Value> pick(EvalContext& context, Arguments args) {
  MapBuilder out(context.arena(), args.size());
  for (const Value& key : args.subspan(1)) {
    PENSTOCK_TRY(context.spend(1));
    if (const Value* found = args[0].find(key.text())) out.set(key.text(), *found);
  }
  return out.finish();
}

Result<Value> omit(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size() * args.size()));
  MapBuilder out(context.arena(), args[0].size());
  for (const MapEntry& e : args[0].entries()) {
    bool gone = false;
    for (const Value& key : args.subspan(1)) gone = gone || key.text() == e.key;
    if (!gone) out.add_new(e.key, e.value);
  }
  return out.finish();
}

Result<Value> dict(EvalContext& context, Arguments args) {
  MapBuilder out(context.arena(), args.size() / 2);
  for (size_t i = 0; i < args.size(); i += 2) {
    PENSTOCK_TRY(context.spend(1 + args[i].size() / 16));
    const auto key = context.string(sprig_text(args[i]));
    if (!key) return key;
    out.set(key->text(), i + 1 < args.size() ? args[i + 1] : Value::string(""));
  }
  return out.finish();
}

/// mergo.Merge of `from` into `into`: what is empty there is taken over, maps are merged.
Result<Value> merge_two(EvalContext& context, const Value& into, const Value& from, bool overwrite,
                        uint32_t depth) {
  if (depth > context.limits().depth_max) return eval_error("the maps are nested too deep");
  PENSTOCK_TRY(context.spend(into.size() + from.size()));
  MapBuilder out(context.arena(), into.size() + from.size());
  for (const MapEntry& e : into.entries()) out.add_new(e.key, e.value);
  for (const MapEntry& e : from.entries()) {
    const Value* there = out.find(e.key);
    if (e.value.is_null()) {
      if (overwrite) out.set(e.key, e.value);
    } else if (there != nullptr && there->is(ValueKind::kMap) && e.value.is(ValueKind::kMap)) {
      auto merged = merge_two(context, *there, e.value, overwrite, depth + 1);
      if (!merged) return merged;
      out.set(e.key, *merged);
    } else if (there == nullptr || sprig_empty(*there) ||
               (overwrite && !e.value.is(ValueKind::kMap))) {  // a map never replaces other values
      out.set(e.key, e.value);
    }
  }
  return out.finish();
}

template <bool kOverwrite>
Result<Value> merge(EvalContext& context, Arguments args) {
  Result<Value> out = args[0];
  for (const Value& map : args.subspan(1)) {
    if (!out) return out;
    out = merge_two(context, *out, map, kOverwrite, 0);
  }
  return out;
}

constexpr Function kDicts[] = {
    {.name = "dict", .signatures = {"(keysAndValues...: any) -> map"},
     .about = "A map of keys and values in turn; a last key alone gets an empty text.",
     .body = dict,
     .examples = {{"sprig.dict('a', 1, 'b')", "", R"({"a":1,"b":""})"},
                  {"sprig.dict(1, nil)", "", R"({"1":null})"}}},
    {.name = "set", .signatures = {"(map: map, key: string, value: any) -> map"},
     .about = "With one entry set, in a new map.", .body = set,
     .examples = {{"sprig.set({a: 1}, 'b', 2)", "", R"({"a":1,"b":2})"},
                  {"sprig.set(nil, 'b', 2)", "", "", "set"}}},
    {.name = "unset", .signatures = {"(map: map, key: string) -> map"},
     .about = "Without one entry, in a new map.", .body = unset,
     .examples = {{"sprig.unset({a: 1}, 'a')", "", "{}"},
                  {"sprig.unset({a: 1}, 'x')", "", R"({"a":1})"}}},
    {.name = "hasKey", .signatures = {"(map: map, key: string) -> bool"},
     .about = "Whether the key is there.", .body = has_key,
     .examples = {{"sprig.hasKey({a: nil}, 'a')", "", "true"},
                  {"sprig.hasKey({a: 1}, 'b')", "", "false"}}},
    {.name = "pluck", .signatures = {"(key: string, maps...: map) -> array"},
     .about = "The values under a key of all maps that have it.", .body = pluck,
     .examples = {{"sprig.pluck('a', {a: 1}, {b: 2}, {a: 3})", "", "[1,3]"},
                  {"sprig.pluck('a')", "", "[]"}}},
    {.name = "keys", .signatures = {"(maps...: map) -> array[string]"},
     .about = "The keys of all maps, in their order.", .body = keys,
     .examples = {{"sprig.keys({a: 1}, {b: 1})", "", R"(["a","b"])"}, {"sprig.keys()", "", "[]"}}},
    {.name = "values", .signatures = {"(map: map) -> array"},
     .about = "The values, in the order of the keys.", .body = values,
     .examples = {{"sprig.values({a: 1, b: 2})", "", "[1,2]"}, {"sprig.values({})", "", "[]"}}},
    {.name = "pick", .signatures = {"(map: map, keys...: string) -> map"},
     .about = "Only the entries with these keys.", .body = pick,
     .examples = {{"sprig.pick({a: 1, b: 2}, 'b', 'x')", "", R"({"b":2})"},
                  {"sprig.pick({a: 1})", "", "{}"}}},
    {.name = "omit", .signatures = {"(map: map, keys...: string) -> map"},
     .about = "Without the entries with these keys.", .body = omit,
     .examples = {{"sprig.omit({a: 1, b: 2}, 'b')", "", R"({"a":1})"},
                  {"sprig.omit({a: 1})", "", R"({"a":1})"}}},
    {.name = "merge", .signatures = {"(into: map, from...: map) -> map"},
     .about = "What the first map lacks, or has empty, taken from the others; maps within as well.",
     .body = merge<false>,
     .examples = {{"sprig.merge({a: 1, b: 0}, {a: 2, b: 3, c: 4})", "", R"({"a":1,"b":3,"c":4})"},
                  {"sprig.merge({a: {x: 1}}, {a: {y: 2}})", "", R"({"a":{"x":1,"y":2}})"}}},
    {.name = "mergeOverwrite", .signatures = {"(into: map, from...: map) -> map"},
     .about = "As merge, but later maps win.", .body = merge<true>,
     .examples = {{"sprig.mergeOverwrite({a: 1}, {a: 2})", "", R"({"a":2})"},
                  {"sprig.mergeOverwrite({a: {x: 1}}, {a: {x: 2}})", "", R"({"a":{"x":2}})"}}},
};

}  // namespace

void add_sprig_dict_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kDicts);
}

}  // namespace penstock
