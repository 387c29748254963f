// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/structure.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// A step into a document while a mapping runs: a member, or an item counted from 0. The key is
/// borrowed.
struct EditStep {
  std::string_view key;
  int64_t index = -1;  ///< of an array; -1 = `key`
};
using EditPath = std::span<const EditStep>;

// The same on values, which are copied where they change. Error: "expression-failed" where a step
// leads into what is neither a map (array) nor nil, or an index lies beyond the end.
// What is missing on the way becomes maps; an index one behind the last item adds one.
Result<Value> with_value(const Value& document, EditPath path, const Value& value,
                         ValueArena& arena);
/// Deleting what is not there is no error. Items behind a deleted one move up.
Result<Value> without_value(const Value& document, EditPath path, ValueArena& arena);

/// What a mapping changes of one JSON document, written out by copying the rest of its text as it
/// stands. Reused from document to document; owned by one task.
class Edits {
 public:
  Edits() { clear(); }
  void clear();
  bool empty() const { return nodes_.size() == 1 && nodes_[0].state == State::kKept; }
  /// Values and keys must live until apply(). Later edits see the earlier ones.
  Result<void> set(EditPath path, const Value& value, ValueArena& arena);
  /// REQUIRES: the last step is a key.
  Result<void> remove(EditPath path, ValueArena& arena);

  /// Appends the document with the edits. Errors (reject_record): "bad-json", "expression-failed".
  /// REQUIRES: kJsonPadding readable bytes behind `text`. `out` has a part after an error.
  Result<void> apply(std::string_view text, ValueArena& arena, std::string& out);

 private:
  enum class State : uint8_t { kKept, kSet, kRemoved };
  enum class Shape : uint8_t { kNone, kMap, kArray };
  struct Node {
    EditStep step;
    uint32_t child = 0;  // first; 0 = none
    uint32_t next = 0;   // sibling, in order of first edit
    State state = State::kKept;
    Shape made = Shape::kNone;  // what a set() below takes it for, and makes it if it is missing
    bool done = false;          // found in the text by apply()
    Value value;         // of kSet
  };
  class Splice;

  bool wanted(uint32_t node) const;
  uint32_t child_of(uint32_t parent, const EditStep& step);
  Result<Value> created(uint32_t node, ValueArena& arena) const;

  std::vector<Node> nodes_;  // [0] is the document
  JsonStructure structure_;
};

}  // namespace penstock
