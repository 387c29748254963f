// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "sdk/context.h"

namespace penstock::conformance {

/// Remembers that it was woken. Thread-safe.
class TestWaker final : public Waker {
 public:
  /// Wakes `also` too, which must live longer.
  explicit TestWaker(TestWaker* also = nullptr) : also_(also) {}
  void wake() override;
  /// True if woken since the last call.
  bool take();
  /// Blocks until woken since the last take(); false after a minute (the test shall then fail).
  bool wait();

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool pending_ = false;  // guarded by mutex_
  TestWaker* const also_;
};

/// A blocking pool that a test steps: work runs when the test says so, on the test's thread, or
/// inside submit() while `inline_work` is true. submit() may come from any thread.
class TestPool final : public BlockingPool {
 public:
  bool inline_work = false;
  void submit(std::function<void()> work) override;
  /// Runs the oldest work; false if there is none.
  bool run_one();
  /// Runs the newest work first: work of one task may run in any order.
  bool run_newest();
  /// Runs work, and what it submits, until none is left. Returns how much ran.
  size_t run_all();
  /// Forgets the work that has not run: what kill -9 does to it.
  void drop_all();
  size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> work_;
};

/// Everything a TaskContext points to, deterministic. Outlives the instances and batches of a test.
class Services {
 public:
  Services();
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  ManualClock clock;
  BatchPool pool;
  TestWaker waker;  ///< woken with every harness's own
  TestPool blocking;
  /// A context with these services: stage "test", seed 1. The waker is the harness's affair.
  TaskContext context(uint32_t task = 0, uint32_t tasks = 1);
  /// What was logged so far.
  std::string logged() const;

 private:
  int log_fd_;

 public:
  Logger log;
};

}  // namespace penstock::conformance
