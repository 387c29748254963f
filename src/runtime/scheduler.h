// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "runtime/bell.h"
#include "sdk/context.h"

namespace penstock {

class Scheduler;
struct RunQueue;

/// What a turn ended with: when the task wants to run again.
inline constexpr int64_t kAgain = 0;  ///< at once; kNever = when rung; else monotonic ns

/// Where a task runs, if not on the common pool.
struct Placement {
  std::vector<uint32_t> cpus;                 ///< pinned to these
  std::optional<uint32_t> realtime_priority;  ///< SCHED_FIFO
  bool own_worker() const { return !cpus.empty() || realtime_priority.has_value(); }
};

/// Something that takes turns on a worker. One turn at a time; never blocks; about `kTurnNs` long.
class Task {
 public:
  static constexpr int64_t kTurnNs = 1'000'000;
  virtual ~Task() = default;
  /// Works until it has nothing to do, cannot go on, or `until_ns` (monotonic) has passed.
  /// Returns kAgain, kNever or the time of its next timer.
  virtual int64_t run(int64_t now_ns, int64_t until_ns) = 0;

 private:
  friend class Scheduler;
  friend class ThreadScheduler;
  friend class SimScheduler;
  Bell bell_{false};
  RunQueue* queue_ = nullptr;     // set by add()
  int64_t timer_ns_ = kNever;     // guarded by the scheduler's timer lock
  bool leaves_ = false;           // likewise: remove() waits for the end of its turn
};

/// Gives turns to tasks. Two implementations: a thread pool, and a seeded simulation.
class Scheduler : public BlockingPool {
 public:
  /// Rings are heard from now on; earlier ones (an instance may wake its task as soon as it is
  /// open) did nothing: ring it once after this. The scheduler borrows it until remove().
  virtual void add(Task& task, const Placement& placement) = 0;
  /// Blocks until the task is not running; it will not run again.
  virtual void remove(Task& task) = 0;
  /// The task runs soon, after everything the caller did before. Any thread; never blocks.
  virtual void ring(Task& task) = 0;
  virtual const Clock& clock() const = 0;
};

}  // namespace penstock
