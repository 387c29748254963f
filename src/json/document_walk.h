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
#include "json/prefix_guess.h"
#include "json/projector.h"
#include "json/strings.h"

namespace penstock {

/// Goes through documents and puts what a trie names into columns. Owned by a Projector.
class DocumentWalk {
 public:
  using Columns = std::vector<std::unique_ptr<ColumnFill>>;
  DocumentWalk(ValueArena& arena, Columns& columns) : arena_(arena), columns_(&columns) {}

  /// Through those rows of a batch, which must be ascending. `guess` is the trie's own. Rows whose
  /// documents are bad are added to `bad`; what was put for them before that was seen is still in
  /// the columns.
  void run(PathTrie& trie, PrefixGuess& guess, const Batch& batch, const Rows& rows,
           std::vector<BadRow>& bad);
  uint64_t documents() const { return documents_; }

 private:
  enum class Step : uint8_t { kOk, kAllFound, kBad };

  uint32_t run_together(const Batch& batch, const Rows& rows, uint32_t first);
  void alone(const Record& record, uint32_t row);
  bool scan(std::string_view text);
  bool ends_with(char closing, uint32_t from) const;
  void document(uint32_t row, uint32_t from, uint32_t to);
  bool guessed(uint32_t from, uint32_t to);
  Step value(PathTrie& node, char first);
  Step inside(PathTrie& node, char first);
  Step map(PathTrie& node);
  Step array(PathTrie& node);
  Step leaf(PathTrie& node, char first);
  Step string(ColumnFill& out);
  Step integer(PathTrie& node, const char* at, uint32_t size, int64_t value);
  Step number(ColumnFill& out);
  Step container(ColumnFill& out, char first);
  bool item_rows(ColumnFill& out);
  bool item(PathTrie& trie, uint32_t end);
  bool items_of_array(const PathUse& wants, Value& out);
  bool scalar_item(char first, Value& out);
  Step word(std::string_view expected, ColumnFill& out);
  PathTrie* escaped_member(PathTrie& node, std::string_view raw);
  uint32_t fill(PathTrie& node, Cell cell);
  uint32_t fill_all(const std::vector<std::unique_ptr<PathTrie>>& nodes, Cell cell);

  RawText raw_string();
  bool pass_number(Value& out);
  bool pass_scalar(char first);
  Step pass_rest();
  Step resolved(uint32_t leaves) {
    left_ -= leaves;
    return left_ == 0 ? Step::kAllFound : Step::kOk;
  }
  Step bad(const char* why) {
    problem_ = why;
    return Step::kBad;
  }

  ValueArena& arena_;
  Columns* columns_;  // of the documents, or of the items of one of their arrays
  JsonStrings strings_;
  PrefixGuess* guess_ = nullptr;
  bool full_ = false;  // the arena
  PathTrie* root_ = nullptr;
  std::vector<BadRow>* bad_ = nullptr;
  std::vector<Value> items_;         // of an array
  std::vector<uint32_t> item_ends_;  // where they end

  // The document at hand. Offsets count from text_, which may be the first of several documents.
  const char* text_ = nullptr;
  JsonCursor in_;
  uint32_t row_ = 0, left_ = 0;
  uint64_t stamp_ = 0;   // differs for each document and item: which nodes were met in this one
  uint64_t stamps_ = 0;  // given out
  uint64_t documents_ = 0;
  const char* problem_ = "";
};

}  // namespace penstock
