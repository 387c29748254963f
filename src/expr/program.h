// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "expr/expr.h"
#include "expr/node.h"

namespace penstock {

/// What closures read of the items of an array.
struct ItemPaths {
  int32_t array = -1;  ///< ProgramFacts::paths
  std::vector<DocumentPath> paths;
};

/// A compiled expression: resolved, checked, folded. Immutable; shared by the tasks that run it.
class Program {
 public:
  std::string text;
  ExprDialect dialect = ExprDialect::kPenstock;
  EvalLimits limits;
  TypeSet wanted = kAnyType;  ///< what the result must be
  NodeStore store;
  ExprNode* root = nullptr;
  int32_t locals = 0;   ///< slots for `let`
  int32_t closures = 0; ///< most closures around a node
  std::vector<ExprVariable> variables;
  std::vector<ItemPaths> items;  ///< for closures that run by columns
  ProgramFacts facts;
};

/// Resolves names, checks types, folds constants; fills program.facts. Problems are added.
void resolve(Program& program, const ExprEnvironment& environment, Problems& problems);

}  // namespace penstock
