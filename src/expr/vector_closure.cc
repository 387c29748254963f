// SPDX-License-Identifier: Apache-2.0
// Closures over columns of items: the body runs over the items of many records at once, and what it
// gives for each item is put together record by record. Records whose items make it fail, and those
// that have no array, go through the interpreter: it stops where the closure has to stop, and what
// it says is what is said.
#include <algorithm>

#include "expr/operators.h"
#include "expr/vector.h"
#include "json/item_columns.h"

namespace penstock {

using K = ValueKind;
using Span = ItemColumns::Span;

/// What runs bodies. It has memory and steps of its own: the items that the interpreter would not
/// have come to must not cost the record anything.
class VectorEngine::ItemEngine {
 public:
  ItemEngine(const EvalContext& of, ValueArena& columns)
      : arena(of.limits().memory_max),
        context(arena, nullptr, 0, of.limits(), nullptr, of.dialect()),
        engine(context, columns) {}

  ValueArena arena;
  EvalContext context;
  VectorEngine engine;
  std::vector<Column> views;  // of a chunk of the items
  std::vector<const Column*> columns;
  RowList rows;  // of the chunk
  std::array<uint16_t, kBatchRecordsMax> owner;  // by row of the chunk: which of the records
};

VectorEngine::VectorEngine(EvalContext& context, ValueArena& columns)
    : context_(context), column_arena_(columns), interpreter_(context, columns) {}
VectorEngine::~VectorEngine() = default;

namespace {

/// Rows of a column from `first` on.
Column part_of(const Column& whole, uint32_t first) {
  Column part = whole;
  part.cells += first;
  switch (whole.type) {
    case ColumnType::kNone: break;
    case ColumnType::kBool: part.bools += first; break;
    case ColumnType::kInt: part.ints += first; break;
    case ColumnType::kUint: part.uints += first; break;
    case ColumnType::kDouble: part.doubles += first; break;
    case ColumnType::kText:
    case ColumnType::kString: part.texts += first; break;
    case ColumnType::kValue: part.values += first; break;
  }
  return part;
}

}  // namespace

/// One closure over the items of some records.
class VectorEngine::Closure {
 public:
  Closure(VectorEngine& outer, ItemEngine& inner, const ExprNode& node, const Rows& rows)
      : outer_(outer), inner_(inner), node_(node), body_(*node.kids[1]),
        read_(outer.items_[node.items]), items_(*read_.items), rows_(rows), states_(rows.count),
        weight_(1 + weight(body_)) {
    inner_.engine.use_program(*outer.program_, nullptr);
    inner_.engine.use_variables(outer.variables_);
    while (gather()) chunk();
  }
  /// For the i-th of the rows. False = it has to be found out by the interpreter.
  bool result(uint32_t i, Value& out);

 private:
  struct State {
    uint32_t hits = 0;       // items for which the body is true
    uint32_t first_hit = 0;  // in hits_
    bool alone = false;      // for the interpreter
    Value total = Value::integer(0);
  };

  uint64_t weight(const ExprNode& node) const;
  /// Steps for the texts of an array, and for so many items; kernels do not count their own.
  uint64_t steps(const Span& of, uint64_t items) const {
    return (of.bytes / 16 + 1 + items) * weight_;
  }
  bool gather();
  void chunk();
  void count(const Rows& rows);
  void sum(Rows rows);
  bool hit(const State& state, uint32_t which, Value& out);
  bool cell(const ExprNode& node, uint32_t item, Value& out);
  template <class Row>
  bool array(const ExprNode& node, uint32_t size, Row row, Value& out);
  State& state_of(uint32_t row) { return states_[inner_.owner[row]]; }

  VectorEngine& outer_;
  ItemEngine& inner_;
  const ExprNode& node_;
  const ExprNode& body_;
  const ItemRead& read_;
  const ItemColumns& items_;
  const Rows rows_;
  std::vector<State> states_;   // by place in rows_
  std::vector<uint32_t> hits_;  // items, in order
  const uint64_t weight_;
  uint32_t at_ = 0, taken_ = 0;  // the next record, and how many of its items were gathered
  uint32_t base_ = 0;            // the item that is row 0 of the chunk
  bool goes_on_ = false;         // its first record began in an earlier one
  uint64_t steps_ = 0;           // that it takes
};

/// No fewer steps than the interpreter takes for an item without looking at texts of the document.
uint64_t VectorEngine::Closure::weight(const ExprNode& node) const {
  uint64_t steps = node.op == Op::kIn ? 17 : 1;
  if (node.kind == NodeKind::kConstant && node.constant.is_text()) {
    steps += static_cast<uint64_t>(node.constant.size()) / 16;
  }
  if (node.kind == NodeKind::kVariable) {
    const auto slot = static_cast<size_t>(node.slot);
    const bool text = slot < outer_.variables_.size() && outer_.variables_[slot].is_text();
    steps += text ? static_cast<uint64_t>(outer_.variables_[slot].size()) / 16 : 0;
  }
  for (const ExprNode* kid : node.kids) steps += weight(*kid);
  return steps;
}

/// Takes the next items that one chunk has room for. False if there are none.
bool VectorEngine::Closure::gather() {
  RowList& list = inner_.rows;
  list.count = 0;
  goes_on_ = taken_ > 0;
  steps_ = 0;
  const uint64_t most = outer_.context_.limits().steps_max;
  while (at_ < rows_.count) {
    State& state = states_[at_];
    const Span& span = items_.span(rows_[at_]);
    state.alone = state.alone || !span.known() || steps(span, span.count) + 16 > most;
    if (state.alone || taken_ == span.count || node_.predicate == Predicate::kMap) {
      ++at_;
      taken_ = 0;
      continue;
    }
    const uint32_t first = span.first + taken_;
    if (list.count == 0) base_ = first;
    if (first < base_ || first - base_ >= kBatchRecordsMax) break;
    const uint32_t from = first - base_;
    const uint32_t size = std::min(span.count - taken_, kBatchRecordsMax - from);
    for (uint32_t row = from; row < from + size; ++row) {
      inner_.owner[row] = static_cast<uint16_t>(at_);
      list.add(row);
    }
    steps_ += taken_ == 0 ? steps(span, size) : size * weight_;
    taken_ += size;
  }
  return list.count > 0;
}

void VectorEngine::Closure::chunk() {
  VectorEngine& engine = inner_.engine;
  const RowList& list = inner_.rows;
  const uint32_t end = uint32_t{list.index[list.count - 1]} + 1;
  inner_.views.clear();
  inner_.columns.clear();
  for (const size_t c : read_.columns) inner_.views.push_back(part_of(items_.column(c), base_));
  for (const Column& view : inner_.views) inner_.columns.push_back(&view);
  engine.columns_ = inner_.columns.data();
  inner_.arena.reset();
  if (!goes_on_) inner_.context.begin_record();
  engine.begin_rows(end);
  const Rows rows = end == list.count ? Rows{nullptr, end} : list.rows();
  if (!inner_.context.spend(steps_)) {
    for (uint32_t i = 0; i < rows.count; ++i) state_of(rows[i]).alone = true;
    return;
  }
  if (node_.predicate == Predicate::kSum) sum(rows);
  else count(rows);
  for (const RowError& e : engine.errors_) state_of(e.row).alone = true;
}

void VectorEngine::Closure::count(const Rows& rows) {
  const Rows hits = inner_.engine.filter(body_, rows);
  for (uint32_t i = 0; i < hits.count; ++i) {
    State& state = state_of(hits[i]);
    if (state.hits++ == 0) state.first_hit = static_cast<uint32_t>(hits_.size());
    hits_.push_back(base_ + hits[i]);
  }
}

void VectorEngine::Closure::sum(Rows rows) {
  const Operand operand = inner_.engine.eval(body_, rows);
  const bool ints = operand.plain(ColumnType::kInt), doubles = operand.plain(ColumnType::kDouble);
  for (uint32_t i = 0; i < rows.count; ++i) {
    State& state = state_of(rows[i]);
    Value& total = state.total;
    int64_t whole = 0;
    if (ints && total.is(K::kInt) &&
        !__builtin_add_overflow(total.as_int(), operand.column->ints[rows[i]], &whole)) {
      total = Value::integer(whole);
      continue;
    }
    if (doubles && total.is(K::kDouble)) {
      total = Value::real(total.as_double() + operand.column->doubles[rows[i]]);
      continue;
    }
    Value value;
    Error error;
    if (!inner_.engine.value_at(body_, operand, rows[i], value)) continue;
    const Span& span = items_.span(rows_[inner_.owner[rows[i]]]);
    if (base_ + rows[i] == span.first && value.is(K::kDuration)) total = Value::duration(0);
    if (!apply_binary(Op::kPlus, total, value, inner_.context, total, error)) state.alone = true;
  }
}

/// A cell of what a node reads of an item, as a value that can be looked into.
bool VectorEngine::Closure::cell(const ExprNode& node, uint32_t item, Value& out) {
  const Column& column = items_.column(read_.columns[static_cast<size_t>(node.item_path)]);
  if (column.cell(item) == Cell::kNoMember) return false;
  const auto value = cell_value(column, item, outer_.context_.arena());
  if (!value) return false;
  out = *value;
  if (!out.is(K::kJson)) return true;
  if (!outer_.interpreter_.json(node, out.text(), out, true)) return false;
  column.values[item] = out;
  return true;
}

/// An array of the cells of items; row(i) is the i-th item.
template <class Row>
bool VectorEngine::Closure::array(const ExprNode& node, uint32_t size, Row row, Value& out) {
  Value* const values = outer_.context_.arena().allocate_array<Value>(size);
  if (values == nullptr && size > 0) return false;
  for (uint32_t i = 0; i < size; ++i) {
    if (!cell(node, row(i), values[i])) return false;
  }
  out = Value::array({values, size});
  return true;
}

bool VectorEngine::Closure::hit(const State& state, uint32_t which, Value& out) {
  if (state.hits == 0) return out = Value(), true;
  return cell(node_, hits_[state.first_hit + which], out);
}

bool VectorEngine::Closure::result(uint32_t i, Value& out) {
  const State& state = states_[i];
  if (state.alone) return false;
  const Span& span = items_.span(rows_[i]);
  const uint32_t last = state.hits - 1;
  const auto place = [&](uint32_t which) {
    return state.hits == 0 ? Value()
                           : Value::integer(hits_[state.first_hit + which] - span.first);
  };
  switch (node_.predicate) {
    case Predicate::kAny: out = Value::boolean(state.hits > 0); return true;
    case Predicate::kAll: out = Value::boolean(state.hits == span.count); return true;
    case Predicate::kNoneOf: out = Value::boolean(state.hits == 0); return true;
    case Predicate::kOne: out = Value::boolean(state.hits == 1); return true;
    case Predicate::kCount: out = Value::integer(state.hits); return true;
    case Predicate::kSum: out = state.total; return true;
    case Predicate::kFindIndex: out = place(0); return true;
    case Predicate::kFindLastIndex: out = place(last); return true;
    case Predicate::kFind: return hit(state, 0, out);
    case Predicate::kFindLast: return hit(state, last, out);
    case Predicate::kFilter:
      return array(node_, state.hits, [&](uint32_t n) { return hits_[state.first_hit + n]; }, out);
    case Predicate::kMap:
      return array(body_, span.count, [&](uint32_t n) { return span.first + n; }, out);
    default: return false;
  }
}

Operand VectorEngine::closure(const ExprNode& node, Rows& rows) {
  if (items_ == nullptr) return rowwise(node, rows);
  if (item_engine_ == nullptr) {
    item_engine_ = std::make_unique<ItemEngine>(context_, column_arena_);
  }
  Closure closure(*this, *item_engine_, node, rows);
  uint32_t i = 0;
  return each_row(rows, [&](uint32_t row, Value& out) {
    if (closure.result(i++, out)) return true;
    use_row(row);
    if (interpreter_.eval(node, out)) return true;
    return fail(row, interpreter_.take_error()), false;
  });
}

}  // namespace penstock
