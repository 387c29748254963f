// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Versions and constraints as github.com/Masterminds/semver 1.5 reads and compares them.
namespace penstock {

struct Semver {
  int64_t major = 0, minor = 0, patch = 0;
  std::string prerelease, metadata, original;
  std::string text() const;
};

/// "v1.2.3-rc.1+build"; minor and patch may be missing. Nothing if it is not a version.
std::optional<Semver> parse_semver(std::string_view text);
/// By SemVer 2.0 §11; metadata does not count.
int compare(const Semver& a, const Semver& b);
/// "^1.2 || >= 2.0, < 3, 4.x, ~5.1, 1.0 - 2.0". Error: "expression-failed".
Result<bool> semver_matches(std::string_view constraint, const Semver& version);

}  // namespace penstock
