// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "expr/program.h"

namespace penstock {

/// How a node is run over a batch.
enum class Kernel : uint8_t {
  kConstant,  ///< nothing to do
  kColumn,    ///< a projected column as it is
  kVector,    ///< a loop over typed columns; rows of other types go one by one
  kRows,      ///< row by row: a call, a closure, a map
};
Kernel kernel_of(const ExprNode& node);

/// One line a node, indented: what it does, its type, its kernel.
std::string explain_tree(const Program& program);

}  // namespace penstock
