// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.h"
#include "expr/eval_context.h"
#include "value/value.h"

namespace penstock {

/// What int(value) gives in the penstock dialect.
Result<Value> to_int(const Value& value);
/// What float(value) gives.
Result<Value> to_float(const Value& value);
/// JSON text read; error "expression-failed" that says where it is wrong. `all_doubles`: integers
/// become doubles, as Go's json.Unmarshal into interface{} does.
Result<Value> read_json(EvalContext& context, std::string_view text, bool all_doubles = false);

}  // namespace penstock
