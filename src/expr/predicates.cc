// SPDX-License-Identifier: Apache-2.0
// The builtins with closures: filter(xs, {.price > 10}) and its like.
#include <algorithm>
#include <vector>

#include "expr/interpreter.h"
#include "expr/operators.h"
#include "value/write_json.h"

namespace penstock {

using K = ValueKind;

bool Interpreter::closure_true(const ExprNode& body, bool& out) {
  Value value;
  if (!eval(body, value)) return false;
  if (!value.is(K::kBool)) {
    return fail(body, "this must be a bool, not " + std::string(kind_name(value.kind())));
  }
  out = value.as_bool();
  return true;
}

bool Interpreter::predicate(const ExprNode& node, Value& out) {
  Value items;
  if (!eval(*node.kids[0], items)) return false;
  const bool of_map = node.predicate == Predicate::kMapValues ||
                      node.predicate == Predicate::kFilterEntries;
  if (!items.is(of_map ? K::kMap : K::kArray)) {
    return fail(*node.kids[0], node.name + "() needs " + (of_map ? "a map" : "an array") +
                                   ", not " + std::string(kind_name(items.kind())),
                items.is_null() && !of_map ? "say what stands for nil: (items ?? [])" : "");
  }
  Value start;  // reduce's third argument is evaluated outside of the closure
  if (node.predicate == Predicate::kReduce && node.kids.size() > 2 &&
      !eval(*node.kids[2], start)) {
    return false;
  }
  items_.emplace_back();
  items_.back().total = start;
  bool ok = false;
  switch (node.predicate) {
    case Predicate::kAll:
    case Predicate::kAny:
    case Predicate::kNoneOf:
    case Predicate::kFind:
    case Predicate::kFindIndex:
    case Predicate::kFindLast:
    case Predicate::kFindLastIndex: ok = search(node, items.items(), out); break;
    case Predicate::kOne:
    case Predicate::kCount: ok = count(node, items.items(), out); break;
    case Predicate::kFilter:
    case Predicate::kMap: ok = filter(node, items.items(), out); break;
    case Predicate::kSum: ok = sum(node, items.items(), out); break;
    case Predicate::kGroupBy: ok = group(node, items.items(), out); break;
    case Predicate::kSortBy: ok = sort(node, items.items(), out); break;
    case Predicate::kReduce: ok = reduce(node, items.items(), out); break;
    case Predicate::kMapValues:
    case Predicate::kFilterEntries: ok = entries(node, items, out); break;
    case Predicate::kNone: break;
  }
  items_.pop_back();
  return ok;
}

/// Those that stop at the first item for which the closure is true (all: false).
bool Interpreter::search(const ExprNode& node, std::span<const Value> items, Value& out) {
  const bool last = node.predicate == Predicate::kFindLast ||
                    node.predicate == Predicate::kFindLastIndex;
  const bool stop_at = node.predicate != Predicate::kAll;
  int64_t found = -1;
  for (size_t n = 0; n < items.size() && found < 0; ++n) {
    const size_t i = last ? items.size() - 1 - n : n;
    items_.back().value = items[i];
    items_.back().index = static_cast<int64_t>(i);
    bool is = false;
    if (!closure_true(*node.kids[1], is)) return false;
    if (is == stop_at) found = static_cast<int64_t>(i);
  }
  switch (node.predicate) {
    case Predicate::kAny: out = Value::boolean(found >= 0); break;
    case Predicate::kAll:
    case Predicate::kNoneOf: out = Value::boolean(found < 0); break;
    case Predicate::kFind:
    case Predicate::kFindLast: out = found < 0 ? Value() : items[static_cast<size_t>(found)]; break;
    default:
      // today's expr gives nil where nothing is found
      out = found < 0 ? Value() : Value::integer(found);
  }
  return true;
}

bool Interpreter::count(const ExprNode& node, std::span<const Value> items, Value& out) {
  int64_t n = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    items_.back().value = items[i];
    items_.back().index = static_cast<int64_t>(i);
    bool is = items[i].is(K::kBool) && items[i].as_bool();
    if (node.kids.size() > 1) {
      if (!closure_true(*node.kids[1], is)) return false;
    } else if (!items[i].is(K::kBool)) {
      return fail(node, "without a closure, count() counts what is true of an array of bools");
    }
    n += is;
  }
  out = node.predicate == Predicate::kOne ? Value::boolean(n == 1) : Value::integer(n);
  return true;
}

bool Interpreter::filter(const ExprNode& node, std::span<const Value> items, Value& out) {
  ArrayBuilder result(context_.arena(), items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    items_.back().value = items[i];
    items_.back().index = static_cast<int64_t>(i);
    if (node.predicate == Predicate::kMap) {
      Value value;
      if (!eval(*node.kids[1], value)) return false;
      result.push(value);
    } else {
      bool keep = false;
      if (!closure_true(*node.kids[1], keep)) return false;
      if (keep) result.push(items[i]);
    }
  }
  auto array = result.finish();
  if (!array) return fail(node, array.error());
  out = *array;
  return true;
}

bool Interpreter::sum(const ExprNode& node, std::span<const Value> items, Value& out) {
  Value total = Value::integer(0);
  for (size_t i = 0; i < items.size(); ++i) {
    items_.back().value = items[i];
    items_.back().index = static_cast<int64_t>(i);
    Value value = items[i];
    if (node.kids.size() > 1 && !eval(*node.kids[1], value)) return false;
    Error error;
    if (i == 0 && value.is(K::kDuration)) total = Value::duration(0);
    if (!apply_binary(Op::kPlus, total, value, context_, total, error)) {
      return fail(node, std::move(error));
    }
  }
  out = total;
  return true;
}

bool Interpreter::group(const ExprNode& node, std::span<const Value> items, Value& out) {
  MapBuilder groups(context_.arena());  // key → place in `members`
  std::vector<std::vector<Value>> members;
  for (size_t i = 0; i < items.size(); ++i) {
    items_.back().value = items[i];
    items_.back().index = static_cast<int64_t>(i);
    Value key;
    if (!eval(*node.kids[1], key)) return false;
    if (!key.is(K::kString)) {  // maps have text keys: 1 and "1" meet, as they do in JSON
      auto text = json_value(key, context_.arena());
      if (!text) return fail(node, text.error());
      key = *text;
    }
    if (groups.add(key.text(), Value::integer(static_cast<int64_t>(members.size())))) {
      members.emplace_back();
    }
    const Value* place = groups.find(key.text());
    if (place == nullptr) return fail(node, memory_limit_error(context_.arena().limit()));
    members[static_cast<size_t>(place->as_int())].push_back(items[i]);
  }
  auto result = groups.finish();
  if (!result) return fail(node, result.error());
  MapBuilder arrays(context_.arena(), result->size());
  for (const MapEntry& entry : result->entries()) {
    ArrayBuilder array(context_.arena());
    for (const Value& v : members[static_cast<size_t>(entry.value.as_int())]) array.push(v);
    auto value = array.finish();
    if (!value) return fail(node, value.error());
    arrays.add_new(entry.key, *value);
  }
  auto map = arrays.finish();
  if (!map) return fail(node, map.error());
  out = *map;
  return true;
}

bool Interpreter::sort(const ExprNode& node, std::span<const Value> items, Value& out) {
  struct Keyed {
    Value key;
    size_t place;
  };
  bool descending = false;
  if (node.kids.size() > 2) {
    Value order;
    if (!eval(*node.kids[2], order)) return false;
    if (!order.is(K::kString) || (order.text() != "asc" && order.text() != "desc")) {
      return fail(*node.kids[2], "the order is \"asc\" or \"desc\"");
    }
    descending = order.text() == "desc";
  }
  std::vector<Keyed> keyed(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    items_.back().value = items[i];
    items_.back().index = static_cast<int64_t>(i);
    keyed[i].place = i;
    if (!eval(*node.kids[1], keyed[i].key)) return false;
  }
  if (!context_.spend(items.size() * 8)) return fail(node, context_.out_of_steps());
  std::stable_sort(keyed.begin(), keyed.end(), [&](const Keyed& a, const Keyed& b) {
    return descending ? compare_any(b.key, a.key) < 0 : compare_any(a.key, b.key) < 0;
  });
  ArrayBuilder result(context_.arena(), items.size());
  for (const Keyed& k : keyed) result.push(items[k.place]);
  auto array = result.finish();
  if (!array) return fail(node, array.error());
  out = *array;
  return true;
}

bool Interpreter::reduce(const ExprNode& node, std::span<const Value> items, Value& out) {
  size_t i = 0;
  if (node.kids.size() < 3) {
    if (items.empty()) {
      return fail(node, "reduce() of an empty array needs a start value",
                  "reduce(items, {#acc + #}, 0)");
    }
    items_.back().total = items[i++];
  }
  for (; i < items.size(); ++i) {
    items_.back().value = items[i];
    items_.back().index = static_cast<int64_t>(i);
    Value total;
    if (!eval(*node.kids[1], total)) return false;
    items_.back().total = total;
  }
  out = items_.back().total;
  return true;
}

/// `#` is {key, value} of the entry.
bool Interpreter::entries(const ExprNode& node, const Value& map, Value& out) {
  MapBuilder result(context_.arena(), map.size());
  int64_t index = 0;
  for (const MapEntry& entry : map.entries()) {
    MapBuilder pair(context_.arena(), 2);
    pair.add_new("key", Value::string(entry.key));
    pair.add_new("value", entry.value);
    auto item = pair.finish();
    if (!item) return fail(node, item.error());
    items_.back().value = *item;
    items_.back().index = index++;
    if (node.predicate == Predicate::kMapValues) {
      Value value;
      if (!eval(*node.kids[1], value)) return false;
      result.add_new(entry.key, value);
    } else {
      bool keep = false;
      if (!closure_true(*node.kids[1], keep)) return false;
      if (keep) result.add_new(entry.key, entry.value);
    }
  }
  auto value = result.finish();
  if (!value) return fail(node, value.error());
  out = *value;
  return true;
}

}  // namespace penstock
