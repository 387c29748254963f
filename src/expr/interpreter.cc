// SPDX-License-Identifier: Apache-2.0
#include "expr/interpreter.h"

#include <algorithm>

#include "expr/operators.h"
#include "json/projector.h"
#include "record/headers.h"
#include "value/time_text.h"

namespace penstock {

using K = ValueKind;

namespace {

/// A division of 32 bits takes half the time. REQUIRES: b > 0.
int64_t remainder(int64_t a, int64_t b) {
  if (static_cast<uint64_t>(a | b) >> 32 == 0) {
    return static_cast<int64_t>(static_cast<uint32_t>(a) % static_cast<uint32_t>(b));
  }
  return a % b;
}

/// Of two integers, what needs no more than that; false for the rest.
bool of_integers(Op op, int64_t a, int64_t b, Value& out) {
  switch (op) {
    case Op::kEqual: out = Value::boolean(a == b); return true;
    case Op::kLess: out = Value::boolean(a < b); return true;
    case Op::kGreater: out = Value::boolean(a > b); return true;
    case Op::kRemainder:
      if (b <= 0) return false;
      out = Value::integer(remainder(a, b));
      return true;
    default: return false;
  }
}

/// How many bytes of a document stand before a text that may be a part of it.
size_t place_in(std::string_view document, std::string_view text) {
  const auto at = reinterpret_cast<uintptr_t>(text.data()) -
                  reinterpret_cast<uintptr_t>(document.data());
  return at < document.size() ? at : 0;
}

}  // namespace

void Interpreter::use_program(const Program& program) {
  text_ = program.text;
  if (locals_.size() < static_cast<size_t>(program.locals)) {
    locals_.resize(static_cast<size_t>(program.locals));
  }
  items_.clear();
}

bool Interpreter::fail(const ExprNode& node, Error error) {
  error_ = std::move(error);
  if (error_.detail.empty()) {
    const LineColumn at = place_of(text_, node.offset);
    std::string part(text_.substr(std::min<size_t>(node.offset, text_.size()),
                                  std::min<uint32_t>(node.length, 60)));
    std::replace(part.begin(), part.end(), '\n', ' ');
    error_.detail = "in `" + part + "` at " + std::to_string(at.line) + ":" +
                    std::to_string(at.column);
  }
  return false;
}

inline bool Interpreter::path(const ExprNode& node, Value& out) {
  if (columns_ == nullptr) return path_of_document(node, out);
  const Column& column = *columns_[node.slot];
  if (column.plain && column.type == ColumnType::kInt) {
    return out = Value::integer(column.ints[row_]), true;
  }
  return other_path(node, column, out);
}

bool Interpreter::eval(const ExprNode& node, Value& out) {
  if (__builtin_expect(!context_.step(), 0)) return fail(node, context_.out_of_steps());
  switch (node.kind) {
    case NodeKind::kConstant: out = node.constant; return true;
    case NodeKind::kPath: return path(node, out);
    case NodeKind::kBinary: return binary(node, out);
    case NodeKind::kUnary: return unary(node, out);
    case NodeKind::kDocument: return document(node, out);
    case NodeKind::kRecord: return record(node, out);
    case NodeKind::kVariable: {
      const auto slot = static_cast<size_t>(node.slot);
      out = slot < variables_.size() ? variables_[slot] : Value();
      return true;
    }
    case NodeKind::kLocal: out = locals_[static_cast<size_t>(node.slot)]; return true;
    case NodeKind::kItem: out = items_[items_.size() - 1].value; return true;
    case NodeKind::kItemIndex: out = Value::integer(items_.back().index); return true;
    case NodeKind::kTotal: out = items_.back().total; return true;
    case NodeKind::kMember: {
      Value of;
      return eval(*node.kids[0], of) && member(node, of, node.name, out);
    }
    case NodeKind::kIndex: {
      Value of, index;
      return eval(*node.kids[0], of) && eval(*node.kids[1], index) && item(node, of, index, out);
    }
    case NodeKind::kSlice: return slice(node, out);
    case NodeKind::kConditional: return conditional(node, out);
    case NodeKind::kArray: return array(node, out);
    case NodeKind::kMap: return map(node, out);
    case NodeKind::kCall: return call(node, out);
    case NodeKind::kPredicate: return predicate(node, out);
    case NodeKind::kLet: {
      Value value;
      if (!eval(*node.kids[0], value)) return false;
      locals_[static_cast<size_t>(node.slot)] = value;
      return eval(*node.kids[1], out);
    }
    case NodeKind::kName: break;
  }
  return fail(node, "\"" + node.name + "\" is not known");
}

bool Interpreter::json(const ExprNode& node, std::string_view text, Value& out, bool kept,
                       std::string_view document) {
  if (parser_ == nullptr) parser_ = std::make_unique<JsonParser>();
  if (!context_.spend(text.size() / 64)) return fail(node, context_.out_of_steps());
  ValueArena& arena = kept ? column_arena_ : context_.arena();
  auto value = parser_->parse_padded(text, arena, DuplicateKeys::kFirst, place_in(document, text));
  if (!value) return fail(node, value.error());
  out = *value;
  return true;
}

/// Of a column that is not all integers.
bool Interpreter::other_path(const ExprNode& node, const Column& column, Value& out) {
  const Cell cell = column.cell(row_);
  if (cell == Cell::kNoMember) {
    return fail(node, "what should contain this member is neither a map nor nil");
  }
  if (cell != Cell::kValue) return out = Value(), true;
  auto value = cell_value(column, row_, context_.arena());
  if (!value) return fail(node, value.error());
  out = *value;
  if (!out.is(K::kJson)) return true;
  const std::string_view document = record_ == nullptr ? "" : record_->payload_view();
  if (!json(node, out.text(), out, true, document)) return false;
  column.values[row_] = out;  // looked into: kept parsed for the next reader
  return true;
}

bool Interpreter::path_of_document(const ExprNode& node, Value& out) {
  Value value = document_;
  for (const PathStep& step : node.path) {
    const bool ok = step.index >= 0 ? item(node, value, Value::integer(step.index), value)
                                    : member(node, value, step.key, value);
    if (!ok) return false;
  }
  out = value;
  return true;
}

bool Interpreter::document(const ExprNode& node, Value& out) {
  if (!document_known_) {
    if (record_ == nullptr) return fail(node, "there is no record here");
    if (!json(node, record_->payload_view(), document_)) return false;
    document_known_ = true;
  }
  out = document_;
  return true;
}

bool Interpreter::headers(const ExprNode& node, Value& out) {
  MapBuilder map(context_.arena());
  for_each_header(record_->headers_view(), [&](std::string_view name, std::string_view value) {
    map.add(name, Value::string(value));
  });
  auto value = map.finish();
  if (!value) return fail(node, value.error());
  out = *value;
  return true;
}

bool Interpreter::context_map(Value& out, const ExprNode& node) {
  MapBuilder map(context_.arena());
  for (const auto& [name, header] : {std::pair<std::string_view, std::string_view>
                                     {"source", "dataflow-source"}, {"id", "dataflow-id"},
                                     {"time", "dataflow-time"}}) {
    const auto value = find_header(record_->headers_view(), header);
    map.set(name, value ? Value::string(*value) : Value::string(""));
  }
  if (record_->event_time_us != kNoEventTime) {
    const int64_t second = record_->event_time_us / 1'000'000 * 1'000'000;
    auto text = copy_string(context_.arena(), format_rfc3339({second, 0, 0}));
    if (!text) return fail(node, text.error());
    map.set("time", *text);
  }
  auto value = map.finish();
  if (!value) return fail(node, value.error());
  out = *value;
  return true;
}

bool Interpreter::record(const ExprNode& node, Value& out) {
  if (record_ == nullptr) {
    if (node.part == RecordPart::kPayload && document_known_) return out = document_, true;
    return out = Value(), true;
  }
  switch (node.part) {
    case RecordPart::kPayload: out = Value::bytes(record_->payload_view()); return true;
    case RecordPart::kKey:
      out = record_->has_key() ? Value::string(record_->key_view()) : Value();
      return true;
    case RecordPart::kHeaders: return headers(node, out);
    case RecordPart::kEventTime:
      out = record_->event_time_us == kNoEventTime ? Value()
                                                   : Value::time_micros(record_->event_time_us);
      return true;
    case RecordPart::kPosition: out = Value::integer(record_->position); return true;
    case RecordPart::kAttempts: out = Value::integer(record_->attempts); return true;
    default: return context_map(out, node);
  }
}

bool Interpreter::member(const ExprNode& node, const Value& of, std::string_view name,
                         Value& out) {
  if (of.is(K::kMap)) {
    const Value* found = of.find(name);
    out = found == nullptr ? Value() : *found;
    return true;
  }
  const bool gentle = node.optional || context_.dialect() == ExprDialect::kPenstock;
  if (of.is_null() && gentle) return out = Value(), true;
  if (of.is_null()) return fail(node, "cannot take the member " + std::string(name) + " of nil");
  return fail(node, "cannot take the member " + std::string(name) + " of " +
                        std::string(kind_name(of.kind())));
}

bool Interpreter::item(const ExprNode& node, const Value& of, const Value& index, Value& out) {
  const bool penstock = context_.dialect() == ExprDialect::kPenstock;
  if (index.is(K::kString)) return member(node, of, index.text(), out);
  if (of.is_null() && (node.optional || penstock)) return out = Value(), true;
  const auto at = exact_int(index);
  if (!at || !of.is(K::kArray)) {
    return fail(node, "cannot take item " + std::string(index.is_numeric()
                          ? "number" : kind_name(index.kind())) +
                          " of " + std::string(kind_name(of.kind())));
  }
  const int64_t size = of.size();
  const int64_t place = *at < 0 ? *at + size : *at;
  if (place >= 0 && place < size) {
    out = of.items()[static_cast<size_t>(place)];
    return true;
  }
  if (penstock) return out = Value(), true;
  return fail(node, "index " + std::to_string(*at) + " is out of range: the array has " +
                        std::to_string(size) + " items");
}

bool Interpreter::slice(const ExprNode& node, Value& out) {
  Value of, bounds[2];
  if (!eval(*node.kids[0], of) || !eval(*node.kids[1], bounds[0]) ||
      !eval(*node.kids[2], bounds[1])) {
    return false;
  }
  if (of.is_null() && context_.dialect() == ExprDialect::kPenstock) return out = Value(), true;
  if (!of.is(K::kArray) && !of.is_text()) {
    return fail(node, "cannot take a slice of " + std::string(kind_name(of.kind())));
  }
  const int64_t size = of.size();
  int64_t range[2] = {0, size};
  for (int i = 0; i < 2; ++i) {
    if (bounds[i].is_null()) continue;
    const auto bound = exact_int(bounds[i]);
    if (!bound) return fail(node, "the bounds of a slice must be integers");
    range[i] = std::clamp<int64_t>(*bound < 0 ? *bound + size : *bound, 0, size);
  }
  const auto from = static_cast<size_t>(std::min(range[0], range[1]));
  const size_t count = static_cast<size_t>(range[1]) - from;
  if (of.is(K::kArray)) out = Value::array(of.items().subspan(from, count));
  else if (of.is(K::kBytes)) out = Value::bytes(of.text().substr(from, count));
  else out = Value::string(of.text().substr(from, count));
  return true;
}

bool Interpreter::unary(const ExprNode& node, Value& out) {
  Value a;
  if (!eval(*node.kids[0], a)) return false;
  Error error;
  return apply_unary(node.op, a, context_, out, error) || fail(node, std::move(error));
}

bool Interpreter::logic(const ExprNode& node, Value& out) {
  if (!eval(*node.kids[0], out)) return false;
  if (node.op == Op::kCoalesce) return out.is_null() ? eval(*node.kids[1], out) : true;
  for (int i = 0;; ++i) {
    if (!out.is(K::kBool)) {
      return fail(*node.kids[static_cast<size_t>(i)],
                  std::string(symbol(node.op)) + " needs a bool, not " +
                      std::string(kind_name(out.kind())));
    }
    if (i == 1 || out.as_bool() == (node.op == Op::kOr)) return true;
    if (!eval(*node.kids[1], out)) return false;
  }
}

/// Most operands are fields and constants: without a call.
inline bool Interpreter::operand(const ExprNode& node, Value& out) {
  if (node.kind == NodeKind::kConstant) return out = node.constant, true;
  if (node.kind == NodeKind::kPath) return path(node, out);
  if (node.kind == NodeKind::kBinary && context_.step()) return binary(node, out);
  return eval(node, out);
}

/// A field or a constant, if it is an integer.
inline bool Interpreter::integer(const ExprNode& node, int64_t& out) const {
  if (node.kind == NodeKind::kConstant && node.constant.is(K::kInt)) {
    return out = node.constant.as_int(), true;
  }
  if (node.kind != NodeKind::kPath || columns_ == nullptr) return false;
  const Column& column = *columns_[node.slot];
  if (!column.plain || column.type != ColumnType::kInt) return false;
  return out = column.ints[row_], true;
}

/// Integers stay in registers: a field, a constant, or the remainder of two of these, with another.
inline bool Interpreter::integers(const ExprNode& node, Value& out) {
  int64_t a, b;
  if (!integer(*node.kids[1], b)) return false;
  const ExprNode& left = *node.kids[0];
  if (!integer(left, a)) {
    int64_t divisor;
    if (left.kind != NodeKind::kBinary || left.op != Op::kRemainder) return false;
    if (!integer(*left.kids[0], a) || !integer(*left.kids[1], divisor)) return false;
    if (divisor <= 0 || !context_.step()) return false;
    a = remainder(a, divisor);
  }
  return of_integers(node.op, a, b, out);
}

bool Interpreter::binary(const ExprNode& node, Value& out) {
  if (integers(node, out)) return true;
  if (node.op == Op::kAnd || node.op == Op::kOr || node.op == Op::kCoalesce) {
    return logic(node, out);
  }
  Value a, b;
  if (!operand(*node.kids[0], a) || !operand(*node.kids[1], b)) return false;
  if (a.is(K::kInt) && b.is(K::kInt) && of_integers(node.op, a.as_int(), b.as_int(), out)) {
    return true;
  }
  return binary_of(node, a, b, out);
}

bool Interpreter::binary_of(const ExprNode& node, const Value& a, const Value& b, Value& out) {
  if (node.regex != nullptr && a.is_text()) {
    if (!context_.spend(a.size() / 16)) return fail(node, context_.out_of_steps());
    return out = Value::boolean(node.regex->matches(a.text())), true;
  }
  Error error;
  return apply_binary(node.op, a, b, context_, out, error) || fail(node, std::move(error));
}

bool Interpreter::conditional(const ExprNode& node, Value& out) {
  Value condition;
  if (!eval(*node.kids[0], condition)) return false;
  if (!condition.is(K::kBool)) {
    // `a ?: b` gives a unless it is nil or false
    return fail(*node.kids[0], "? needs a bool, not " + std::string(kind_name(condition.kind())));
  }
  return eval(*node.kids[condition.as_bool() ? 1 : 2], out);
}

bool Interpreter::array(const ExprNode& node, Value& out) {
  ArrayBuilder items(context_.arena(), node.kids.size());
  for (const ExprNode* kid : node.kids) {
    Value item;
    if (!eval(*kid, item)) return false;
    items.push(item);
  }
  auto result = items.finish();
  if (!result) return fail(node, result.error());
  out = *result;
  return true;
}

bool Interpreter::map(const ExprNode& node, Value& out) {
  MapBuilder entries(context_.arena(), node.kids.size() / 2);
  for (size_t i = 0; i < node.kids.size(); i += 2) {
    Value key, value;
    if (!eval(*node.kids[i], key) || !eval(*node.kids[i + 1], value)) return false;
    if (!key.is(K::kString)) {
      return fail(*node.kids[i], "a map's key must be a string, not " +
                                     std::string(kind_name(key.kind())));
    }
    entries.set(key.text(), value);
  }
  auto result = entries.finish();
  if (!result) return fail(node, result.error());
  out = *result;
  return true;
}

bool fit_arguments(const FunctionEntry& function, std::span<Value> args) {
  for (const Signature& signature : function.signatures) {
    const auto& parameters = signature.parameters;
    const bool open = !parameters.empty() && parameters.back().variadic;
    if (args.size() > parameters.size() && !open) continue;
    size_t needed = 0;
    while (needed < parameters.size() && !parameters[needed].optional &&
           !parameters[needed].variadic) {
      ++needed;
    }
    if (args.size() < needed) continue;
    const auto parameter = [&](size_t i) -> const Parameter& {
      return parameters[std::min(i, parameters.size() - 1)];
    };
    const auto fits = [&](size_t i) {
      if ((parameter(i).type & type_of(args[i].kind())) != 0) return true;
      return (parameter(i).type & kIntType) != 0 && args[i].is(K::kDouble) &&
             exact_int(args[i]).has_value();
    };
    bool all = true;
    for (size_t i = 0; i < args.size() && all; ++i) all = fits(i);
    if (!all) continue;
    for (size_t i = 0; i < args.size(); ++i) {
      if ((parameter(i).type & type_of(args[i].kind())) == 0) {
        args[i] = Value::integer(*exact_int(args[i]));
      }
    }
    return true;
  }
  return false;
}

bool Interpreter::call(const ExprNode& node, Value& out) {
  constexpr size_t kFew = 8;
  Value few[kFew];
  std::vector<Value> many(node.kids.size() > kFew ? node.kids.size() : 0);
  const std::span<Value> args(many.empty() ? few : many.data(), node.kids.size());
  for (size_t i = 0; i < args.size(); ++i) {
    if (!eval(*node.kids[i], args[i])) return false;
  }
  return apply(node, args, out);
}

bool Interpreter::apply(const ExprNode& node, std::span<Value> args, Value& out, bool fit) {
  const FunctionEntry& function = *node.function;
  if (!fit && !fit_arguments(function, args)) {
    std::string kinds;
    for (const Value& arg : args) {
      kinds += (kinds.empty() ? "" : ", ") + std::string(kind_name(arg.kind()));
    }
    return fail(node, node.name + "() does not take (" + kinds + ")",
                "it takes " + function.signatures.front().text);
  }
  if (!context_.spend(function.function.cost)) return fail(node, context_.out_of_steps());
  auto result = function.function.body(context_, args);
  if (!result) {
    Error error = std::move(result).error();
    if (error.message.find(node.name) == std::string::npos) {
      error.message = node.name + "(): " + error.message;
    }
    return fail(node, std::move(error));
  }
  out = *result;
  return true;
}

}  // namespace penstock
