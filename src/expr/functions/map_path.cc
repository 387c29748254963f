// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "expr/functions/arguments.h"
#include "expr/functions/library.h"

// Into nested values by key or by path: "a.b[0].c".
namespace penstock {
namespace {

const Value* item_at(const Value& list, int64_t at) {
  const auto size = static_cast<int64_t>(list.size());
  if (at < 0) at += size;
  return at >= 0 && at < size ? &list.items()[static_cast<size_t>(at)] : nullptr;
}

Result<Value> get(EvalContext& context, Arguments args) {
  const Value otherwise = args.size() > 2 ? args[2] : Value();
  const Value &from = args[0], &key = args[1];
  const Value* found = nullptr;
  if (from.is(ValueKind::kMap) && key.is_text()) found = from.find(key.text());
  if (from.is(ValueKind::kArray) && key.is_numeric()) {
    const auto at = exact_int(key);
    if (at) found = item_at(from, *at);
  }
  if (from.is_text() && key.is(ValueKind::kInt)) {
    const auto size = static_cast<int64_t>(count_code_points(from.text()));
    PENSTOCK_TRY(spend_bytes(context, from.size()));
    const int64_t at = key.as_int() < 0 ? key.as_int() + size : key.as_int();
    if (at < 0 || at >= size) return otherwise;
    const std::string_view rest =
        from.text().substr(code_point_offset(from.text(), static_cast<size_t>(at)));
    return Value::string(rest.substr(0, code_point_offset(rest, 1)));
  }
  return found == nullptr ? otherwise : *found;
}

struct PathIndex {
  int64_t value = 0;
  bool set = false;
};

/// Takes the next step off a path; false at the end or if it makes no sense.
bool next_step(std::string_view& path, std::string_view& key, PathIndex& at) {
  if (path.starts_with('.')) path.remove_prefix(1);
  if (path.empty()) return false;
  at = {};
  if (path[0] == '[') {
    const size_t close = path.find(']');
    if (close == std::string_view::npos) return false;
    key = path.substr(1, close - 1);
    int64_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error == std::errc() && end == key.data() + key.size()) at = {number, true};
    else if (key.size() >= 2 && (key[0] == '"' || key[0] == '\'')) {
      key = key.substr(1, key.size() - 2);
    }
    path.remove_prefix(close + 1);
    return true;
  }
  const size_t end = std::min(path.find_first_of(".["), path.size());
  key = path.substr(0, end);
  path.remove_prefix(end);
  return !key.empty();
}

Result<Value> get_path(EvalContext& context, Arguments args) {
  const Value otherwise = args.size() > 2 ? args[2] : Value();
  std::string_view path = args[1].text(), key;
  PathIndex at;
  const Value* here = &args[0];
  while (here != nullptr && next_step(path, key, at)) {
    PENSTOCK_TRY(context.spend(1));
    if (here->is(ValueKind::kArray) && at.set) here = item_at(*here, at.value);
    else here = here->is(ValueKind::kMap) ? here->find(key) : nullptr;
  }
  if (here != nullptr && !path.empty()) {
    return eval_error("\"" + std::string(args[1].text()) + "\" is not a path");
  }
  return here == nullptr ? otherwise : *here;
}

Result<void> flatten_into(EvalContext& context, const Value& v, const std::string& prefix,
                          std::string_view mark, MapBuilder& out, uint32_t depth) {
  if (depth > context.limits().depth_max) return eval_error("the maps are nested too deep");
  PENSTOCK_TRY(context.spend(1 + prefix.size() / 64));
  const auto below = [&](std::string_view key) {
    return prefix.empty() ? std::string(key) : prefix + std::string(mark) + std::string(key);
  };
  if (v.is(ValueKind::kMap) && v.size() > 0) {
    for (const MapEntry& entry : v.entries()) {
      PENSTOCK_TRY(flatten_into(context, entry.value, below(entry.key), mark, out, depth + 1));
    }
  } else if (v.is(ValueKind::kArray) && v.size() > 0) {
    for (size_t i = 0; i < v.size(); ++i) {
      PENSTOCK_TRY(flatten_into(context, v.items()[i], below(std::to_string(i)), mark, out,
                                depth + 1));
    }
  } else {
    const auto key = context.string(prefix);
    if (!key) return key.error();
    out.set(key->text(), v);
  }
  return {};
}

Result<Value> flatten_keys(EvalContext& context, Arguments args) {
  MapBuilder out(context.arena());
  if (args[0].size() > 0) {
    PENSTOCK_TRY(flatten_into(context, args[0], "", text_or(args, 1, "."), out, 0));
  }
  return out.finish();
}

/// A copy of `map` in which the path leads to `value`; maps are made on the way.
Result<Value> with_path(EvalContext& context, const Value* map, std::string_view path,
                        std::string_view mark, const Value& value, uint32_t depth) {
  if (depth > context.limits().depth_max) return eval_error("the path is too long");
  const size_t end = mark.empty() ? std::string_view::npos : path.find(mark);
  const std::string_view key = path.substr(0, end);
  MapBuilder out(context.arena());
  const bool is_map = map != nullptr && map->is(ValueKind::kMap);
  if (is_map) {
    PENSTOCK_TRY(context.spend(map->size() + 1));
    for (const MapEntry& entry : map->entries()) out.add_new(entry.key, entry.value);
  }
  if (end == std::string_view::npos) {
    out.set(key, value);
    return out.finish();
  }
  auto below = with_path(context, is_map ? map->find(key) : nullptr,
                         path.substr(end + mark.size()), mark, value, depth + 1);
  if (!below) return below;
  out.set(key, *below);
  return out.finish();
}

Result<Value> set_path(EvalContext& context, Arguments args) {
  return with_path(context, &args[0], args[1].text(), ".", args[2], 0);
}

Result<Value> unflatten(EvalContext& context, Arguments args) {
  MapBuilder none(context.arena());
  auto out = none.finish();
  for (const MapEntry& entry : args[0].entries()) {
    if (!out) return out;
    out = with_path(context, &*out, entry.key, text_or(args, 1, "."), entry.value, 0);
  }
  return out;
}

constexpr Function kPaths[] = {
    {.name = "get", .signatures = {"(from: any, key: any, otherwise?: any) -> any"},
     .about = "A member, an item (negative: from the end) or a character; nil, or `otherwise`, if "
              "there is none.",
     .body = get,
     .examples = {{"get({a: 1}, 'a')", "", "1"}, {"get([1, 2], -1)", "", "2"},
                  {"get(nil, 'a', 5)", "", "5"}, {"get([1], 'x')", "", "null"}}},
    {.name = "getPath", .signatures = {"(from: any, path: text, otherwise?: any) -> any"},
     .about = "What a path leads to; nil, or `otherwise`, if it leads nowhere.", .body = get_path,
     .examples = {{"getPath({a: {b: [{c: 5}]}}, 'a.b[0].c')", "", "5"},
                  {"getPath({a: 1}, 'a.b.c', 'none')", "", R"("none")"},
                  {"getPath({a: 1}, '[')", "", "", "not a path"}}},
    {.name = "setPath", .signatures = {"(map: map, path: text, value: any) -> map"},
     .about = "With a value at a path of keys; maps are made on the way.", .body = set_path,
     .examples = {{"setPath({a: {b: 1}}, 'a.c', 2)", "", R"({"a":{"b":1,"c":2}})"},
                  {"setPath({}, 'x.y', true)", "", R"({"x":{"y":true}})"}}},
    {.name = "flattenKeys", .signatures = {"(value: map|array, mark?: text) -> map"},
     .about = "Nested maps and arrays as one map with keys such as \"a.b.0\".",
     .body = flatten_keys,
     .examples = {{"flattenKeys({a: {b: 1, c: [2]}})", "", R"({"a.b":1,"a.c.0":2})"},
                  {"flattenKeys({a: {b: 1}}, '_')", "", R"({"a_b":1})"},
                  {"flattenKeys({a: {}})", "", R"({"a":{}})"}}},
    {.name = "unflattenKeys", .signatures = {"(map: map, mark?: text) -> map"},
     .about = "The other way: keys such as \"a.b\" become nested maps.", .body = unflatten,
     .examples = {{"unflattenKeys({'a.b': 1, 'a.c': 2})", "", R"({"a":{"b":1,"c":2}})"},
                  {"unflattenKeys({a: 1, 'a.b': 2})", "", R"({"a":{"b":2}})"}}},
};

}  // namespace

void add_map_path_functions(FunctionTable& table) { add_rows(table, {"map"}, kPaths); }

}  // namespace penstock
