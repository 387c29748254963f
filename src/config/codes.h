// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// What `penstock explain CODE` says about one diagnostic code. Codes never change their meaning
/// and are never used again for something else.
struct CodeInfo {
  std::string_view code;
  std::string_view title;  ///< one line
  std::string_view about;  ///< one or more sentences: why it is refused, what to do
  std::string_view bad;    ///< a short excerpt that causes it
  std::string_view good;   ///< the same, put right
};

/// Every code, sorted by code.
const std::vector<CodeInfo>& all_codes();
/// Null if there is no such code.
const CodeInfo* find_code(std::string_view code);
/// The whole explanation as text, with a final newline; for an unknown code, what is near to it.
std::string explain(std::string_view code);

}  // namespace penstock
