// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace penstock {

struct EvalOptions {
  bool argo = false;     ///< the dialect
  bool mapping = false;  ///< the text is a mapping, not an expression
  bool raw = false;      ///< results that are text are written without quotes
};

/// An expression or a mapping, run over documents as a stage would run it.
class EvalSession {
 public:
  /// Null if the text cannot be compiled; `problems` then says why, with carets.
  static std::unique_ptr<EvalSession> make(std::string_view text, const EvalOptions& options,
                                           const Clock& clock, std::string& problems);
  ~EvalSession();
  EvalSession(const EvalSession&) = delete;
  EvalSession& operator=(const EvalSession&) = delete;

  /// False if the result is the same whatever the record.
  bool needs_input() const;
  /// Evaluates up to kBatchRecordsMax documents. Appends a line for each result to `out`, and for
  /// each failure a line to `err` that names the document by its number, counted from
  /// `first_line`. Returns how many failed.
  size_t run(const std::vector<std::string>& documents, size_t first_line, std::string& out,
             std::string& err);
  /// Types, columns and kernels, several lines.
  std::string explain() const;

 private:
  struct State;
  explicit EvalSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Names that complete what was typed: functions of the dialect that begin with `prefix`, those
/// that take closures as well, sorted.
std::vector<std::string> eval_completions(std::string_view prefix, bool argo);

}  // namespace penstock
