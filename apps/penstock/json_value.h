// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "config/node.h"

namespace penstock {

/// Whether a plain scalar is a number, true, false or null as JSON writes it.
bool is_json_word(std::string_view text);

/// Whether a value that a test's YAML expects and a JSON value are the same: members in any order,
/// numbers by value. A plain scalar that is no JSON word means a string.
bool same_json(const Node& expected, const Node& got);

}  // namespace penstock
