// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace penstock {

struct YamlProblem {
  std::string what;
  std::string hint;
  bool at_opening = false;   ///< it is shown where the text or key begins that went wrong
  bool in_brackets = false;  ///< it is about a [ or { that began earlier
};

/// The YAML library's complaint in words that say what to do. `offset` is its place in `text`.
YamlProblem yaml_problem(std::string_view complaint, std::string_view text, size_t offset);

}  // namespace penstock
