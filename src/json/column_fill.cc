// SPDX-License-Identifier: Apache-2.0
#include "json/column_fill.h"

#include <algorithm>
#include <cstring>

#include "json/item_columns.h"
#include "json/projector.h"

namespace penstock {

ColumnFill::ColumnFill()
    : capacity_(kBatchRecordsMax), cells_(std::make_unique<Cell[]>(kBatchRecordsMax)),
      data_(std::make_unique<Value[]>(kBatchRecordsMax)) {
  column_.cells = cells_.get();
  column_.data = data_.get();
}
ColumnFill::~ColumnFill() = default;

void ColumnFill::begin(uint32_t rows) {
  std::memset(cells_.get(), static_cast<int>(Cell::kMissing), rows);
  column_.type = ColumnType::kNone;
  column_.plain = false;
  column_.sources = nullptr;
  rows_ = rows;
  values_ = 0;
  failed_ = false;
  for (const auto& items : items_) items->begin(rows);
}

void ColumnFill::forget(uint32_t row) {
  put_cell(row, Cell::kMissing);
  if (column_.sources != nullptr) column_.sources[row] = {};
  for (const auto& items : items_) items->forget(row);
}

void ColumnFill::truncate(uint32_t rows) {
  for (uint32_t row = rows; row < rows_; ++row) values_ -= cells_[row] == Cell::kValue;
  rows_ = rows;
}

ItemColumns& ColumnFill::add_items() {
  return *items_.emplace_back(std::make_unique<ItemColumns>(*arena_));
}

void ColumnFill::end_items() {
  for (const auto& items : items_) items->end();
}

/// To twice the room; of columns of items only, which have no sources.
void ColumnFill::grow() {
  auto cells = std::make_unique<Cell[]>(capacity_ * 2);
  auto data = std::make_unique<Value[]>(capacity_ * 2);
  std::memcpy(cells.get(), cells_.get(), capacity_ * sizeof(Cell));
  std::copy_n(data_.get(), capacity_, data.get());
  cells_ = std::move(cells);
  data_ = std::move(data);
  column_.cells = cells_.get();
  column_.data = data_.get();
  capacity_ *= 2;
}

void ColumnFill::put_value(uint32_t row, const Value& value) {
  if (column_.type != ColumnType::kValue) widen();
  column_.values[row] = value;
  count(row);
}

void ColumnFill::begin_sources() {
  if (sources_ == nullptr) sources_ = std::make_unique<RawText[]>(kBatchRecordsMax);
  std::fill_n(sources_.get(), rows_, RawText());
  column_.sources = sources_.get();
}

/// Whether what is there can be unsigned.
bool ColumnFill::become_unsigned() {
  if (column_.type != ColumnType::kNone && column_.type != ColumnType::kInt) return false;
  for (uint32_t row = 0; row < rows_ && column_.type == ColumnType::kInt; ++row) {
    if (cells_[row] == Cell::kValue && column_.ints[row] < 0) return false;
  }
  column_.type = ColumnType::kUint;
  return true;
}

bool ColumnFill::put_text_value(uint32_t row, const RawText& text, ValueArena& arena) {
  const auto value = text_value(text, arena);
  if (!value) return false;
  put_value(row, *value);
  return true;
}

/// From one type to any: from the back, because a value is as large as the largest type.
void ColumnFill::widen() {
  for (uint32_t row = rows_; row-- > 0;) {
    if (cells_[row] != Cell::kValue) continue;
    const auto value = cell_value(column_, row, *arena_);
    failed_ = failed_ || !value;
    column_.values[row] = value ? *value : Value();
  }
  column_.type = ColumnType::kValue;
}

Result<Value> cell_value(const Column& column, uint32_t row, ValueArena& arena) {
  if (column.constant) row = 0;
  if (column.cell(row) != Cell::kValue) return Value();
  switch (column.type) {
    case ColumnType::kNone: return Value();
    case ColumnType::kBool: return Value::boolean(column.bools[row]);
    case ColumnType::kInt: return Value::integer(column.ints[row]);
    case ColumnType::kUint: return Value::unsigned_integer(column.uints[row]);
    case ColumnType::kDouble: return Value::real(column.doubles[row]);
    case ColumnType::kText: return text_value(column.texts[row], arena);
    case ColumnType::kString: return Value::string(column.texts[row].view());
    case ColumnType::kValue: return column.values[row];
  }
  return Value();
}

}  // namespace penstock
