// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/clock.h"
#include "expr/function.h"
#include "value/value_arena.h"

namespace penstock {

/// A member of a map as text; "" if there is none.
std::string text_of(const Value& map, std::string_view key);

/// What we make of a request {"dialect", "expr", "input"}; the value lives in `arena`. A message
/// that begins with "compile: " came before the run.
Result<Value> evaluate_ours(const Value& request, const FunctionTable& table, const Clock& clock,
                            ValueArena& arena);

}  // namespace penstock
