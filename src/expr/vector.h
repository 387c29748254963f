// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "expr/evaluator.h"
#include "expr/interpreter.h"
#include "expr/program.h"
#include "json/column_fill.h"
#include "json/item_columns.h"
#include "json/projector.h"

namespace penstock {

class VectorEngine;

/// The value of a node for some rows: a column, or one constant for all. Gives its memory back to
/// the engine when it goes.
class Operand {
 public:
  Operand() = default;
  Operand(Operand&& other) noexcept { *this = std::move(other); }
  Operand& operator=(Operand&& other) noexcept;
  ~Operand();
  bool is_constant() const { return column == nullptr; }
  bool plain(ColumnType type) const {
    return column != nullptr && column->type == type && column->plain;
  }

  const Column* column = nullptr;  ///< null: `constant` stands for every row
  Value constant;
  std::unique_ptr<ColumnFill> own;  ///< what `column` points into, unless it was projected
  VectorEngine* engine = nullptr;
};

/// Row numbers that can be added to, in ascending order.
struct RowList {
  uint32_t count = 0;
  std::array<uint16_t, kBatchRecordsMax> index;
  void add(uint32_t row) { index[count++] = static_cast<uint16_t>(row); }
  Rows rows() const { return {index.data(), count}; }
};

/// The columns of an array's items, by ItemPaths::paths.
struct ItemRead {
  const ItemColumns* items = nullptr;
  std::vector<size_t> columns;
};

/// Runs trees over the rows of one batch, a node at a time. A row that fails is left out of all
/// that follows, so that kernels only ever see rows that are well.
class VectorEngine {
 public:
  /// `columns`: memory that lives as long as the projected columns.
  VectorEngine(EvalContext& context, ValueArena& columns);
  ~VectorEngine();

  void begin(const Batch& batch);
  /// `items`: by Program::items; null = closures run row by row.
  void use_program(const Program& program, const Column* const* columns,
                   const ItemRead* items = nullptr);
  void use_variables(std::span<const Value> variables) {
    variables_ = variables;
    interpreter_.use_variables(variables);
  }

  /// The value of a node for `rows`, from which those that fail are taken away.
  Operand eval(const ExprNode& node, Rows& rows);
  /// The rows for which a node is true. `asker`: who needs a bool, for messages.
  Rows filter(const ExprNode& node, Rows rows, std::string_view asker = "");

  void fail(uint32_t row, Error error);
  bool has_failed(uint32_t row) const { return failed_[row] != 0; }
  Rows without_failed(Rows rows);
  const std::vector<RowError>& errors();
  /// The cell as a value that can be looked into, for `node`. False = failed.
  bool value_at(const ExprNode& node, const Operand& operand, uint32_t row, Value& out);
  Interpreter& interpreter() { return interpreter_; }
  void use_row(uint32_t row) { interpreter_.use_row(row, &batch_->heads()[row]); }
  void give_back(std::unique_ptr<ColumnFill> fill);

 private:
  friend class Operand;
  class ItemEngine;
  class Closure;
  void begin_rows(uint32_t rows);
  Operand fresh();
  Operand path(const ExprNode& node, Rows& rows);
  Operand closure(const ExprNode& node, Rows& rows);
  template <class F>
  Operand each_row(Rows& rows, F&& f);
  Operand rowwise(const ExprNode& node, Rows& rows);
  Operand call(const ExprNode& node, Rows& rows);
  Operand item(const ExprNode& node, Rows& rows);
  Operand unary(const ExprNode& node, Rows& rows);
  Operand binary(const ExprNode& node, Rows& rows);
  Operand binary_rows(const ExprNode& node, const Operand& a, const Operand& b, Rows& rows);
  bool typed(const ExprNode& node, const Operand& a, const Operand& b, const Rows& rows,
             Operand& out);
  bool texts(const ExprNode& node, const Operand& a, const Operand& b, const Rows& rows,
             Operand& out);
  bool listed(const ExprNode& node, const Operand& a, const Operand& b, const Rows& rows,
              Operand& out);
  Operand truth(const ExprNode& node, Rows& rows);
  Operand conditional(const ExprNode& node, Rows& rows);
  Operand coalesce(const ExprNode& node, Rows& rows);
  void copy(const Operand& from, const Rows& rows, ColumnFill& to);
  Rows select(const ExprNode& node, const Operand& operand, const Rows& rows,
              std::string_view asker);
  RowList& list();
  Rows minus(const Rows& rows, const Rows& without);
  Rows merged(const Rows& a, const Rows& b);

  EvalContext& context_;
  ValueArena& column_arena_;
  Interpreter interpreter_;
  const Batch* batch_ = nullptr;  // null: rows are items of arrays
  uint32_t batch_rows_ = 0;
  const Program* program_ = nullptr;
  const Column* const* columns_ = nullptr;
  const ItemRead* items_ = nullptr;
  std::unique_ptr<ItemEngine> item_engine_;  // made for the first closure
  std::span<const Value> variables_;
  std::vector<std::unique_ptr<ColumnFill>> spare_;
  std::vector<std::unique_ptr<RowList>> lists_;  // handed out since begin(): the first lists_used_
  size_t lists_used_ = 0;
  std::deque<Column> views_;  // of projected columns, since begin()
  std::array<uint8_t, kBatchRecordsMax> failed_{};
  std::vector<RowError> errors_;
  bool sorted_ = true;
};

/// Puts a value of any kind.
void put(ColumnFill& to, uint32_t row, const Value& value);

/// A column of what f(row, value) gives; it says false where it made the row fail.
template <class F>
Operand VectorEngine::each_row(Rows& rows, F&& f) {
  Operand out = fresh();
  bool failed = false;
  uint32_t done = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint32_t row = rows[i];
    if (batch_ != nullptr) context_.begin_record();  // items share what their array may use
    Value value;
    const bool ok = f(row, value);
    failed = failed || !ok;
    if (!ok) continue;
    put(*out.own, row, value);
    done += !value.is_null();
  }
  if (failed) rows = without_failed(rows);
  out.own->end_with(done == rows.count);
  return out;
}

}  // namespace penstock
