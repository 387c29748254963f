// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace penstock {

enum class Severity : uint8_t { kError, kWarning };

/// One finding about a user's file. `code` is stable (`penstock explain CODE`).
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;
  Position position;
  std::string what;
  std::string hint;  ///< what to do; may be empty
};

/// Collects all findings of a file, so that the user sees them at once. Not thread-safe.
class Diagnostics {
 public:
  void error(std::string code, Position position, std::string what, std::string hint = {}) {
    add({Severity::kError, std::move(code), std::move(position), std::move(what), std::move(hint)});
  }
  void warning(std::string code, Position position, std::string what, std::string hint = {}) {
    add({Severity::kWarning, std::move(code), std::move(position), std::move(what),
         std::move(hint)});
  }
  void add(Diagnostic d) {
    errors_ += d.severity == Severity::kError;
    all_.push_back(std::move(d));
  }
  bool has_errors() const { return errors_ > 0; }
  size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }

 private:
  std::vector<Diagnostic> all_;
  size_t errors_ = 0;
};

/// "file:line:column: error[code]: what" and, on the next line, "  hint: …".
std::string to_string(const Diagnostic& diagnostic);

}  // namespace penstock
