// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "runtime/engine.h"

namespace penstock {

/// How one pipeline's run ended.
struct RunEnd {
  std::string name;
  std::string path;
  const Plan* plan = nullptr;
  Outcome outcome = Outcome::kDelivered;
  EngineStatus status;
  const Error* refused = nullptr;  ///< it never began; may be null
  bool remembers = true;           ///< positions were kept
};

/// What a person wants to know at the end: how it ended, records in and out of each stage, what may
/// be delivered again, what to do next. Lines with their ends. Pure.
std::string summary_text(const RunEnd& end);

/// The same for programs, on one line: {"kind":"summary","outcome":…,"exit_code":…, …}.
std::string summary_line(const RunEnd& end);

/// The process's exit code: 1 if any failed, else 3 if any left records undelivered, else 0.
int worse(int exit_code, Outcome outcome);

}  // namespace penstock
