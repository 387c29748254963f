// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/go_values.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

using Items = std::span<const Value>;

Result<Value> copy(EvalContext& context, Items items) {
  ArrayBuilder out(context.arena(), items.size());
  for (const Value& v : items) out.push(v);
  return out.finish();
}

Result<Value> list(EvalContext& context, Arguments args) { return copy(context, args); }

Result<Value> push(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "push");
  if (!items) return items.error();
  ArrayBuilder out(context.arena(), items->size() + 1);
  for (const Value& v : *items) out.push(v);
  out.push(args[1]);
  return out.finish();
}
Result<Value> prepend(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "prepend");
  if (!items) return items.error();
  ArrayBuilder out(context.arena(), items->size() + 1);
  out.push(args[1]);
  for (const Value& v : *items) out.push(v);
  return out.finish();
}
Result<Value> first(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "first");
  if (!items) return items.error();
  return items->empty() ? Value() : items->front();
}
Result<Value> last(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "last");
  if (!items) return items.error();
  return items->empty() ? Value() : items->back();
}
Result<Value> rest(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "rest");
  if (!items) return items.error();
  return Value::array(items->empty() ? *items : items->subspan(1));
}
Result<Value> initial(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "initial");
  if (!items) return items.error();
  return Value::array(items->empty() ? *items : items->first(items->size() - 1));
}
Result<Value> reverse(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "reverse");
  if (!items) return items.error();
  ArrayBuilder out(context.arena(), items->size());
  for (size_t i = items->size(); i-- > 0;) out.push((*items)[i]);
  return out.finish();
}

Result<bool> stands_in(EvalContext& context, Items items, const Value& wanted) {
  PENSTOCK_TRY(context.spend(items.size()));
  for (const Value& v : items) {
    if (deep_equal(wanted, v)) return true;
  }
  return false;
}

Result<Value> uniq(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "uniq");
  if (!items) return items.error();
  ArrayBuilder out(context.arena());
  for (const Value& v : *items) {
    const auto seen = stands_in(context, out.items(), v);
    if (!seen) return seen.error();
    if (!*seen) out.push(v);
  }
  return out.finish();
}
Result<Value> without(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "without");
  if (!items) return items.error();
  ArrayBuilder out(context.arena());
  for (const Value& v : *items) {
    const auto gone = stands_in(context, args.subspan(1), v);
    if (!gone) return gone.error();
    if (!*gone) out.push(v);
  }
  return out.finish();
}
Result<Value> has(EvalContext& context, Arguments args) {
  if (args[1].is_null()) return Value::boolean(false);
  const auto items = sprig_items(context, args[1], "has");
  if (!items) return items.error();
  const auto there = stands_in(context, *items, args[0]);
  return there ? Result<Value>(Value::boolean(*there)) : there.error();
}
Result<Value> slice(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "slice");
  if (!items) return items.error();
  const auto size = static_cast<int64_t>(items->size());
  if (size == 0) return Value();
  const int64_t from = args.size() > 1 ? sprig_int(args[1]) : 0;
  const int64_t to = args.size() > 2 ? sprig_int(args[2]) : size;
  if (from < 0 || to < from || to > size) return eval_error("slice bounds out of range");
  return Value::array(items->subspan(static_cast<size_t>(from), static_cast<size_t>(to - from)));
}
Result<Value> concat(EvalContext& context, Arguments args) {
  ArrayBuilder out(context.arena());
  for (const Value& one : args) {
    const auto items = sprig_items(context, one, "concat");
    if (!items) return items.error();
    for (const Value& v : *items) out.push(v);
  }
  return out.finish();
}
Result<Value> compact(EvalContext& context, Arguments args) {
  const auto items = sprig_items(context, args[0], "compact");
  if (!items) return items.error();
  ArrayBuilder out(context.arena());
  for (const Value& v : *items) {
    if (!sprig_empty(v)) out.push(v);
  }
  return out.finish();
}

/// The texts of a list's items, nil left out; of anything else its own.
Result<Value> texts(EvalContext& context, const Value& v) {
  ArrayBuilder out(context.arena());
  const bool is_list = v.is(ValueKind::kArray) || v.is(ValueKind::kBytes);
  const auto items = is_list ? sprig_items(context, v, "toStrings") : Result<Items>(Items(&v, 1));
  if (!items) return items.error();
  for (const Value& item : *items) {
    if (item.is_null()) continue;
    PENSTOCK_TRY(context.spend(1 + item.size() / 16));
    const auto text = context.string(sprig_text(item));
    if (!text) return text;
    out.push(*text);
  }
  return out.finish();
}
Result<Value> to_strings(EvalContext& context, Arguments args) { return texts(context, args[0]); }
Result<Value> join(EvalContext& context, Arguments args) {
  const auto list = texts(context, args[1]);
  if (!list) return list;
  TextBuilder out(context.arena());
  for (size_t i = 0; i < list->size(); ++i) {
    if (i > 0) out.append(args[0].text());
    out.append(list->items()[i].text());
    PENSTOCK_TRY(context.spend(1 + args[0].size() / 64));
  }
  return out.finish_string();
}
Result<Value> sort_alpha(EvalContext& context, Arguments args) {
  if (!args[0].is(ValueKind::kArray)) {
    ArrayBuilder one(context.arena(), 1);
    const auto text = context.string(sprig_text(args[0]));
    if (!text) return text;
    one.push(*text);
    return one.finish();
  }
  const auto list = texts(context, args[0]);
  if (!list) return list;
  PENSTOCK_TRY(context.spend(list->size() * 8));
  ArrayBuilder out(context.arena(), list->size());
  for (const Value& v : list->items()) out.push(v);
  auto made = out.finish();
  if (!made) return made;
  const auto items = out.items();
  std::sort(items.begin(), items.end(),
            [](const Value& a, const Value& b) { return a.text() < b.text(); });
  return made;
}

constexpr Function kLists[] = {
    {.name = "list", .aliases = {"tuple"}, .signatures = {"(items...: any) -> array"},
     .about = "A list of its arguments.", .body = list,
     .examples = {{"sprig.list(1, 'a')", "", R"([1,"a"])"}, {"sprig.tuple()", "", "[]"}}},
    {.name = "append", .aliases = {"push"}, .signatures = {"(list: any, item: any) -> array"},
     .about = "With one more at the end.", .body = push,
     .examples = {{"sprig.append([1], 2)", "", "[1,2]"}, {"sprig.push('a', 1)", "", "",
                                                         "needs a list"}}},
    {.name = "prepend", .signatures = {"(list: any, item: any) -> array"},
     .about = "With one more at the front.", .body = prepend,
     .examples = {{"sprig.prepend([1], 0)", "", "[0,1]"}, {"sprig.prepend(nil, 1)", "", "",
                                                          "needs a list"}}},
    {.name = "first", .signatures = {"(list: any) -> any"}, .about = "The first; nil if empty.",
     .body = first, .examples = {{"sprig.first([1, 2])", "", "1"}, {"sprig.first([])", "",
                                                                   "null"}}},
    {.name = "last", .signatures = {"(list: any) -> any"}, .about = "The last; nil if empty.",
     .body = last, .examples = {{"sprig.last([1, 2])", "", "2"}, {"sprig.last([])", "", "null"}}},
    {.name = "rest", .signatures = {"(list: any) -> array"}, .about = "All but the first.",
     .body = rest, .examples = {{"sprig.rest([1, 2])", "", "[2]"}, {"sprig.rest([])", "", "[]"}}},
    {.name = "initial", .signatures = {"(list: any) -> array"}, .about = "All but the last.",
     .body = initial,
     .examples = {{"sprig.initial([1, 2])", "", "[1]"}, {"sprig.initial([])", "", "[]"}}},
    {.name = "reverse", .signatures = {"(list: any) -> array"}, .about = "Backwards.",
     .body = reverse,
     .examples = {{"sprig.reverse([1, 2])", "", "[2,1]"}, {"sprig.reverse(5)", "", "",
                                                          "needs a list"}}},
    {.name = "uniq", .signatures = {"(list: any) -> array"},
     .about = "Every item once; 1 and 1.0 are different.", .body = uniq,
     .examples = {{"sprig.uniq([1, 1, 1.0])", "", "[1,1.0]"}, {"sprig.uniq([])", "", "[]"}}},
    {.name = "without", .signatures = {"(list: any, gone...: any) -> array"},
     .about = "Without the items named.", .body = without,
     .examples = {{"sprig.without([1, 2, 3], 2)", "", "[1,3]"},
                  {"sprig.without([1], 1.0)", "", "[1]"}}},
    {.name = "has", .signatures = {"(item: any, list: any) -> bool"},
     .about = "Whether it stands in the list.", .body = has,
     .examples = {{"sprig.has(1, [2, 1])", "", "true"}, {"sprig.has(1, nil)", "", "false"}}},
    {.name = "slice", .signatures = {"(list: any, from?: any, to?: any) -> array|nil"},
     .about = "From one place to before another; nil of an empty list.", .body = slice,
     .examples = {{"sprig.slice([1, 2, 3], 1)", "", "[2,3]"},
                  {"sprig.slice([1, 2, 3], 1, 9)", "", "", "out of range"},
                  {"sprig.slice([])", "", "null"}}},
    {.name = "concat", .signatures = {"(lists...: any) -> array"},
     .about = "All items of all lists.", .body = concat,
     .examples = {{"sprig.concat([1], [2])", "", "[1,2]"}, {"sprig.concat([1], 2)", "", "",
                                                           "needs a list"}}},
    {.name = "compact", .signatures = {"(list: any) -> array"},
     .about = "Without what is empty: nil, false, 0 and what has no length.", .body = compact,
     .examples = {{"sprig.compact([0, '', 1, nil, false])", "", "[1]"},
                  {"sprig.compact(1)", "", "", "needs a list"}}},
    {.name = "toStrings", .signatures = {"(value: any) -> array[string]"},
     .about = "Every item as text, nil left out.", .body = to_strings,
     .examples = {{"sprig.toStrings([1, nil, 'a'])", "", R"(["1","a"])"},
                  {"sprig.toStrings(5)", "", R"(["5"])"}}},
    {.name = "join", .signatures = {"(separator: string, list: any) -> string"},
     .about = "The items as text, with a separator between.", .body = join,
     .examples = {{"sprig.join('-', [1, 'a'])", "", R"("1-a")"}, {"sprig.join('-', nil)", "",
                                                                 R"("")"}}},
    {.name = "sortAlpha", .signatures = {"(list: any) -> array[string]"},
     .about = "The items as text, sorted.", .body = sort_alpha,
     .examples = {{"sprig.sortAlpha(['b', 10, 9])", "", R"(["10","9","b"])"},
                  {"sprig.sortAlpha(5)", "", R"(["5"])"}}},
};

}  // namespace

void add_sprig_list_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kLists);
}

}  // namespace penstock
