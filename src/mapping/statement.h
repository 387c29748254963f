// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "expr/expr.h"
#include "mapping/mapping.h"

namespace penstock {

/// Index into Mapping::expressions; kNoExpression = none.
using ExpressionIndex = uint32_t;
inline constexpr ExpressionIndex kNoExpression = UINT32_MAX;

/// What stands on the left of `=`, behind `del` and around `rename`.
struct MappingTarget {
  enum class Kind : uint8_t { kDocument, kVariable, kKey, kHeader, kHeaders, kEventTime };
  struct Step {
    std::string key;     ///< if index < 0 and there is no expression
    int64_t index = -1;
    ExpressionIndex computed = kNoExpression;
  };
  Kind kind = Kind::kDocument;
  std::vector<Step> steps;               ///< kDocument (none = `this`); kHeader: its name
  uint32_t slot = 0;                     ///< kVariable
  ExpressionIndex read = kNoExpression;  ///< what gives its value; for rename
};

struct MappingStatement;
using MappingBlock = std::vector<MappingStatement>;

/// A condition and what to do; without tests always.
struct MappingBranch {
  std::vector<ExpressionIndex> tests;
  MappingBlock block;
};

struct MappingStatement {
  enum class Kind : uint8_t {
    kSet,     ///< target = value
    kDelete,  ///< target
    kRename,  ///< target to `to`
    kIf,      ///< the first branch of which the test is true
    kMatch,   ///< the first branch of which a test equals `value`, or is true if there is none
    kFor,     ///< block for each of `value`
    kReject,  ///< with `value` as the reason
    kDrop,
  };
  Kind kind = Kind::kDrop;
  MappingTarget target, to;
  ExpressionIndex value = kNoExpression;
  std::vector<MappingBranch> branches;
  MappingBlock block;
  uint32_t slot = 0;       ///< kFor: the item
  int32_t key_slot = -1;   ///< kFor: its place or key
  LineColumn place;
};

class Mapping {
 public:
  struct Expression {
    std::shared_ptr<const Program> program;
    /// Nothing that it reads can have been changed by the mapping when it runs.
    bool original = true;
    LineColumn place;
  };
  std::vector<Expression> expressions;
  MappingBlock block;
  uint32_t variables = 0;
  EvalLimits limits;
};

}  // namespace penstock
