// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/column_fill.h"
#include "json/item_columns.h"
#include "json/path_trie.h"
#include "json/projector.h"
#include "json/structure.h"

namespace penstock {

/// Goes through documents and puts what a trie names into columns. Owned by a Projector.
class DocumentWalk {
 public:
  using Columns = std::vector<std::unique_ptr<ColumnFill>>;
  DocumentWalk(ValueArena& arena, Columns& columns) : arena_(arena), columns_(&columns) {}

  /// Through those rows of a batch, which must be ascending. Rows whose documents are bad are added
  /// to `bad`; what was put for them before that was seen is still in the columns.
  void run(PathTrie& trie, const Batch& batch, const Rows& rows, std::vector<BadRow>& bad);
  uint64_t documents() const { return documents_; }

 private:
  enum class Step : uint8_t { kOk, kAllFound, kBad };

  uint32_t run_together(const Batch& batch, const Rows& rows, uint32_t first);
  void alone(const Record& record, uint32_t row);
  bool scan(std::string_view text);
  void document(uint32_t row, uint32_t from, uint32_t to);
  Step value(PathTrie& node, char first);
  Step inside(PathTrie& node, char first);
  Step map(PathTrie& node);
  Step array(PathTrie& node);
  Step leaf(PathTrie& node, char first);
  Step number(ColumnFill& out);
  Step container(ColumnFill& out, char first);
  bool item_rows(ColumnFill& out);
  bool item(PathTrie& trie, const uint32_t* end);
  bool items_of_array(const PathUse& wants, Value& out);
  bool scalar_item(const char* at, const char* limit, Value& out);
  Step word(std::string_view expected, ColumnFill& out);
  PathTrie* escaped_member(PathTrie& node, const char* quote);
  uint32_t fill(PathTrie& node, Cell cell);
  uint32_t fill_all(const std::vector<std::unique_ptr<PathTrie>>& nodes, Cell cell);

  bool skip(char first);
  bool scalar(char first) const;
  Step resolved(uint32_t leaves) {
    left_ -= leaves;
    return left_ == 0 ? Step::kAllFound : Step::kOk;
  }
  Step bad(const char* why) {
    problem_ = why;
    return Step::kBad;
  }
  /// The next token's first byte, 0 at the end of the document.
  char next() {
    offset_ = *token_;
    if (__builtin_expect(offset_ >= end_, 0)) return '\0';
    ++token_;
    return text_[offset_];
  }

  ValueArena& arena_;
  Columns* columns_;  // of the documents, or of the items of one of their arrays
  JsonStructure structure_;
  PathTrie* root_ = nullptr;
  std::vector<BadRow>* bad_ = nullptr;
  std::vector<Value> items_;  // of an array
  std::vector<const uint32_t*> item_ends_;  // the tokens behind them

  // The document at hand. Offsets count from text_, which may be the first of several documents.
  const char* text_ = nullptr;
  const uint32_t* token_ = nullptr;
  const uint32_t* tokens_end_ = nullptr;
  uint32_t offset_ = 0, end_ = 0, row_ = 0, left_ = 0;
  uint64_t stamp_ = 0;   // differs for each document and item: which nodes were met in this one
  uint64_t stamps_ = 0;  // given out
  uint64_t documents_ = 0;
  const char* problem_ = "";
};

}  // namespace penstock
