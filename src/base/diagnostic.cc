// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostic.h"

namespace penstock {

std::string to_string(const Diagnostic& d) {
  std::string out = d.position.file.empty() ? "<input>" : d.position.file;
  if (d.position.line > 0) {
    out += ":" + std::to_string(d.position.line) + ":" + std::to_string(d.position.column);
  }
  out += d.severity == Severity::kError ? ": error[" : ": warning[";
  out += d.code + "]: " + d.what;
  if (!d.hint.empty()) out += "\n  hint: " + d.hint;
  return out;
}

}  // namespace penstock
