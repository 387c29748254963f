// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
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

/// Collects all findings of a file, so that the user sees them at once. Beyond kKeptMax they are
/// counted but not kept. Not thread-safe.
class Diagnostics {
 public:
  static constexpr size_t kKeptMax = 200;
  void error(std::string code, Position position, std::string what, std::string hint = {}) {
    add({Severity::kError, std::move(code), std::move(position), std::move(what), std::move(hint)});
  }
  void warning(std::string code, Position position, std::string what, std::string hint = {}) {
    add({Severity::kWarning, std::move(code), std::move(position), std::move(what),
         std::move(hint)});
  }
  void add(Diagnostic d) {
    errors_ += d.severity == Severity::kError;
    if (all_.size() < kKeptMax) all_.push_back(std::move(d));
    else ++dropped_;
  }
  /// All of `other`, after these.
  void append(const Diagnostics& other) {
    const size_t errors = errors_ + other.errors_;
    for (const Diagnostic& d : other.all_) add(d);
    errors_ = errors;
    dropped_ += other.dropped_;
  }
  bool has_errors() const { return errors_ > 0; }
  size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  /// Whether all() holds as many as it may: costly hints are not worth making any more.
  bool full() const { return all_.size() >= kKeptMax; }
  /// How many more there were than all() holds.
  size_t dropped() const { return dropped_; }
  /// Lets `change` rewrite what and hint of each, to mask secrets.
  template <class F>
  void rewrite(F&& change) {
    for (Diagnostic& d : all_) change(d);
  }
  /// Into the order of the file; findings at one place keep their order.
  void sort();

 private:
  std::vector<Diagnostic> all_;
  size_t errors_ = 0;
  size_t dropped_ = 0;
};

/// "file:line:column: error[code]: what" and, on the next line, "  hint: …".
std::string to_string(const Diagnostic& diagnostic);
/// All of them, a line (or two) each, and how many were left out.
std::string to_string(const Diagnostics& diagnostics);

}  // namespace penstock
