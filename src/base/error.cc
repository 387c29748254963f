// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace penstock {

std::string to_string(const Error& error) {
  std::string out = error.code + ": " + error.message;
  if (!error.detail.empty()) out += " (" + error.detail + ")";
  if (!error.hint.empty()) out += ". " + error.hint;
  return out;
}

const char* to_string(Reaction reaction) {
  switch (reaction) {
    case Reaction::kRejectRecord: return "reject_record";
    case Reaction::kRetryLater: return "retry_later";
    case Reaction::kReconnect: return "reconnect";
    case Reaction::kStopPipeline: return "stop_pipeline";
    case Reaction::kEndOfInput: return "end_of_input";
    case Reaction::kCancelled: return "cancelled";
  }
  return "unknown";
}

Error errno_error(int errnum, const std::string& what) {
  Error error;
  const bool full = errnum == ENOSPC || errnum == EDQUOT;
  error.reaction = full ? Reaction::kRetryLater : Reaction::kStopPipeline;
  error.code = full ? "disk-full" : "io-error";
  error.message = what;
  char buffer[128];
  error.detail = strerror_r(errnum, buffer, sizeof buffer);
  if (full) error.hint = "free some space; the pipeline goes on by itself";
  return error;
}

}  // namespace penstock
