// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "config/node.h"

namespace penstock {

/// Reads the first document of a YAML 1.1 text: anchors and aliases are expanded, merge keys (`<<`)
/// merged, comments and tags dropped. Plain `~`, `null` and nothing are null; all other scalars
/// keep their source text. Bounded by spec/limits.h whatever the text is. All problems that can be
/// told apart go to `diagnostics`. Empty if the text makes no sense as a whole; after a lesser
/// error (a duplicate key) the rest is returned, so that its problems can be reported too.
std::optional<Node> read_yaml(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics);

}  // namespace penstock
