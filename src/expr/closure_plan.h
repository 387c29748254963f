// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "expr/program.h"

namespace penstock {

/// Finds the closures that can run over columns of items: the items are those of a field, or of
/// `field ?? …`, and the body reads nothing but them, constants and variables. REQUIRES: paths have
/// their slots.
void plan_closures(Program& program);

/// The field whose items such a closure sees.
const ExprNode& array_of(const ExprNode& predicate);

}  // namespace penstock
