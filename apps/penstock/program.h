// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "sdk/catalog.h"

namespace penstock {

inline constexpr std::string_view kVersion = PENSTOCK_VERSION;

/// Exit codes beside those of a run's Outcome.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitBadInput = 2;  ///< a bad file, or bad arguments

/// Under which name the program was called: two older tools' names have their own habits.
enum class Calling : uint8_t { kPenstock, kFlowctl, kFlowRuntime };

// A namespace of its own: expr/program.h has another class of this name.
namespace subcommand {

/// What every subcommand is given. Records and results go to `out`, everything said about them to
/// `err`; a test may put pipes there.
struct Program {
  Calling calling = Calling::kPenstock;
  const Catalog* catalog = nullptr;
  const Clock* clock = nullptr;
  int out = 1;
  int err = 2;
};

}  // namespace subcommand
using subcommand::Program;

/// Writes all of it, however long that takes. False if the other end is gone.
bool write_all(int fd, std::string_view text);

}  // namespace penstock
