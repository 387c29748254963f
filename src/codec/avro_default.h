// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.h"
#include "codec/avro_schema.h"

namespace penstock {

/// The value that a field's JSON default stands for: bytes and fixed are given as code points up to
/// U+00FF, a union's default is of the first branch that it fits. The error's message says what is
/// wrong.
Result<Value> avro_default(const AvroNode& node, const Value& json, ValueArena& arena,
                           uint32_t depth);

}  // namespace penstock
