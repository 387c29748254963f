// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "json/column.h"
#include "json/scalar.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

class ItemColumns;

/// A column that takes the type of what is put into it. Rows come in ascending order; those that
/// nothing is put into are kMissing.
class ColumnFill {
 public:
  ColumnFill();
  ~ColumnFill();
  /// Forgets everything; `rows` cells will be read.
  void begin(uint32_t rows);
  /// For kernels that give every row a value of one type: the column, whose array they fill.
  Column& all(ColumnType type) {
    column_.type = type;
    column_.plain = true;
    return column_;
  }
  /// After the last put: whether every row has a value is known now.
  void end(uint32_t rows) { end_with(values_ == rows); }
  /// The same where not all rows were asked for: the caller counted.
  void end_with(bool plain) {
    column_.plain = plain;
    if (__builtin_expect(!items_.empty(), 0)) end_items();
  }
  /// Takes back what was put for a row.
  void forget(uint32_t row);

  /// One more row, where it is not known beforehand how many there will be. Returns it.
  uint32_t append() {
    if (__builtin_expect(rows_ == capacity_, 0)) grow();
    cells_[rows_] = Cell::kMissing;
    return rows_++;
  }
  /// Takes the rows from there on back.
  void truncate(uint32_t rows);
  uint32_t rows() const { return rows_; }

  /// What is wanted of the items of arrays in this column.
  const std::vector<std::unique_ptr<ItemColumns>>& items() const { return items_; }
  ItemColumns& add_items();

  const Column& column() const { return column_; }

  void put_null(uint32_t row) { cells_[row] = Cell::kNull; }
  void put_cell(uint32_t row, Cell cell) {
    values_ -= cells_[row] == Cell::kValue;
    cells_[row] = cell;
  }
  void put_int(uint32_t row, int64_t value) {
    // A column of unsigned integers takes those that are not negative: their bits are the same.
    if (!become(ColumnType::kInt) && (column_.type != ColumnType::kUint || value < 0)) {
      return put_value(row, Value::integer(value));
    }
    column_.ints[row] = value;
    count(row);
  }
  /// Above INT64_MAX.
  void put_uint(uint32_t row, uint64_t value) {
    if (column_.type != ColumnType::kUint && !become_unsigned()) {
      return put_value(row, Value::unsigned_integer(value));
    }
    column_.uints[row] = value;
    count(row);
  }
  void put_double(uint32_t row, double value) {
    if (!become(ColumnType::kDouble)) return put_value(row, Value::real(value));
    column_.doubles[row] = value;
    count(row);
  }
  void put_bool(uint32_t row, bool value) {
    if (!become(ColumnType::kBool)) return put_value(row, Value::boolean(value));
    column_.bools[row] = value;
    count(row);
  }
  /// False if the arena is full.
  bool put_text(uint32_t row, const RawText& text, ValueArena& arena) {
    if (__builtin_expect(!become(ColumnType::kText), 0)) return put_text_value(row, text, arena);
    column_.texts[row] = text;
    count(row);
    return true;
  }
  /// Text without escapes; borrowed.
  void put_string(uint32_t row, std::string_view text) {
    if (!become(ColumnType::kString)) return put_value(row, Value::string(text));
    column_.texts[row] = {text.data(), static_cast<uint32_t>(text.size()), false};
    count(row);
  }
  /// Of any kind but text with escapes.
  void put_value(uint32_t row, const Value& value);
  /// How the value that was just put stands in its document.
  void put_source(uint32_t row, const char* data, size_t size) {
    if (__builtin_expect(column_.sources == nullptr, 0)) begin_sources();
    column_.sources[row] = {data, static_cast<uint32_t>(size), false};
  }
  /// Whether every value's text is wanted.
  bool keeps_sources() const { return wants_.source; }
  const PathUse& wants() const { return wants_; }
  void want(const PathUse& use) {
    wants_.source |= use.source;
    wants_.scalars |= use.scalars;
    wants_.items |= use.items;
  }
  /// The arena in which a column of texts that becomes mixed is decoded.
  void set_arena(ValueArena* arena) { arena_ = arena; }
  /// A text that could not be decoded since begin(), because the arena was full.
  bool failed() const { return failed_; }

 private:
  bool become(ColumnType type) {
    if (__builtin_expect(column_.type == type, 1)) return true;
    if (column_.type != ColumnType::kNone) return false;
    column_.type = type;
    return true;
  }
  void count(uint32_t row) {
    cells_[row] = Cell::kValue;
    ++values_;
  }
  bool put_text_value(uint32_t row, const RawText& text, ValueArena& arena);
  bool become_unsigned();
  void begin_sources();
  void end_items();
  void grow();
  void widen();

  Column column_;
  uint32_t rows_ = 0;
  uint32_t capacity_;
  uint32_t values_ = 0;
  bool failed_ = false;
  PathUse wants_;
  ValueArena* arena_ = nullptr;
  std::unique_ptr<Cell[]> cells_;
  std::unique_ptr<Value[]> data_;  // 16 bytes a row serve every type
  std::unique_ptr<RawText[]> sources_;
  std::vector<std::unique_ptr<ItemColumns>> items_;
};

}  // namespace penstock
