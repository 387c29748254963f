// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "json/strings.h"

namespace penstock {

/// Whether an array is JSON in all of its parts: what JsonParser takes, down to the last escape.
/// `cursor`: behind its opening bracket; if it is, it is left behind the closing one, and `items`
/// has where each item ends.
bool strict_json_array(JsonCursor& cursor, std::vector<uint32_t>& items);

}  // namespace penstock
