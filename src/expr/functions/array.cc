// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "expr/functions/arguments.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

Result<Value> concat(EvalContext& context, Arguments args) {
  ArrayBuilder out(context.arena());
  for (const Value& list : args) {
    PENSTOCK_TRY(context.spend(list.size()));
    for (const Value& item : list.items()) out.push(item);
  }
  return out.finish();
}

Result<void> flatten_into(EvalContext& context, const Value& list, int64_t levels,
                          ArrayBuilder& out, uint32_t depth) {
  if (depth > context.limits().depth_max) return eval_error("the arrays are nested too deep");
  PENSTOCK_TRY(context.spend(list.size()));
  for (const Value& item : list.items()) {
    if (item.is(ValueKind::kArray) && levels > 0) {
      PENSTOCK_TRY(flatten_into(context, item, levels - 1, out, depth + 1));
    } else {
      out.push(item);
    }
  }
  return {};
}

Result<Value> flatten(EvalContext& context, Arguments args) {
  ArrayBuilder out(context.arena(), args[0].size());
  PENSTOCK_TRY(flatten_into(context, args[0], whole_or(args, 1, INT64_MAX), out, 0));
  return out.finish();
}

Result<Value> sort(EvalContext& context, Arguments args) {
  const std::string_view order = text_or(args, 1, "asc");
  if (order != "asc" && order != "desc") {
    return eval_error("the order is \"asc\" or \"desc\", not \"" + std::string(order) + "\"");
  }
  const uint64_t n = args[0].size();
  PENSTOCK_TRY(context.spend(n * (1 + static_cast<uint64_t>(std::bit_width(n)))));
  ArrayBuilder out(context.arena(), n);
  for (const Value& item : args[0].items()) out.push(item);
  auto sorted = out.finish();
  if (!sorted) return sorted;
  const auto items = out.items();
  if (order == "asc") {
    std::stable_sort(items.begin(), items.end(),
                     [](const Value& a, const Value& b) { return compare_any(a, b) < 0; });
  } else {
    std::stable_sort(items.begin(), items.end(),
                     [](const Value& a, const Value& b) { return compare_any(a, b) > 0; });
  }
  return sorted;
}

Result<Value> first(EvalContext&, Arguments args) {
  return args[0].size() == 0 ? Value() : args[0].items().front();
}
Result<Value> last(EvalContext&, Arguments args) {
  return args[0].size() == 0 ? Value() : args[0].items().back();
}

/// The count, not beyond the array.
size_t up_to(const Value& list, const Value& count) {
  return static_cast<size_t>(std::clamp<int64_t>(whole(count), 0, list.size()));
}

Result<Value> take(EvalContext&, Arguments args) {
  if (whole(args[1]) < 0) return eval_error("take needs a count of 0 or more");
  return Value::array(args[0].items().first(up_to(args[0], args[1])));
}

Result<Value> drop(EvalContext&, Arguments args) {
  if (whole(args[1]) < 0) return eval_error("drop needs a count of 0 or more");
  return Value::array(args[0].items().subspan(up_to(args[0], args[1])));
}

Result<Value> slice(EvalContext&, Arguments args) {
  const auto size = static_cast<int64_t>(args[0].size());
  const auto place = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? std::max(at, -size) + size : at, 0, size);
  };
  const int64_t from = place(whole(args[1])), to = place(whole_or(args, 2, size));
  if (to <= from) return Value::array({});
  return Value::array(args[0].items().subspan(static_cast<size_t>(from),
                                              static_cast<size_t>(to - from)));
}

Result<Value> join(EvalContext& context, Arguments args) {
  const std::string_view glue = text_or(args, 1, "");
  TextBuilder out(context.arena());
  bool begun = false;
  for (const Value& item : args[0].items()) {
    if (!item.is_text()) {
      return eval_error("join needs strings, not a " + std::string(kind_name(item.kind())),
                        "map(items, string(#)) makes strings of them");
    }
    PENSTOCK_TRY(context.spend(1 + (item.size() + glue.size()) / 64));
    if (begun) out.append(glue);
    begun = true;
    out.append(item.text());
  }
  return out.finish_string();
}

Result<Value> chunk(EvalContext& context, Arguments args) {
  const int64_t size = whole(args[1]);
  if (size < 1) return eval_error("chunk needs a size of 1 or more");
  ArrayBuilder out(context.arena());
  auto rest = args[0].items();
  while (!rest.empty()) {
    PENSTOCK_TRY(context.spend(1));
    const size_t n = std::min(rest.size(), static_cast<size_t>(size));
    out.push(Value::array(rest.first(n)));
    rest = rest.subspan(n);
  }
  return out.finish();
}

Result<Value> zip(EvalContext& context, Arguments args) {
  size_t size = SIZE_MAX;
  for (const Value& list : args) size = std::min<size_t>(size, list.size());
  ArrayBuilder out(context.arena(), args.empty() ? 0 : size);
  for (size_t i = 0; !args.empty() && i < size; ++i) {
    PENSTOCK_TRY(context.spend(args.size()));
    ArrayBuilder row(context.arena(), args.size());
    for (const Value& list : args) row.push(list.items()[i]);
    auto made = row.finish();
    if (!made) return made;
    out.push(*made);
  }
  return out.finish();
}

Result<Value> range(EvalContext& context, Arguments args) {
  const int64_t from = args.size() > 1 ? whole(args[0]) : 0;
  const int64_t to = args.size() > 1 ? whole(args[1]) : whole(args[0]);
  const int64_t step = whole_or(args, 2, 1);
  if (step == 0) return eval_error("range needs a step that is not 0");
  const bool forward = step > 0;
  const uint64_t distance = forward ? static_cast<uint64_t>(to) - static_cast<uint64_t>(from)
                                    : static_cast<uint64_t>(from) - static_cast<uint64_t>(to);
  const uint64_t stride = forward ? static_cast<uint64_t>(step)
                                  : uint64_t{0} - static_cast<uint64_t>(step);
  if (forward ? to <= from : to >= from) return Value::array({});
  const uint64_t count = (distance - 1) / stride + 1;
  if (count > context.limits().range_max) {
    return eval_error("range of " + std::to_string(count) + " items; the limit is " +
                      std::to_string(context.limits().range_max));
  }
  PENSTOCK_TRY(context.spend(count));
  ArrayBuilder out(context.arena(), count);
  for (uint64_t i = 0; i < count; ++i) {
    out.push(Value::integer(static_cast<int64_t>(static_cast<uint64_t>(from) +
                                                 i * static_cast<uint64_t>(step))));
  }
  return out.finish();
}

template <bool kAtFront>
Result<Value> extend(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  ArrayBuilder out(context.arena(), args[0].size() + args.size());
  const auto more = args.subspan(1);
  if (kAtFront) for (const Value& item : more) out.push(item);
  for (const Value& item : args[0].items()) out.push(item);
  if (!kAtFront) for (const Value& item : more) out.push(item);
  return out.finish();
}

Result<Value> shuffle(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  ArrayBuilder out(context.arena(), args[0].size());
  for (const Value& item : args[0].items()) out.push(item);
  auto made = out.finish();
  if (!made) return made;
  const auto items = out.items();
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1],
                                                      items[context.random().below(i)]);
  return made;
}

constexpr Function kArrays[] = {
    {.name = "concat", .signatures = {"(lists...: array) -> array"},
     .about = "The items of all arrays, one after the other.", .body = concat,
     .examples = {{"concat([1], [2, 3])", "", "[1,2,3]"}, {"concat()", "", "[]"},
                  {"concat([1], 2)", "", "", "concat"}}},
    {.name = "flatten", .signatures = {"(items: array, levels?: int) -> array"},
     .about = "Arrays within the array taken apart, however deep, or so many levels.",
     .body = flatten,
     .examples = {{"flatten([1, [2, [3]]])", "", "[1,2,3]"},
                  {"flatten([1, [2, [3]]], 1)", "", "[1,2,[3]]"}, {"flatten([])", "", "[]"}}},
    {.name = "sort", .signatures = {"(items: array, order?: string) -> array"},
     .about = "Sorted, \"asc\" or \"desc\"; different kinds stand apart, nil first.",
     .body = sort,
     .examples = {{"sort([3, 1.5, 2])", "", "[1.5,2,3]"},
                  {"sort(['b', 'a'], 'desc')", "", R"(["b","a"])"},
                  {"sort([1], 'up')", "", "", "desc"}}},
    {.name = "first", .signatures = {"(items: array) -> any"},
     .about = "The first item; nil of an empty array.", .body = first,
     .examples = {{"first([1, 2])", "", "1"}, {"first([])", "", "null"}}},
    {.name = "last", .signatures = {"(items: array) -> any"},
     .about = "The last item; nil of an empty array.", .body = last,
     .examples = {{"last([1, 2])", "", "2"}, {"last([])", "", "null"}}},
    {.name = "take", .signatures = {"(items: array, count: int) -> array"},
     .about = "The first so many items.", .body = take,
     .examples = {{"take([1, 2, 3], 2)", "", "[1,2]"}, {"take([1], 5)", "", "[1]"},
                  {"take([1], -1)", "", "", "0 or more"}}},
    {.name = "drop", .signatures = {"(items: array, count: int) -> array"},
     .about = "All but the first so many items.", .body = drop,
     .examples = {{"drop([1, 2, 3], 2)", "", "[3]"}, {"drop([1], 5)", "", "[]"}}},
    {.name = "slice", .signatures = {"(items: array, from: int, to?: int) -> array"},
     .about = "From one place to before another; negative ones count from the end.",
     .body = slice,
     .examples = {{"slice([1, 2, 3, 4], 1, -1)", "", "[2,3]"}, {"slice([1, 2], -1)", "", "[2]"},
                  {"slice([1, 2], 2, 1)", "", "[]"}}},
    {.name = "join", .signatures = {"(items: array, glue?: text) -> string"},
     .about = "The strings of an array, with a text between them.", .body = join,
     .examples = {{"join(['a', 'b'], '-')", "", R"("a-b")"}, {"join([])", "", R"("")"},
                  {"join([1])", "", "", "strings"}}},
};
constexpr Function kMaking[] = {
    {.name = "append", .aliases = {"push"}, .signatures = {"(items: array, more...: any) -> array"},
     .about = "With further items at the end.", .body = extend<false>,
     .examples = {{"append([1], 2, 3)", "", "[1,2,3]"}, {"append([])", "", "[]"}}},
    {.name = "prepend", .signatures = {"(items: array, more...: any) -> array"},
     .about = "With further items at the front.", .body = extend<true>,
     .examples = {{"prepend([3], 1, 2)", "", "[1,2,3]"}, {"prepend([], nil)", "", "[null]"}}},
    {.name = "chunk", .signatures = {"(items: array, size: int) -> array[array]"},
     .about = "Cut into arrays of a size; the last may be shorter.", .body = chunk,
     .examples = {{"chunk([1, 2, 3], 2)", "", "[[1,2],[3]]"}, {"chunk([], 2)", "", "[]"},
                  {"chunk([1], 0)", "", "", "1 or more"}}},
    {.name = "zip", .signatures = {"(lists...: array) -> array[array]"},
     .about = "The first items of all arrays together, then the second ones, to the shortest end.",
     .body = zip,
     .examples = {{"zip([1, 2], ['a', 'b', 'c'])", "", R"([[1,"a"],[2,"b"]])"},
                  {"zip([1], [])", "", "[]"}}},
    {.name = "range", .signatures = {"(end: int) -> array[int]",
                                     "(from: int, end: int, step?: int) -> array[int]"},
     .about = "The ints from `from` (0) to before `end`.", .body = range,
     .examples = {{"range(3)", "", "[0,1,2]"}, {"range(5, 0, -2)", "", "[5,3,1]"},
                  {"range(1, 2, 0)", "", "", "not 0"}, {"range(100000000)", "", "", "limit"}}},
    {.name = "shuffle", .signatures = {"(items: array) -> array"},
     .about = "In any order; repeatable where the run is seeded.", .purity = Purity::kPerRecord,
     .body = shuffle,
     .examples = {{"sort(shuffle([3, 1, 2]))", "", "[1,2,3]"}, {"shuffle([])", "", "[]"}}},
};

}  // namespace

void add_array_functions(FunctionTable& table) {
  add_rows(table, {"array"}, kArrays);
  add_rows(table, {"array"}, kMaking);
}

}  // namespace penstock
