// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "expr/eval_context.h"
#include "value/value.h"

namespace penstock {

/// fmt.Sprintf: the verbs %v %d %s %q %t %x %X %o %b %c %U %e %f %g %T %%, flags "+-# 0", width and
/// precision (also *), and Go's marks for what does not fit ("%!d(string=x)", "%!s(MISSING)").
Result<std::string> go_format(EvalContext& context, std::string_view format,
                              std::span<const Value> args);

}  // namespace penstock
