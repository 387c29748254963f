// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/value_set.h"

// Arrays as sets: items are the same if == says so.
namespace penstock {
namespace {

Result<Value> uniq(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size() * 2));
  ValueSet seen;
  ArrayBuilder out(context.arena(), args[0].size());
  for (const Value& item : args[0].items()) {
    if (seen.add(item)) out.push(item);
  }
  return out.finish();
}

Result<Value> union_of(EvalContext& context, Arguments args) {
  ValueSet seen;
  ArrayBuilder out(context.arena());
  for (const Value& list : args) {
    PENSTOCK_TRY(context.spend(list.size() * 2));
    for (const Value& item : list.items()) {
      if (seen.add(item)) out.push(item);
    }
  }
  return out.finish();
}

template <bool kInBothLists>
Result<Value> select(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend((args[0].size() + args[1].size()) * 2));
  ValueSet other, seen;
  for (const Value& item : args[1].items()) other.add(item);
  ArrayBuilder out(context.arena());
  for (const Value& item : args[0].items()) {
    if (other.contains(item) == kInBothLists && seen.add(item)) out.push(item);
  }
  return out.finish();
}

Result<Value> without(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend((args[0].size() + args.size()) * 2));
  ValueSet gone;
  for (const Value& item : args.subspan(1)) gone.add(item);
  ArrayBuilder out(context.arena(), args[0].size());
  for (const Value& item : args[0].items()) {
    if (!gone.contains(item)) out.push(item);
  }
  return out.finish();
}

Result<Value> has_all(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend((args[0].size() + args[1].size()) * 2));
  ValueSet there;
  for (const Value& item : args[0].items()) there.add(item);
  for (const Value& item : args[1].items()) {
    if (!there.contains(item)) return Value::boolean(false);
  }
  return Value::boolean(true);
}

Result<Value> has_any(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend((args[0].size() + args[1].size()) * 2));
  ValueSet there;
  for (const Value& item : args[0].items()) there.add(item);
  for (const Value& item : args[1].items()) {
    if (there.contains(item)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

bool is_empty_value(const Value& v) {
  return v.is_null() || ((v.is_text() || v.is(ValueKind::kArray) || v.is(ValueKind::kMap)) &&
                         v.size() == 0);
}

Result<Value> compact(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  if (args[0].is(ValueKind::kMap)) {
    MapBuilder out(context.arena(), args[0].size());
    for (const MapEntry& entry : args[0].entries()) {
      if (!is_empty_value(entry.value)) out.add_new(entry.key, entry.value);
    }
    return out.finish();
  }
  ArrayBuilder out(context.arena(), args[0].size());
  for (const Value& item : args[0].items()) {
    if (!is_empty_value(item)) out.push(item);
  }
  return out.finish();
}

constexpr Function kSets[] = {
    {.name = "uniq", .aliases = {"unique"}, .signatures = {"(items: array) -> array"},
     .about = "Every item once, where it first stands; 1 and 1.0 are the same.", .body = uniq,
     .examples = {{"uniq([1, 2, 1, 1.0])", "", "[1,2]"},
                  {"uniq([{a: 1}, {a: 1}])", "", R"([{"a":1}])"}}},
    {.name = "union", .signatures = {"(lists...: array) -> array"},
     .about = "The items of all arrays, every one once.", .body = union_of,
     .examples = {{"union([1, 2], [2, 3])", "", "[1,2,3]"}, {"union()", "", "[]"}}},
    {.name = "intersect", .signatures = {"(a: array, b: array) -> array"},
     .about = "The items that stand in both, every one once.", .body = select<true>,
     .examples = {{"intersect([1, 2, 2], [2, 3])", "", "[2]"}, {"intersect([1], [])", "", "[]"}}},
    {.name = "difference", .signatures = {"(a: array, b: array) -> array"},
     .about = "The items of the first that are not in the second, every one once.",
     .body = select<false>,
     .examples = {{"difference([1, 2, 2], [1])", "", "[2]"}, {"difference([], [1])", "", "[]"}}},
    {.name = "without", .signatures = {"(items: array, gone...: any) -> array"},
     .about = "Without the items that equal one of the arguments.", .body = without,
     .examples = {{"without([1, 2, 1, 3], 1, 3)", "", "[2]"}, {"without([1])", "", "[1]"}}},
    {.name = "hasAll", .signatures = {"(items: array, wanted: array) -> bool"},
     .about = "Whether every wanted item is there.", .body = has_all,
     .examples = {{"hasAll([1, 2, 3], [3, 1])", "", "true"}, {"hasAll([], [nil])", "", "false"}}},
    {.name = "hasAny", .signatures = {"(items: array, wanted: array) -> bool"},
     .about = "Whether one of the wanted items is there.", .body = has_any,
     .examples = {{"hasAny(['a'], ['b', 'a'])", "", "true"}, {"hasAny([1], [])", "", "false"}}},
    {.name = "compact", .signatures = {"(value: array) -> array", "(value: map) -> map"},
     .about = "Without items or members that are nil or empty; 0 and false stay.",
     .body = compact,
     .examples = {{"compact([0, nil, '', [], 'a'])", "", R"([0,"a"])"},
                  {"compact({a: nil, b: false})", "", R"({"b":false})"}}},
};

}  // namespace

void add_array_set_functions(FunctionTable& table) { add_rows(table, {"array"}, kSets); }

}  // namespace penstock
