// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// Damerau-Levenshtein distance (optimal string alignment) in bytes: insert, delete, replace and
/// swap of neighbours cost 1 each.
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that the user probably meant by `word`, or "" if none is near. Case and the
/// difference between `-`, `_` and nothing do not count.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

/// The hint for a word that is not among the known ones: `did you mean "x"?`, or, when nothing is
/// near, `known: a, b, c` (at most 12), or "" if there are none.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace penstock
