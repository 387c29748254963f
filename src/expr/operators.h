// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/error.h"
#include "expr/eval_context.h"
#include "expr/node.h"
#include "value/value.h"

namespace penstock {

/// Applies `not`, `-` or `+`. False = failed, `error` says why.
bool apply_unary(Op op, const Value& a, EvalContext& context, Value& out, Error& error);

/// Applies any binary operator but `and`, `or` and `??`, which do not always look at both sides.
bool apply_binary(Op op, const Value& a, const Value& b, EvalContext& context, Value& out,
                  Error& error);

/// The result's possible kinds, given those of the operands; 0 if there are none: a type error.
TypeSet unary_type(Op op, TypeSet a, ExprDialect dialect);
TypeSet binary_type(Op op, TypeSet a, TypeSet b, ExprDialect dialect);

/// "cannot apply + to string and int"
Error operand_error(Op op, const Value& a, const Value& b);

}  // namespace penstock
