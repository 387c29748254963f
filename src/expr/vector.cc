// SPDX-License-Identifier: Apache-2.0
#include "expr/vector.h"

#include <algorithm>
#include <cstring>

#include "expr/explain.h"
#include "expr/kernels.h"
#include "expr/operators.h"

namespace penstock {

using K = ValueKind;

Operand& Operand::operator=(Operand&& other) noexcept {
  if (own != nullptr && engine != nullptr) engine->give_back(std::move(own));
  column = std::exchange(other.column, nullptr);
  constant = other.constant;
  own = std::move(other.own);
  engine = other.engine;
  return *this;
}
Operand::~Operand() {
  if (own != nullptr && engine != nullptr) engine->give_back(std::move(own));
}

void put(ColumnFill& to, uint32_t row, const Value& value) {
  switch (value.kind()) {
    case K::kNull: return to.put_null(row);
    case K::kBool: return to.put_bool(row, value.as_bool());
    case K::kInt: return to.put_int(row, value.as_int());
    case K::kUint: return to.put_uint(row, value.as_uint());
    case K::kDouble: return to.put_double(row, value.as_double());
    case K::kString: return to.put_string(row, value.text());
    default: return to.put_value(row, value);
  }
}

void VectorEngine::give_back(std::unique_ptr<ColumnFill> fill) {
  spare_.push_back(std::move(fill));
}

Operand VectorEngine::fresh() {
  Operand out;
  out.engine = this;
  if (spare_.empty()) {
    out.own = std::make_unique<ColumnFill>();
    out.own->set_arena(&context_.arena());
  } else {
    out.own = std::move(spare_.back());
    spare_.pop_back();
  }
  out.own->begin(batch_rows_);
  out.column = &out.own->column();
  return out;
}

RowList& VectorEngine::list() {
  if (lists_used_ == lists_.size()) lists_.push_back(std::make_unique<RowList>());
  RowList& list = *lists_[lists_used_++];
  list.count = 0;
  return list;
}

void VectorEngine::begin(const Batch& batch) {
  batch_ = &batch;
  begin_rows(static_cast<uint32_t>(batch.heads().size()));
}

void VectorEngine::begin_rows(uint32_t rows) {
  batch_rows_ = rows;
  lists_used_ = 0;
  views_.clear();
  if (!errors_.empty()) failed_.fill(0);
  errors_.clear();
  sorted_ = true;
}

void VectorEngine::use_program(const Program& program, const Column* const* columns,
                               const ItemRead* items) {
  program_ = &program;
  columns_ = columns;
  items_ = items;
  interpreter_.use_program(program);
  interpreter_.use_columns(columns);
}

void VectorEngine::fail(uint32_t row, Error error) {
  if (failed_[row] != 0) return;
  failed_[row] = 1;
  sorted_ = sorted_ && (errors_.empty() || errors_.back().row < row);
  errors_.push_back({row, std::move(error)});
}

const std::vector<RowError>& VectorEngine::errors() {
  if (!sorted_) {
    std::sort(errors_.begin(), errors_.end(),
              [](const RowError& a, const RowError& b) { return a.row < b.row; });
    sorted_ = true;
  }
  return errors_;
}

Rows VectorEngine::without_failed(Rows rows) {
  if (errors_.empty()) return rows;
  RowList& kept = list();
  for (uint32_t i = 0; i < rows.count; ++i) {
    if (!has_failed(rows[i])) kept.add(rows[i]);
  }
  return kept.rows();
}

Rows VectorEngine::minus(const Rows& rows, const Rows& without) {
  RowList& kept = list();
  uint32_t at = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint32_t row = rows[i];
    if (at < without.count && without[at] == row) ++at;
    else if (!has_failed(row)) kept.add(row);
  }
  return kept.rows();
}

Rows VectorEngine::merged(const Rows& a, const Rows& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  RowList& both = list();
  uint32_t i = 0, j = 0;
  while (i < a.count || j < b.count) {
    const bool first = j == b.count || (i < a.count && a[i] < b[j]);
    const uint32_t row = first ? a[i++] : b[j++];
    if (!has_failed(row)) both.add(row);
  }
  return both.rows();
}

bool VectorEngine::value_at(const ExprNode& node, const Operand& operand, uint32_t row,
                            Value& out) {
  if (operand.is_constant()) return out = operand.constant, true;
  auto value = cell_value(*operand.column, row, context_.arena());
  if (!value) return fail(row, value.error()), false;
  out = *value;
  if (!out.is(K::kJson)) return true;
  const std::string_view document =
      batch_ == nullptr ? "" : batch_->heads()[row].payload_view();
  if (!interpreter_.json(node, out.text(), out, operand.own == nullptr, document)) {
    return fail(row, interpreter_.take_error()), false;
  }
  operand.column->values[row] = out;
  return true;
}

Operand VectorEngine::eval(const ExprNode& node, Rows& rows) {
  switch (kernel_of(node)) {
    case Kernel::kConstant: {
      Operand out;
      out.constant = node.constant;
      return out;
    }
    case Kernel::kColumn: return path(node, rows);
    case Kernel::kRows: return rowwise(node, rows);
    case Kernel::kVector: break;
  }
  switch (node.kind) {
    case NodeKind::kVariable: {
      Operand out;
      const auto slot = static_cast<size_t>(node.slot);
      out.constant = slot < variables_.size() ? variables_[slot] : Value();
      return out;
    }
    case NodeKind::kConditional: return conditional(node, rows);
    case NodeKind::kUnary: return unary(node, rows);
    case NodeKind::kCall: return call(node, rows);
    case NodeKind::kPredicate: return closure(node, rows);
    case NodeKind::kMember:
    case NodeKind::kIndex: return item(node, rows);
    default: break;
  }
  if (node.op == Op::kAnd || node.op == Op::kOr) return truth(node, rows);
  if (node.op == Op::kCoalesce) return coalesce(node, rows);
  return binary(node, rows);
}

Operand VectorEngine::path(const ExprNode& node, Rows& rows) {
  Operand out;
  out.column = columns_[batch_ == nullptr ? node.item_path : node.slot];
  if (out.column->plain) return out;
  bool failed = false, plain = out.column->type != ColumnType::kNone;
  for (uint32_t i = 0; i < rows.count; ++i) {
    const Cell cell = out.column->cell(rows[i]);
    plain = plain && cell == Cell::kValue;
    if (cell != Cell::kNoMember) continue;
    if (batch_ != nullptr) {
      use_row(rows[i]);
      Value ignored;
      interpreter_.eval(node, ignored);
    }
    fail(rows[i], interpreter_.take_error());
    failed = true;
  }
  if (failed) rows = without_failed(rows);
  if (plain) {  // for these rows, if not for all
    Column& view = views_.emplace_back(*out.column);
    view.plain = true;
    out.column = &view;
  }
  return out;
}

Operand VectorEngine::rowwise(const ExprNode& node, Rows& rows) {
  return each_row(rows, [&](uint32_t row, Value& out) {
    use_row(row);
    if (interpreter_.eval(node, out)) return true;
    return fail(row, interpreter_.take_error()), false;
  });
}

/// A function of columns: its arguments need not be found again for each record.
Operand VectorEngine::call(const ExprNode& node, Rows& rows) {
  std::vector<Operand> args;
  args.reserve(node.kids.size());
  for (const ExprNode* kid : node.kids) args.push_back(eval(*kid, rows));
  std::vector<Value> values(args.size());
  std::vector<K> kinds(args.size()), fitting;  // of this row's arguments; of some that were taken
  return each_row(rows, [&](uint32_t row, Value& out) {
    for (size_t i = 0; i < args.size(); ++i) {
      if (!value_at(*node.kids[i], args[i], row, values[i])) return false;
      kinds[i] = values[i].kind();
    }
    const bool fit = !kinds.empty() && kinds == fitting;
    if (!interpreter_.apply(node, values, out, fit)) {
      return fail(row, interpreter_.take_error()), false;
    }
    bool unchanged = !fit;
    for (size_t i = 0; i < args.size(); ++i) unchanged &= values[i].kind() == kinds[i];
    if (unchanged) fitting = kinds;
    return true;
  });
}

/// kids[0].name, kids[0][kids[1]]
Operand VectorEngine::item(const ExprNode& node, Rows& rows) {
  const Operand of = eval(*node.kids[0], rows);
  const bool indexed = node.kind == NodeKind::kIndex;
  const Operand by = indexed ? eval(*node.kids[1], rows) : Operand();
  return each_row(rows, [&](uint32_t row, Value& out) {
    Value from, at;
    if (!value_at(*node.kids[0], of, row, from)) return false;
    if (indexed && !value_at(*node.kids[1], by, row, at)) return false;
    if (indexed ? interpreter_.item(node, from, at, out)
                : interpreter_.member(node, from, node.name, out)) {
      return true;
    }
    return fail(row, interpreter_.take_error()), false;
  });
}

Operand VectorEngine::unary(const ExprNode& node, Rows& rows) {
  Operand a = eval(*node.kids[0], rows);
  if (node.op == Op::kNot && a.plain(ColumnType::kBool)) {
    Operand out = fresh();
    bool* to = out.own->all(ColumnType::kBool).bools;
    for (uint32_t i = 0; i < rows.count; ++i) to[rows[i]] = !a.column->bools[rows[i]];
    return out;
  }
  if (node.op == Op::kMinus && a.plain(ColumnType::kDouble)) {
    Operand out = fresh();
    double* to = out.own->all(ColumnType::kDouble).doubles;
    for (uint32_t i = 0; i < rows.count; ++i) to[rows[i]] = -a.column->doubles[rows[i]];
    return out;
  }
  return binary_rows(node, a, Operand(), rows);
}

Operand VectorEngine::binary(const ExprNode& node, Rows& rows) {
  Operand a = eval(*node.kids[0], rows);
  Operand b = eval(*node.kids[1], rows);
  if (a.is_constant() && b.is_constant()) return binary_rows(node, a, b, rows);
  Operand out;
  if (node.op == Op::kIn ? listed(node, a, b, rows, out)
                         : typed(node, a, b, rows, out) || texts(node, a, b, rows, out)) {
    return out;
  }
  return binary_rows(node, a, b, rows);
}

namespace {

bool int_side(const Operand& o, Side<int64_t>& side) {
  if (o.is_constant()) side.constant = o.constant.is(K::kInt) ? o.constant.as_int() : 0;
  else side.values = o.column->ints;
  return o.is_constant() ? o.constant.is(K::kInt) : o.plain(ColumnType::kInt);
}
bool uint_side(const Operand& o, Side<uint64_t>& side) {
  if (!o.is_constant()) {
    side.values = o.column->uints;
    return o.plain(ColumnType::kUint);
  }
  const Value& value = o.constant;
  side.constant = value.is_integer() ? value.as_uint() : 0;
  return value.is(K::kUint) || (value.is(K::kInt) && value.as_int() >= 0);
}
bool double_side(const Operand& o, Side<double>& side) {
  if (o.is_constant()) side.constant = o.constant.is(K::kDouble) ? o.constant.as_double() : 0;
  else side.values = o.column->doubles;
  return o.is_constant() ? o.constant.is(K::kDouble) : o.plain(ColumnType::kDouble);
}

}  // namespace

bool VectorEngine::typed(const ExprNode& node, const Operand& a, const Operand& b,
                         const Rows& rows, Operand& out) {
  Side<int64_t> ia, ib;
  Side<double> da, db;
  Side<uint64_t> ua, ub;
  if (uint_side(a, ua) && uint_side(b, ub)) {
    out = fresh();
    return uint_kernel(node.op, context_.dialect(), ua, ub, rows,
                       out.own->all(ColumnType::kUint));
  }
  const bool a_int = int_side(a, ia), b_int = int_side(b, ib);
  const bool a_double = !a_int && double_side(a, da), b_double = !b_int && double_side(b, db);
  if (!(a_int || a_double) || !(b_int || b_double)) return false;
  out = fresh();
  Column& column = out.own->all(ColumnType::kInt);
  const ExprDialect dialect = context_.dialect();
  if (a_int && b_int) return int_kernel(node.op, dialect, ia, ib, rows, column);
  if (a_double && b_double) return double_kernel(node.op, dialect, da, db, rows, column);
  if (a_int) return mixed_kernel(node.op, ia, db, false, rows, column);
  return mixed_kernel(node.op, ib, da, true, rows, column);
}

/// Texts as they stand in the JSON, against a constant. Those with escapes are decoded first.
bool VectorEngine::texts(const ExprNode& node, const Operand& a, const Operand& b,
                         const Rows& rows, Operand& out) {
  if (!(a.plain(ColumnType::kText) || a.plain(ColumnType::kString)) || !b.is_constant() ||
      !b.constant.is(K::kString)) {
    return false;
  }
  const std::string_view other = b.constant.text();
  out = fresh();
  bool* to = out.own->all(ColumnType::kBool).bools;
  std::string decoded;
  const auto each = [&](auto test) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows[i];
      const RawText& raw = a.column->texts[row];
      std::string_view text = raw.view();
      if (__builtin_expect(raw.escaped, 0)) {
        decoded.resize(raw.size);
        text = std::string_view(decoded).substr(
            0, static_cast<size_t>(std::max<int64_t>(0, unescape_json(text, decoded.data()))));
      }
      to[row] = test(text);
    }
    return true;
  };
  switch (node.op) {
    case Op::kEqual: return each([&](std::string_view t) { return t == other; });
    case Op::kNotEqual: return each([&](std::string_view t) { return t != other; });
    case Op::kLess: return each([&](std::string_view t) { return t < other; });
    case Op::kLessEqual: return each([&](std::string_view t) { return t <= other; });
    case Op::kGreater: return each([&](std::string_view t) { return t > other; });
    case Op::kGreaterEqual: return each([&](std::string_view t) { return t >= other; });
    case Op::kStartsWith: return each([&](std::string_view t) { return t.starts_with(other); });
    case Op::kEndsWith: return each([&](std::string_view t) { return t.ends_with(other); });
    case Op::kContains:
      return each([&](std::string_view t) {
        return memmem(t.data(), t.size(), other.data(), other.size()) != nullptr;
      });
    case Op::kMatches:
      if (node.regex == nullptr) return false;
      return each([&](std::string_view t) { return node.regex->matches(t); });
    default: return false;
  }
}

/// `in` a constant list of integers or of texts.
bool VectorEngine::listed(const ExprNode& node, const Operand& a, const Operand& b,
                          const Rows& rows, Operand& out) {
  if (!b.is_constant() || !b.constant.is(K::kArray)) return false;
  const std::span<const Value> items = b.constant.items();
  const bool ints = a.plain(ColumnType::kInt);
  const bool texts = a.plain(ColumnType::kText) || a.plain(ColumnType::kString);
  const K kind = ints ? K::kInt : K::kString;
  if (!(ints || texts) || items.size() > 16 ||
      !std::all_of(items.begin(), items.end(), [&](const Value& v) { return v.is(kind); })) {
    return false;
  }
  out = fresh();
  bool* to = out.own->all(ColumnType::kBool).bools;
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint32_t row = rows[i];
    bool found = false;
    if (ints) {
      for (const Value& item : items) found |= item.as_int() == a.column->ints[row];
    } else if (a.column->texts[row].escaped) {
      Value text;
      if (!value_at(node, a, row, text)) return false;
      for (const Value& item : items) found |= item.text() == text.text();
    } else {
      for (const Value& item : items) found |= item.text() == a.column->texts[row].view();
    }
    to[row] = found;
  }
  return true;
}

/// One row after the other, on values: any types. Also for unary operators.
Operand VectorEngine::binary_rows(const ExprNode& node, const Operand& a, const Operand& b,
                                  Rows& rows) {
  const bool one = node.kind == NodeKind::kUnary;
  return each_row(rows, [&](uint32_t row, Value& out) {
    Value x, y;
    if (!value_at(node, a, row, x) || !(one || value_at(node, b, row, y))) return false;
    if (node.regex != nullptr && x.is_text()) {
      return out = Value::boolean(node.regex->matches(x.text())), true;
    }
    Error error;
    if (one ? apply_unary(node.op, x, context_, out, error)
            : apply_binary(node.op, x, y, context_, out, error)) {
      return true;
    }
    interpreter_.fail(node, std::move(error));
    return fail(row, interpreter_.take_error()), false;
  });
}

/// `and`, `or` as a column of bools.
Operand VectorEngine::truth(const ExprNode& node, Rows& rows) {
  const Rows yes = filter(node, rows);
  rows = without_failed(rows);
  Operand out = fresh();
  bool* to = out.own->all(ColumnType::kBool).bools;
  for (uint32_t i = 0; i < rows.count; ++i) to[rows[i]] = false;
  for (uint32_t i = 0; i < yes.count; ++i) to[yes[i]] = true;
  return out;
}

void VectorEngine::copy(const Operand& from, const Rows& rows, ColumnFill& to) {
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint32_t row = rows[i];
    if (from.is_constant()) {
      put(to, row, from.constant);
      continue;
    }
    const Column& column = *from.column;
    if (column.cell(row) != Cell::kValue) {
      to.put_null(row);
      continue;
    }
    switch (column.type) {
      case ColumnType::kNone: to.put_null(row); break;
      case ColumnType::kInt: to.put_int(row, column.ints[row]); break;
      case ColumnType::kUint: put(to, row, Value::unsigned_integer(column.uints[row])); break;
      case ColumnType::kDouble: to.put_double(row, column.doubles[row]); break;
      case ColumnType::kBool: to.put_bool(row, column.bools[row]); break;
      case ColumnType::kText: to.put_text(row, column.texts[row], context_.arena()); break;
      case ColumnType::kString: to.put_string(row, column.texts[row].view()); break;
      case ColumnType::kValue: to.put_value(row, column.values[row]); break;
    }
    if (column.sources != nullptr && column.sources[row].data != nullptr) {
      to.put_source(row, column.sources[row].data, column.sources[row].size);
    }
  }
}

Operand VectorEngine::conditional(const ExprNode& node, Rows& rows) {
  Rows yes = filter(*node.kids[0], rows, "?");
  Rows no = minus(rows, yes);
  const Operand a = eval(*node.kids[1], yes);
  const Operand b = eval(*node.kids[2], no);
  rows = without_failed(rows);
  Operand out = fresh();
  copy(a, yes, *out.own);
  copy(b, no, *out.own);
  out.own->end(rows.count);
  return out;
}

Operand VectorEngine::coalesce(const ExprNode& node, Rows& rows) {
  Operand a = eval(*node.kids[0], rows);
  if (!a.is_constant() && a.column->plain) return a;
  if (a.is_constant()) {
    if (a.constant.is_null()) return eval(*node.kids[1], rows);
    return a;
  }
  RowList &there = list(), &absent = list();
  for (uint32_t i = 0; i < rows.count; ++i) {
    (a.column->cell(rows[i]) == Cell::kValue ? there : absent).add(rows[i]);
  }
  Rows missing = absent.rows();
  const Operand b = eval(*node.kids[1], missing);
  rows = without_failed(rows);
  Operand out = fresh();
  copy(a, there.rows(), *out.own);
  copy(b, missing, *out.own);
  out.own->end(rows.count);
  return out;
}

Rows VectorEngine::select(const ExprNode& node, const Operand& operand, const Rows& rows,
                          std::string_view asker) {
  RowList& kept = list();
  if (operand.plain(ColumnType::kBool)) {
    const bool* keep = operand.column->bools;
    uint32_t n = 0;
    const auto look = [&](uint32_t row) {
      kept.index[n] = static_cast<uint16_t>(row);
      n += keep[row];
    };
    if (rows.index == nullptr) {
      uint32_t row = 0;
      for (; row + 8 <= rows.count; row += 8) {  // eight of which none is kept: in one step
        uint64_t eight;
        std::memcpy(&eight, keep + row, sizeof eight);
        if (eight == 0) continue;
        for (uint32_t i = row; i < row + 8; ++i) look(i);
      }
      for (; row < rows.count; ++row) look(row);
    } else {
      for (uint32_t i = 0; i < rows.count; ++i) look(rows.index[i]);
    }
    kept.count = n;
    return kept.rows();
  }
  for (uint32_t i = 0; i < rows.count; ++i) {
    Value value;
    if (!value_at(node, operand, rows[i], value)) continue;
    if (value.is(K::kBool)) {
      if (value.as_bool()) kept.add(rows[i]);
      continue;
    }
    const std::string kind(kind_name(value.kind()));
    interpreter_.fail(node, asker.empty()    ? "this must be a bool, not " + kind
                            : asker == "not" ? "cannot apply not to " + kind
                                             : std::string(asker) + " needs a bool, not " + kind);
    fail(rows[i], interpreter_.take_error());
  }
  return kept.rows();
}

Rows VectorEngine::filter(const ExprNode& node, Rows rows, std::string_view asker) {
  if (rows.count == 0) return rows;
  if (node.kind == NodeKind::kBinary && !node.in_closure) {
    if (node.op == Op::kAnd) {
      return filter(*node.kids[1], filter(*node.kids[0], rows, "and"), "and");
    }
    if (node.op == Op::kOr) {
      const Rows first = filter(*node.kids[0], rows, "or");
      const Rows second = filter(*node.kids[1], minus(rows, first), "or");
      return merged(first, second);
    }
  }
  if (node.kind == NodeKind::kUnary && node.op == Op::kNot && !node.in_closure) {
    return minus(rows, filter(*node.kids[0], rows, "not"));
  }
  const Operand operand = eval(node, rows);
  return select(node, operand, rows, asker);
}

}  // namespace penstock
