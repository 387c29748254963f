// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "plan/plan.h"
#include "runtime/status.h"
#include "runtime/tap.h"
#include "state/disk.h"

namespace penstock {

/// What the engine needs from outside. All outlive the engine.
struct EngineServices {
  const Clock* clock = nullptr;
  Logger* log = nullptr;
  Disk* disk = nullptr;
  uint32_t workers = 0;      ///< 0 = one a core
  uint64_t seed = 0;
  /// Where a pipeline without a state folder keeps its commit point, so that an engine after this
  /// one goes on from it. Null = the engine's own, forgotten with it.
  Disk* memory = nullptr;
  /// Where one may look at the records of the plan's edges. Null = nowhere.
  Taps* taps = nullptr;
};

struct EngineOptions {
  /// Folder for positions and state of this pipeline; each region has a folder inside. Empty =
  /// remember nothing beyond this process.
  std::string state_folder;
  /// A finished pipeline starts again from its beginning (true) or returns at once (false).
  bool rerun_if_done = true;
  /// Forget what was remembered before starting.
  bool fresh = false;
};

/// How a run ended. The values are the process's exit codes.
enum class Outcome : int {
  kDelivered = 0,    ///< all input was read and everything was delivered
  kFailed = 1,       ///< an error stopped it; positions stand at the last commit
  kUndelivered = 3,  ///< stopped on request with records undelivered (they are read again)
};

/// Runs one plan in this process. Thread-safe.
class Engine {
 public:
  static std::unique_ptr<Engine> create(std::shared_ptr<const Plan> plan, EngineOptions options,
                                        const EngineServices& services);
  virtual ~Engine() = default;
  /// Two-phase: restores, opens every sink, then stages, then sources; then reading begins.
  /// Blocks until reading begins or something refused.
  virtual Result<void> start() = 0;
  /// Stops sources, drains, commits; within the plan's drain_timeout. Returns at once; see wait().
  /// A second call stops at once, with what is undelivered left uncommitted.
  virtual void stop() = 0;
  /// Blocks until the run has ended and everything is closed.
  virtual Outcome wait() = 0;
  /// As wait(), at most this long; false = still running.
  virtual bool wait_for_ns(int64_t ns, Outcome* outcome) = 0;
  virtual EngineStatus status() const = 0;
};

}  // namespace penstock
