// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "expr/dialect.h"
#include "expr/node.h"
#include "expr/problem.h"

namespace penstock {

/// Reads an expression; null if it cannot be read (then there is a problem). Nesting and length
/// are bounded: kParseDepthMax levels of brackets, kTreeDepthMax of operators.
ExprNode* parse_expression(std::string_view text, ExprDialect dialect, NodeStore& store,
                           Problems& problems);

inline constexpr int kParseDepthMax = 200;
inline constexpr int kTreeDepthMax = 1000;

/// The builtins that take closures, by name; kNone for others.
Predicate find_predicate(std::string_view name);
std::vector<std::string> predicate_names();

}  // namespace penstock
