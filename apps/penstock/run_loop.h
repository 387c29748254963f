// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <functional>
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

/// What was asked for by signals.
struct Asked {
  int stops = 0;    ///< SIGINT, SIGTERM, and SIGHUP of a terminal that has gone
  int reloads = 0;  ///< SIGHUP
};

/// SIGINT, SIGTERM and SIGHUP as a descriptor. Made before any thread is, so that all inherit the
/// mask.
class RunSignals {
 public:
  RunSignals();
  ~RunSignals();
  int fd() const { return fd_; }
  /// What has come since the last call.
  Asked take();

 private:
  int fd_ = -1;
  bool on_terminal_ = false;  // of stderr, when it began
};

/// Shows a group until all of it has ended. The first signal drains it, the second stops it at
/// once, the third ends the process. `reload` is called when one was asked for, and returns what to
/// tell the user. `log_fd` is where the log comes from if the view takes it, or -1; it must be
/// non-blocking.
void watch_until_ended(RunGroup& group, RunView& view, RunSignals& signals,
                       const std::function<std::string()>& reload, int log_fd, const Clock& clock);

}  // namespace penstock
