// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace penstock {

/// Something wrong with the text of an expression.
struct Problem {
  std::string code;  ///< bad-expression, unknown-name, unknown-function, type-mismatch, …
  size_t offset = 0;  ///< bytes from the start of the text
  size_t length = 1;  ///< bytes to underline
  std::string what;   ///< one line, no trailing dot
  std::string hint;
};
using Problems = std::vector<Problem>;

struct LineColumn {
  int line = 1;
  int column = 1;  ///< bytes, from 1
};
LineColumn place_of(std::string_view text, size_t offset);

/// For terminals and tests:
///   1:9: error[unknown-function]: there is no function "uper"
///     | filter(uper(name))
///     |        ^~~~
///   hint: did you mean "upper"?
std::string to_string(const Problem& problem, std::string_view text);
std::string to_string(const Problems& problems, std::string_view text);

/// As findings about the file in which the expression stands at `at` (the place of its first
/// byte, as far as known). The caret lines are part of what is said.
void report(const Problems& problems, std::string_view text, const Position& at,
            Diagnostics& diagnostics);

}  // namespace penstock
