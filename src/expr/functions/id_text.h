// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "expr/eval_context.h"

namespace penstock {

/// From the context's generator: repeatable, not for keys.
std::string random_bytes(EvalContext& context, size_t count);
/// 16 bytes as a UUID of RFC 9562, version and variant set.
std::string uuid_text(std::string bytes, int version);

}  // namespace penstock
