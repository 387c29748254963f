// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "json/column_fill.h"
#include "json/path.h"
#include "json/path_trie.h"

namespace penstock {

/// The items of the arrays in a column as rows of their own: one column for each path that is read
/// of them, all with the same rows, filled by the pass that finds the arrays. Cells are as those of
/// documents: of an item that is a scalar, members are kNoMember; of one that is nil, kMissing.
class ItemColumns {
 public:
  /// Where the items of one array are.
  struct Span {
    uint32_t first = 0;
    uint32_t count = kUnknown;
    uint32_t bytes = 0;  ///< of the array's text
    bool known() const { return count != kUnknown; }
  };
  /// No array, or one in which something is not right, or one for which there was no room: it has
  /// to be looked into by its own text.
  static constexpr uint32_t kUnknown = UINT32_MAX;
  /// Items of one batch; later ones have no rows.
  static constexpr uint32_t kRowsMax = 1 << 18;

  explicit ItemColumns(ValueArena& arena) : arena_(arena) {}
  /// Names a path from an item on; empty is the item itself. Returns the number of its column. All
  /// are known before the first begin().
  size_t add(const DocumentPath& path);
  const Column& column(size_t number) const { return columns_[number]->column(); }
  const Span& span(uint32_t row) const { return spans_[row]; }

  // For ColumnFill and DocumentWalk, which fill it.
  void begin(uint32_t rows);
  void end();
  void forget(uint32_t row) { spans_[row] = {}; }
  void keep(uint32_t row, const Span& span) { spans_[row] = span; }
  uint32_t rows() const { return rows_; }
  uint32_t append();
  void truncate(uint32_t rows);
  PathTrie& trie() { return trie_; }
  std::vector<std::unique_ptr<ColumnFill>>& columns() { return columns_; }

 private:
  ValueArena& arena_;
  PathTrie trie_;
  std::vector<DocumentPath> paths_;
  std::vector<std::unique_ptr<ColumnFill>> columns_;
  std::vector<Span> spans_;  // by row of the arrays' column
  uint32_t rows_ = 0;
};

}  // namespace penstock
