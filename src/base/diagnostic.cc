// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostic.h"

#include <algorithm>
#include <tuple>

namespace penstock {

void Diagnostics::sort() {
  const auto place = [](const Diagnostic& d) {
    return std::tie(d.position.file, d.position.line, d.position.column);
  };
  std::stable_sort(all_.begin(), all_.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    return place(a) < place(b);
  });
}

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

std::string to_string(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics.all()) out += to_string(d) + "\n";
  if (diagnostics.dropped() > 0) {
    out += "and " + std::to_string(diagnostics.dropped()) + " more\n";
  }
  return out;
}

}  // namespace penstock
