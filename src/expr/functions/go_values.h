// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.h"
#include "expr/eval_context.h"
#include "value/value.h"

// How sprig takes values, through Go's reflection.
namespace penstock {

/// toInt64: numbers are cut, text is read as decimal, true is 1, anything else is 0.
int64_t sprig_int(const Value& value);
/// toFloat64.
double sprig_float(const Value& value);
/// strval: text as it is, all else as %v prints it.
std::string sprig_text(const Value& value);
/// nil, false, 0 and what has no length.
bool sprig_empty(const Value& value);
/// reflect.DeepEqual: 1 and 1.0 differ.
bool deep_equal(const Value& a, const Value& b);
/// An array's items; bytes are an array of ints. Error: the function's name and the kind.
Result<std::span<const Value>> sprig_items(EvalContext& context, const Value& list,
                                           const char* function);

}  // namespace penstock
