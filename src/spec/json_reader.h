// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "config/node.h"

namespace penstock {

/// Reads a JSON text (RFC 8259) into the same tree as read_yaml: numbers, true and false are plain
/// scalars with their source text, strings are quoted ones. Strict: no comments, no trailing comma;
/// a duplicate key is an error. Bounded by spec/limits.h. Empty if the text is not JSON.
std::optional<Node> read_json(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics);

}  // namespace penstock
