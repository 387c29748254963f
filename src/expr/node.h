// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/function.h"
#include "expr/regex.h"
#include "expr/type.h"
#include "json/path.h"
#include "value/value.h"

namespace penstock {

enum class NodeKind : uint8_t {
  kConstant,
  kName,       ///< as parsed; resolved to one of the next five or to a kPath
  kDocument,   ///< the whole payload as a document: `this`
  kRecord,     ///< something of the record's head: RecordPart
  kVariable,   ///< of the environment, by slot
  kLocal,      ///< a `let`, by slot
  kItem,       ///< `#` in a closure; slot = how many closures further out
  kItemIndex,  ///< `#index`
  kTotal,      ///< `#acc` of reduce()
  kPath,       ///< a projected column, by slot
  kMember,     ///< kids[0].name, or kids[0]?.name
  kIndex,      ///< kids[0][kids[1]]
  kSlice,      ///< kids[0][kids[1]:kids[2]]; an absent bound is a null constant
  kUnary,
  kBinary,
  kConditional,
  kArray,
  kMap,        ///< kids: key, value, key, value, …
  kCall,       ///< of `function`
  kPredicate,  ///< of a builtin with a closure: kids[0] the items, then closures and values
  kLet,        ///< kids[0] the value, kids[1] where it is seen
};

enum class Op : uint8_t {
  kNone, kNot, kMinus, kPlus,                          // unary; kPlus and kMinus also binary
  kOr, kAnd, kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual,
  kIn, kMatches, kContains, kStartsWith, kEndsWith, kRange,
  kMultiply, kDivide, kRemainder, kPower, kCoalesce,
};
std::string_view symbol(Op op);

enum class RecordPart : uint8_t {
  kPayload, kKey, kHeaders, kEventTime, kPosition, kAttempts,
  kContextSource, kContextId, kContextTime, kContext,  // Argo's `ctx`
};

enum class Predicate : uint8_t {
  kNone, kAll, kAny, kOne, kNoneOf, kFilter, kMap, kCount, kSum, kFind, kFindIndex, kFindLast,
  kFindLastIndex, kGroupBy, kSortBy, kReduce, kMapValues, kFilterEntries,
};

/// One operation of an expression. Owned by the NodeStore it was made in; kids point into the same.
struct ExprNode {
  NodeKind kind = NodeKind::kConstant;
  Op op = Op::kNone;
  Predicate predicate = Predicate::kNone;
  RecordPart part = RecordPart::kPayload;
  bool optional = false;    ///< member, index: `?.`
  bool in_closure = false;  ///< inside of a closure or a `let`: not for columns
  uint16_t depth = 1;
  int32_t slot = -1;
  int32_t items = -1;       ///< kPredicate: by columns of items, which are Program::items[this]
  int32_t item_path = -1;   ///< a value of the item that has a column: which of ItemPaths::paths
  uint32_t offset = 0, length = 1;  ///< in the text: what messages underline
  TypeSet type = kAnyType;
  Value constant;
  std::string name;
  std::vector<ExprNode*> kids;
  const FunctionEntry* function = nullptr;
  std::shared_ptr<const Regex> regex;    ///< kMatches with a constant pattern
  DocumentPath path;                     ///< kPath, kDocument
};

/// All nodes of one expression, and the memory of its constants.
class NodeStore {
 public:
  ExprNode* make(NodeKind kind, size_t offset, size_t length);
  ValueArena& arena() { return arena_; }

 private:
  std::deque<ExprNode> nodes_;
  ValueArena arena_{8 << 20};
};

}  // namespace penstock
