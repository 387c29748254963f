// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "config/node.h"
#include "config/secret.h"
#include "spec/load.h"

namespace penstock {

/// Replaces, in every scalar value below `root` (not in keys):
///   ${NAME}           the environment variable; unset is an error
///   ${NAME:default}   likewise; unset is `default`, which may be empty and contains no `}`
///   ${file:path}      the file's bytes without one final line break; a secret
///   $${               the two characters ${
/// What is read from a file is added to `secrets` and its node is marked secret. A replaced value
/// stays a scalar, even an empty one. Relative paths start at `folder` ("" = the current one).
void interpolate(Node& root, const LoadSources& sources, const std::string& folder,
                 std::vector<Secret>& secrets, Diagnostics& diagnostics);

}  // namespace penstock
