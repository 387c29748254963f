// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace penstock {

/// Whether an array is JSON in all of its parts: what JsonParser takes, down to the last escape.
/// `token`: the tokens behind its opening bracket; if it is, they are left at the first one behind
/// it, and `items` has for each item the first one behind that. `end`: of the document in `text`.
bool strict_json_array(const char* text, uint32_t end, const uint32_t*& token,
                       std::vector<const uint32_t*>& items);

}  // namespace penstock
