// SPDX-License-Identifier: Apache-2.0
#include "json/item_columns.h"

#include <algorithm>

namespace penstock {

size_t ItemColumns::add(const DocumentPath& path) {
  const auto found = std::find(paths_.begin(), paths_.end(), path);
  const auto number = static_cast<size_t>(found - paths_.begin());
  if (found != paths_.end()) return number;
  paths_.push_back(path);
  columns_.push_back(std::make_unique<ColumnFill>());
  columns_.back()->set_arena(&arena_);
  columns_.back()->want({.scalars = true});
  trie_.add(path).column = static_cast<int>(number);
  trie_.count_leaves();
  return number;
}

void ItemColumns::begin(uint32_t rows) {
  spans_.assign(rows, Span());
  rows_ = 0;
  for (const auto& column : columns_) column->begin(0);
}

void ItemColumns::end() {
  bool failed = false;
  for (const auto& column : columns_) {
    column->end(rows_);
    failed = failed || column->failed();
  }
  if (failed) std::fill(spans_.begin(), spans_.end(), Span());
}

uint32_t ItemColumns::append() {
  for (const auto& column : columns_) column->append();
  return rows_++;
}

void ItemColumns::truncate(uint32_t rows) {
  for (const auto& column : columns_) column->truncate(rows);
  rows_ = rows;
}

}  // namespace penstock
