// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <utility>
#include <vector>

#include "runtime/scheduler.h"

namespace penstock::model {

/// A scheduler that gives no turns: it writes down who was rung, and a test gives the turns. One
/// thread.
class HandScheduler final : public Scheduler {
 public:
  void add(Task&, const Placement&) override {}
  void remove(Task&) override {}
  void ring(Task& task) override { rung_.push_back(&task); }
  void submit(std::function<void()> work) override { work_.push_back(std::move(work)); }
  const Clock& clock() const override { return clock_; }

  ManualClock& manual_clock() { return clock_; }
  /// Who was rung since the last call, in order.
  std::vector<Task*> take_rung() { return std::exchange(rung_, {}); }
  /// Runs the blocking work that waits.
  void run_blocking() {
    for (std::function<void()>& work : std::exchange(work_, {})) work();
  }
  /// One turn. Returns what the task asks for: kAgain, kNever or a time.
  int64_t turn(Task& task, int64_t length_ns = Task::kTurnNs) {
    const int64_t now = clock_.monotonic_ns();
    return task.run(now, now + length_ns);
  }

 private:
  ManualClock clock_;
  std::vector<Task*> rung_;
  std::vector<std::function<void()>> work_;
};

}  // namespace penstock::model
