// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "runtime/model/fiber.h"

namespace penstock::model {

/// One execution of what is checked: made anew for every execution, and deterministic but for the
/// order in which its threads take their steps.
class Scenario {
 public:
  virtual ~Scenario() = default;
  /// One body per thread. A body returns when Explorer::wait_until() says false.
  virtual std::vector<std::function<void()>> threads() = 0;
  /// Called when no thread can take a step any more: what is wrong then, or "".
  virtual std::string check() = 0;
};

/// Runs a scenario of up to 31 threads in every order of their steps: an exhaustive search with
/// sequentially consistent memory (the code under test uses nothing weaker where it relies on
/// order; data races are left to the thread sanitizer).
///
/// Depth first, by running again from the start with another choice. A state that was seen before
/// is not searched again; a state is the value of every cell and, for every thread, a hash of all
/// it has observed, which determines where a deterministic thread stands. Hashes have 64 bits: one
/// in ten million millions of searches of a million states would miss a state.
class Explorer {
 public:
  struct Report {
    uint64_t executions = 0;
    uint64_t states = 0;
    bool complete = false;  ///< every order was covered
    std::string failure;    ///< the first thing found wrong, with the steps that lead there
  };
  static constexpr uint32_t kAllPreemptions = UINT32_MAX;
  /// Of the orders, only those in which a thread that could go on is interrupted at most
  /// `preemptions_max` times. Gives up beyond `executions_max` executions, with complete = false.
  explicit Explorer(uint64_t executions_max, uint32_t preemptions_max = kAllPreemptions)
      : executions_max_(executions_max), preemptions_max_(preemptions_max) {}
  Report run(const std::function<std::unique_ptr<Scenario>()>& make);

  /// The explorer whose scenario runs on this thread; null outside of run(). Primitives find it
  /// here because the code under test constructs them without arguments.
  static Explorer*& active() {
    static thread_local Explorer* active = nullptr;
    return active;
  }

  // For threads of a scenario, and the primitives they use.

  /// Other threads may take steps before what the caller does next.
  void step() {
    if (current_ != kNoThread) switch_threads(nullptr);
  }
  /// Returns true once `ready()` holds; false when no thread can take a step any more. `ready` is
  /// evaluated between steps; what the caller does next is one step with it.
  bool wait_until(const std::function<bool()>& ready) {
    switch_threads(&ready);
    return !over_;
  }
  /// The running thread did `what` to cell number `cell` and saw or left `value`.
  void observed(const char* what, uint32_t cell, uint64_t value) {
    if (current_ == kNoThread) return;
    Thread& thread = threads_[current_];
    thread.seen = mix(mix(thread.seen, cell), value);
    trace_.push_back({current_, what, cell, value});
  }
  /// The running thread stands at a place that `place` and the memory alone determine, whatever it
  /// did before: what it has observed so far may be forgotten. Only for a thread that holds nothing
  /// else in its variables. Keeps the number of states small.
  void stands_at(uint64_t place) {
    if (current_ != kNoThread) threads_[current_].seen = mix(place, current_);
  }
  /// For a scenario to make a `place` of several values.
  static uint64_t mix(uint64_t hash, uint64_t value) {
    uint64_t z = (hash ^ value) * 0x9e3779b97f4a7c15ULL + value;
    z = (z ^ (z >> 31)) * 0xbf58476d1ce4e5b9ULL;
    return z ^ (z >> 29);
  }
  /// An invariant is broken.
  void fail(const std::string& what) {
    if (failure_.empty() && !over_) failure_ = what + "\n" + trace_text();
  }
  uint32_t add_cell() {
    cells_.push_back(0);
    return static_cast<uint32_t>(cells_.size() - 1);
  }
  void set_cell(uint32_t cell, uint64_t value) { cells_[cell] = value; }

 private:
  static constexpr uint32_t kNoThread = UINT32_MAX;
  static constexpr size_t kStepsMax = 20'000;  // an execution that is longer does not end
  struct Thread {
    std::unique_ptr<Fiber> fiber;
    const std::function<bool()>* ready = nullptr;  // null = can take a step
    uint64_t seen = 0;
    bool done = true;
  };
  struct Choice {
    uint32_t enabled = 0;  // bits: the threads that could take the step
    uint32_t thread = 0;   // the one that did
  };
  struct Step {
    uint32_t thread;
    const char* what;
    uint32_t cell;
    uint64_t value;
  };

  static uint32_t first(uint32_t bits) { return static_cast<uint32_t>(__builtin_ctz(bits)); }
  void execute(Scenario& scenario);
  uint32_t choose();
  bool backtrack();
  void switch_threads(const std::function<bool()>* ready);
  uint64_t state() const;
  std::string trace_text() const;

  const uint64_t executions_max_;
  const uint32_t preemptions_max_;
  std::unordered_set<uint64_t> seen_;
  std::vector<Choice> path_;
  size_t depth_ = 0;      // choices made in this execution
  bool known_ = false;    // this execution came to a state that was searched
  std::vector<Thread> threads_;
  std::vector<uint64_t> cells_;
  std::vector<Step> trace_;
  uint32_t current_ = kNoThread;
  uint32_t last_ = kNoThread;  // who took the step before
  uint32_t preemptions_ = 0;   // in this execution
  bool over_ = false;
  std::string failure_;
};

inline Explorer::Report Explorer::run(const std::function<std::unique_ptr<Scenario>()>& make) {
  Report report;
  active() = this;
  do {
    depth_ = 0;
    known_ = over_ = false;
    cells_.clear();
    trace_.clear();
    std::unique_ptr<Scenario> scenario = make();
    execute(*scenario);
    ++report.executions;
  } while (failure_.empty() && backtrack() && report.executions < executions_max_);
  active() = nullptr;
  report.states = seen_.size();
  report.failure = failure_;
  report.complete = failure_.empty() && path_.empty();
  return report;
}

inline void Explorer::execute(Scenario& scenario) {
  std::vector<std::function<void()>> bodies = scenario.threads();
  if (threads_.empty()) threads_.resize(bodies.size());
  for (size_t i = 0; i < bodies.size(); ++i) {
    Thread& thread = threads_[i];
    if (thread.fiber == nullptr) thread.fiber = std::make_unique<Fiber>();
    thread.fiber->start(std::move(bodies[i]));
    thread.ready = nullptr;
    thread.seen = i;
    thread.done = false;
  }
  const auto give_turn = [&](uint32_t i) {
    current_ = i;
    threads_[i].ready = nullptr;
    threads_[i].fiber->resume();
    current_ = kNoThread;
    threads_[i].done = !threads_[i].fiber->busy();
  };
  last_ = kNoThread;
  preemptions_ = 0;
  while (trace_.size() < kStepsMax) {
    const uint32_t next = choose();
    if (next == kNoThread) break;
    last_ = next;
    give_turn(next);
  }
  if (trace_.size() >= kStepsMax) fail("it does not come to an end");
  if (!known_) {
    if (const std::string wrong = scenario.check(); !wrong.empty()) fail(wrong);
  }
  // Nobody looks any more: every thread runs to its end, one after the other.
  over_ = true;
  for (uint32_t i = 0; i < threads_.size(); ++i) {
    while (!threads_[i].done) give_turn(i);
  }
}

inline uint32_t Explorer::choose() {
  uint32_t enabled = 0;
  for (uint32_t i = 0; i < threads_.size(); ++i) {
    const Thread& thread = threads_[i];
    if (!thread.done && (thread.ready == nullptr || (*thread.ready)())) enabled |= 1u << i;
  }
  if (enabled == 0) return kNoThread;
  if ((enabled & (enabled - 1)) == 0) return first(enabled);
  // One preemption more than allowed: who ran goes on.
  const bool preempts = last_ != kNoThread && (enabled >> last_ & 1) != 0;
  if (preempts && preemptions_ == preemptions_max_) return last_;
  if (depth_ < path_.size()) {
    CHECK_EQ(path_[depth_].enabled, enabled);  // or the scenario is not deterministic
  } else {
    if (!seen_.insert(state()).second) {
      known_ = true;
      return kNoThread;
    }
    path_.push_back({enabled, first(enabled)});
  }
  const uint32_t thread = path_[depth_++].thread;
  if (preempts && thread != last_) ++preemptions_;
  return thread;
}

inline bool Explorer::backtrack() {
  while (!path_.empty()) {
    Choice& choice = path_.back();
    const uint32_t rest = choice.enabled & ~((2u << choice.thread) - 1);
    if (rest != 0) {
      choice.thread = first(rest);
      return true;
    }
    path_.pop_back();
  }
  return false;
}

inline void Explorer::switch_threads(const std::function<bool()>* ready) {
  if (over_) return;
  Thread& thread = threads_[current_];
  thread.ready = ready;
  // Where it stands is part of what it has seen: two steps may observe the same.
  thread.seen = mix(thread.seen, 1);
  thread.fiber->suspend();
}

inline uint64_t Explorer::state() const {
  uint64_t hash = 0;
  for (const uint64_t cell : cells_) hash = mix(hash, cell);
  for (const Thread& thread : threads_) hash = mix(hash, thread.done ? 0 : thread.seen);
  if (preemptions_max_ != kAllPreemptions) hash = mix(mix(hash, last_), preemptions_);
  return hash;
}

inline std::string Explorer::trace_text() const {
  std::string text = "thread what cell value\n";
  for (const Step& step : trace_) {
    text += std::to_string(step.thread) + " " + step.what + " " + std::to_string(step.cell) + " " +
            std::to_string(static_cast<int64_t>(step.value)) + "\n";
  }
  return text;
}

}  // namespace penstock::model
