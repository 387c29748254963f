// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>

namespace penstock {

/// What the caller must do about an error. The runtime switches on this and on nothing else.
enum class Reaction : uint8_t {
  kRejectRecord,  ///< the record is at fault: dead-letter it, go on
  kRetryLater,    ///< the outside is busy: try the same again after a back-off
  kReconnect,     ///< the connection is gone: reset the region and start from the last commit point
  kStopPipeline,  ///< nothing sensible can be done: stop with positions uncommitted
  kEndOfInput,    ///< there is no more input
  kCancelled,     ///< the caller asked to stop
};

/// A place in a user's file. Line and column count from 1; 0 = unknown. The column counts bytes.
struct Position {
  std::string file;
  int line = 0;
  int column = 0;
};

/// An expected failure: something outside the program went wrong. Bugs use CHECK instead.
struct Error {
  Reaction reaction = Reaction::kStopPipeline;
  std::string code;     ///< stable, kebab-case; `penstock explain CODE`
  std::string message;  ///< what is wrong, one line, no trailing dot
  std::string detail;   ///< optional: what the outside said
  std::string hint;     ///< optional: what to do
  Position position;
};

inline Error make_error(Reaction reaction, std::string code, std::string message,
                        std::string hint = {}) {
  return Error{reaction, std::move(code), std::move(message), {}, std::move(hint), {}};
}
/// Shorthands by reaction.
inline Error stop_error(std::string code, std::string message, std::string hint = {}) {
  return make_error(Reaction::kStopPipeline, std::move(code), std::move(message), std::move(hint));
}
inline Error reject_error(std::string code, std::string message, std::string hint = {}) {
  return make_error(Reaction::kRejectRecord, std::move(code), std::move(message), std::move(hint));
}
inline Error retry_error(std::string code, std::string message, std::string hint = {}) {
  return make_error(Reaction::kRetryLater, std::move(code), std::move(message), std::move(hint));
}

/// "code: message (detail). hint" on one line.
std::string to_string(const Error& error);
const char* to_string(Reaction reaction);

/// An error from errno: code "io-error", detail strerror(errnum). ENOSPC and EDQUOT become
/// kRetryLater with code "disk-full"; everything else stops the pipeline.
Error errno_error(int errnum, const std::string& what);

}  // namespace penstock
