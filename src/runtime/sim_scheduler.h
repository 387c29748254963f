// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <vector>

#include "base/random.h"
#include "runtime/scheduler.h"

namespace penstock {

/// How a simulated machine behaves.
struct SimPace {
  /// Chance, in parts per thousand, that a step moves time although something could run. More means
  /// more timers in odd places.
  uint32_t hurry = 20;
  /// Weight of all waiting blocking work together, against 1 for each task that could run. 0 = only
  /// when no task can: a disk that is always too slow.
  uint32_t blocking = 1;
  /// A turn takes up to this long.
  int64_t turn_ns_max = 20'000;
};

/// The scheduler of the simulator: one thread, virtual time, every choice from one seed. Tasks get
/// turns of one element; blocking work runs inside a later step, in any order. Same seed and same
/// tasks = same run. Not thread-safe.
class SimScheduler final : public Scheduler {
 public:
  /// `clock` is moved by step(). It must outlive the scheduler.
  SimScheduler(uint64_t seed, ManualClock& clock, SimPace pace = {});
  /// REQUIRES: all tasks were removed.
  ~SimScheduler() override;

  /// Lets one thing happen: a turn of a task, a piece of blocking work, or time moving. False if
  /// nothing can ever happen any more.
  bool step();
  /// Runs a piece of blocking work; false if there is none. A region whose end waits for its
  /// blocking work needs all of it done first.
  bool run_blocking();
  /// The process dies: blocking work that waits is never done.
  void drop_blocking();
  size_t blocking_waiting() const { return blocking_.size(); }
  uint64_t steps() const { return steps_; }

  void add(Task& task, const Placement& placement) override;
  void remove(Task& task) override;
  void ring(Task& task) override;
  void submit(std::function<void()> work) override;
  const Clock& clock() const override { return clock_; }

 private:
  void turn();
  bool move_time();
  void ring_due();
  void set_timer(Task& task, int64_t at_ns);

  Random random_;
  ManualClock& clock_;
  const SimPace pace_;
  uint64_t steps_ = 0;
  uint64_t next_id_ = 0;
  std::map<Task*, uint64_t> ids_;  // an address is no order that repeats
  std::vector<Task*> runnable_;
  std::map<std::pair<int64_t, uint64_t>, Task*> timers_;  // by time, then id
  std::vector<std::function<void()>> blocking_;
};

}  // namespace penstock
