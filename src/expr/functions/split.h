// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "expr/eval_context.h"

namespace penstock {

/// As Go's strings.Split, SplitN, SplitAfter and SplitAfterN: at most `parts` (negative: all, 0:
/// none), the last of which has the rest; an empty separator splits code points.
Result<Value> split_text(EvalContext& context, std::string_view text, std::string_view separator,
                         int64_t parts, bool keep_separator);

/// As Go's strings.Replace: the first `times` (negative: all); an empty `old` stands before every
/// code point and at the end.
Result<Value> replace_text(EvalContext& context, std::string_view text, std::string_view old,
                           std::string_view replacement, int64_t times);

}  // namespace penstock
