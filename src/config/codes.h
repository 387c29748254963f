// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// Who finds a problem: loading the document, planning it, a component's options or the command
/// line, or the running pipeline.
enum class FoundBy : uint8_t { kDocument, kPlan, kComponent, kRun };

/// What `penstock explain CODE` says about the code of a diagnostic or an error. Codes never change
/// their meaning and are never used again for something else.
struct CodeInfo {
  std::string_view code;
  std::string_view title;  ///< one line
  std::string_view about;  ///< one or more sentences: why it is refused, what to do
  std::string_view bad;    ///< a short excerpt that causes it; "" where no file is at fault
  std::string_view good;   ///< the same, put right
  FoundBy found_by = FoundBy::kDocument;
};

/// Every code, sorted by code.
const std::vector<CodeInfo>& all_codes();
/// Null if there is no such code.
const CodeInfo* find_code(std::string_view code);
/// The whole explanation as text, with a final newline; for an unknown code, what is near to it.
std::string explain(std::string_view code);

}  // namespace penstock
