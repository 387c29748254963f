// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"
#include "penstock/run_group.h"
#include "penstock/run_view.h"

namespace penstock {

/// Keeps the last statuses of each pipeline, so that rates have a past.
class StatusHistory {
 public:
  /// The pipelines now, each with its status about `window_ns` ago.
  std::vector<LivePipeline> sample(const RunGroup& group, int64_t window_ns);

 private:
  std::vector<std::deque<EngineStatus>> past_;
};

/// SIGINT and SIGTERM as a descriptor. Made before any thread is, so that all inherit the mask.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  int fd() const { return fd_; }
  /// How many have come since the last call.
  int take();

 private:
  int fd_ = -1;
};

/// Shows a group until all of it has ended. The first signal drains it, the second stops it at
/// once, the third ends the process. `log_fd` is where the log comes from if the view takes it, or
/// -1; it must be non-blocking.
void watch_until_ended(RunGroup& group, RunView& view, StopSignals& signals, int log_fd,
                       const Clock& clock);

}  // namespace penstock
