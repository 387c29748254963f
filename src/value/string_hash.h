// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#include "base/hash.h"

namespace penstock {

/// Where a key stands in the slots of a map; also the hash of a string value.
inline uint64_t string_hash(std::string_view text) { return hash64(text); }

}  // namespace penstock
