// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim_scheduler.h"

#include <algorithm>

#include "base/check.h"

namespace penstock {

SimScheduler::SimScheduler(uint64_t seed, ManualClock& clock, SimPace pace)
    : random_(seed), clock_(clock), pace_(pace) {}

SimScheduler::~SimScheduler() { CHECK(ids_.empty()); }

bool SimScheduler::step() {
  ++steps_;
  ring_due();
  if (runnable_.empty() && blocking_.empty()) return move_time();
  if (random_.chance(pace_.hurry, 1000) && move_time()) return true;
  const uint64_t blocking = blocking_.empty() ? 0 : pace_.blocking;
  const uint64_t weights = runnable_.size() + blocking;
  if (weights == 0 || random_.below(weights) >= runnable_.size()) return run_blocking();
  turn();
  return true;
}

/// Due timers ring their tasks.
void SimScheduler::ring_due() {
  while (!timers_.empty() && timers_.begin()->first.first <= clock_.monotonic_ns()) {
    Task& due = *timers_.begin()->second;
    set_timer(due, kNever);
    ring(due);
  }
}

/// To the next timer. False if there is none.
bool SimScheduler::move_time() {
  if (timers_.empty()) return false;
  const int64_t wait = timers_.begin()->first.first - clock_.monotonic_ns();
  if (wait > 0) clock_.advance_ns(wait);
  return true;
}

void SimScheduler::turn() {
  const size_t at = random_.below(runnable_.size());
  Task& task = *runnable_[at];
  runnable_[at] = runnable_.back();
  runnable_.pop_back();
  const int64_t now = clock_.monotonic_ns();
  task.bell_.start();
  // A turn that may last no time at all ends after one element.
  const int64_t next = task.run(now, now);
  // Stricter than the threads: a task that does not ask for its timer again has none.
  set_timer(task, next == kAgain ? kNever : next);
  clock_.advance_ns(static_cast<int64_t>(random_.below(pace_.turn_ns_max + 1)));
  if (task.bell_.finish(next == kAgain)) runnable_.push_back(&task);
}

bool SimScheduler::run_blocking() {
  if (blocking_.empty()) return false;
  const size_t at = random_.below(blocking_.size());
  const std::function<void()> work = std::move(blocking_[at]);
  blocking_.erase(blocking_.begin() + static_cast<ptrdiff_t>(at));
  work();
  return true;
}

void SimScheduler::drop_blocking() {
  // Taken out first: what a closure owns may submit more when it goes.
  while (!blocking_.empty()) {
    const std::vector<std::function<void()>> dropped = std::move(blocking_);
    blocking_.clear();
  }
}

void SimScheduler::set_timer(Task& task, int64_t at_ns) {
  const uint64_t id = ids_.at(&task);
  if (task.timer_ns_ != kNever) timers_.erase({task.timer_ns_, id});
  task.timer_ns_ = at_ns;
  if (at_ns != kNever) timers_[{at_ns, id}] = &task;
}

void SimScheduler::add(Task& task, const Placement&) {
  ids_[&task] = next_id_++;
  task.bell_.hang();
}

void SimScheduler::remove(Task& task) {
  set_timer(task, kNever);
  const auto at = std::find(runnable_.begin(), runnable_.end(), &task);
  if (at != runnable_.end()) {
    runnable_.erase(at);
  } else {
    CHECK(task.bell_.ring());  // looks queued from now on: nobody queues it again
  }
  ids_.erase(&task);
}

void SimScheduler::ring(Task& task) {
  if (task.bell_.ring()) runnable_.push_back(&task);
}

void SimScheduler::submit(std::function<void()> work) { blocking_.push_back(std::move(work)); }

}  // namespace penstock
