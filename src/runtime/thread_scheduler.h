// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/log.h"
#include "runtime/scheduler.h"

namespace penstock {

/// Tasks that share workers. A task that was rung by a worker goes to the front, because what it
/// will read is still in that worker's cache; a task that wants another turn goes to the back.
struct RunQueue {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<Task*> tasks;                       // guarded by mutex
  std::set<std::pair<int64_t, Task*>> timers;    // guarded by mutex; by time
  std::atomic<uint32_t> waiting{0};              // tasks.size(), to spin on
  uint32_t sleepers = 0;                         // guarded by mutex
  bool stopping = false;                         // guarded by mutex
};

/// The thread pool: `workers` threads for all tasks, a thread of its own for each placed task, and
/// a few threads for blocking work. Thread-safe.
class ThreadScheduler final : public Scheduler {
 public:
  /// How long an idle worker looks for work before it sleeps.
  static constexpr int64_t kSpinNs = 20'000;
  static constexpr uint32_t kBlockingThreads = 4;
  ThreadScheduler(uint32_t workers, const Clock& clock, Logger& log);
  /// REQUIRES: all tasks were removed. Finishes blocking work that was submitted.
  ~ThreadScheduler() override;

  void add(Task& task, const Placement& placement) override;
  void remove(Task& task) override;
  void ring(Task& task) override;
  void submit(std::function<void()> work) override;
  const Clock& clock() const override { return clock_; }

 private:
  struct Worker {
    RunQueue* queue;
    std::thread thread;
  };
  void start_worker(RunQueue& queue, const Placement& placement);
  void work(RunQueue& queue);
  /// The task to run next; `again`, if there is one, goes to the back first. In one step: nobody is
  /// woken for a task that this worker takes itself, and nobody else carries it to another core.
  Task* next(RunQueue& queue, Task* again);
  Task* take(RunQueue& queue, int64_t now_ns);
  /// True if the task wants another turn.
  bool turn(RunQueue& queue, Task& task);
  void push(RunQueue& queue, Task& task, bool front);
  void blocking_loop();

  const Clock& clock_;
  Logger& log_;
  RunQueue common_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RunQueue>> own_;  // guarded by mutex_; of placed tasks
  std::vector<std::thread> threads_;            // guarded by mutex_

  std::mutex blocking_mutex_;
  std::condition_variable blocking_ready_;
  std::deque<std::function<void()>> blocking_;  // guarded by blocking_mutex_
  uint32_t blocking_idle_ = 0;                  // guarded by blocking_mutex_
  bool blocking_stopping_ = false;              // guarded by blocking_mutex_
  std::vector<std::thread> blocking_threads_;   // guarded by blocking_mutex_
};

}  // namespace penstock
