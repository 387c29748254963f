// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_scheduler.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/check.h"

namespace penstock {
namespace {

// The queue of the worker that runs on this thread: tells a worker's ring from an outsider's.
thread_local RunQueue* current_queue = nullptr;

}  // namespace

ThreadScheduler::ThreadScheduler(uint32_t workers, const Clock& clock, Logger& log)
    : clock_(clock), log_(log) {
  CHECK_GT(workers, 0u);
  for (uint32_t i = 0; i < workers; ++i) start_worker(common_, {});
}

ThreadScheduler::~ThreadScheduler() {
  const auto stop = [](RunQueue& queue) {
    std::lock_guard lock(queue.mutex);
    CHECK(queue.tasks.empty());
    queue.stopping = true;
    queue.ready.notify_all();
  };
  stop(common_);
  for (auto& queue : own_) stop(*queue);
  for (std::thread& thread : threads_) thread.join();
  {
    std::lock_guard lock(blocking_mutex_);
    blocking_stopping_ = true;
    blocking_ready_.notify_all();
  }
  for (std::thread& thread : blocking_threads_) thread.join();
}

void ThreadScheduler::start_worker(RunQueue& queue, const Placement& placement) {
  std::lock_guard lock(mutex_);
  threads_.emplace_back([this, &queue] { work(queue); });
  const pthread_t handle = threads_.back().native_handle();
  if (!placement.cpus.empty()) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const uint32_t cpu : placement.cpus) CPU_SET(cpu, &set);
    if (pthread_setaffinity_np(handle, sizeof set, &set) != 0) {
      log_.warn("cpu pinning was refused by the system; the task runs anywhere");
    }
  }
  if (placement.realtime_priority) {
    sched_param param{};
    param.sched_priority = static_cast<int>(*placement.realtime_priority);
    if (pthread_setschedparam(handle, SCHED_FIFO, &param) != 0) {
      log_.warn("real-time priority was refused; it needs CAP_SYS_NICE");
    }
  }
}

void ThreadScheduler::add(Task& task, const Placement& placement) {
  task.leaves_ = false;
  if (!placement.own_worker()) {
    task.queue_ = &common_;
    task.bell_.hang();
    return;
  }
  auto queue = std::make_unique<RunQueue>();
  task.queue_ = queue.get();
  {
    std::lock_guard lock(mutex_);
    own_.push_back(std::move(queue));
  }
  start_worker(*task.queue_, placement);
  task.bell_.hang();
}

void ThreadScheduler::remove(Task& task) {
  RunQueue& queue = *task.queue_;
  std::unique_lock lock(queue.mutex);
  task.leaves_ = true;
  while (true) {
    queue.timers.erase({task.timer_ns_, &task});
    task.timer_ns_ = kNever;
    // Wherever it is found, it stays kQueued for ever: rings find it queued and do nothing.
    const auto at = std::find(queue.tasks.begin(), queue.tasks.end(), &task);
    if (at != queue.tasks.end()) {
      queue.tasks.erase(at);
      queue.waiting.store(static_cast<uint32_t>(queue.tasks.size()));
      return;
    }
    if (!task.leaves_) return;        // its worker has let it go
    if (task.bell_.ring()) return;    // it was idle
    lock.unlock();
    std::this_thread::yield();        // it runs: its turn ends soon, and wants another (we rang)
    lock.lock();
  }
}

void ThreadScheduler::ring(Task& task) {
  if (task.bell_.ring()) push(*task.queue_, task, current_queue == task.queue_);
}

void ThreadScheduler::push(RunQueue& queue, Task& task, bool front) {
  bool wake;
  {
    std::lock_guard lock(queue.mutex);
    if (front) {
      queue.tasks.push_front(&task);
    } else {
      queue.tasks.push_back(&task);
    }
    queue.waiting.store(static_cast<uint32_t>(queue.tasks.size()));
    wake = queue.sleepers > 0;
  }
  if (wake) queue.ready.notify_one();
}

void ThreadScheduler::work(RunQueue& queue) {
  current_queue = &queue;
  Task* again = nullptr;
  while (Task* task = next(queue, again)) again = turn(queue, *task) ? task : nullptr;
}

bool ThreadScheduler::turn(RunQueue& queue, Task& task) {
  const int64_t now = clock_.monotonic_ns();
  task.bell_.start();
  const int64_t next = task.run(now, now + Task::kTurnNs);
  if (next != kAgain && next != kNever) {
    std::lock_guard lock(queue.mutex);
    if (next != task.timer_ns_) {
      queue.timers.erase({task.timer_ns_, &task});
      task.timer_ns_ = next;
      queue.timers.insert({next, &task});
      // A sleeper may have to wake earlier than it planned.
      if (queue.timers.begin()->second == &task && queue.sleepers > 0) queue.ready.notify_one();
    }
  }
  return task.bell_.finish(next == kAgain);
}

Task* ThreadScheduler::take(RunQueue& queue, int64_t now_ns) {
  while (!queue.timers.empty() && queue.timers.begin()->first <= now_ns) {
    Task* due = queue.timers.begin()->second;
    queue.timers.erase(queue.timers.begin());
    due->timer_ns_ = kNever;
    if (due->bell_.ring()) queue.tasks.push_back(due);
  }
  if (queue.tasks.empty()) return nullptr;
  Task* task = queue.tasks.front();
  queue.tasks.pop_front();
  queue.waiting.store(static_cast<uint32_t>(queue.tasks.size()));
  return task;
}

Task* ThreadScheduler::next(RunQueue& queue, Task* again) {
  int64_t spin_until = 0;
  while (true) {
    const int64_t now = clock_.monotonic_ns();
    {
      std::unique_lock lock(queue.mutex);
      if (again != nullptr && !std::exchange(again->leaves_, false)) queue.tasks.push_back(again);
      again = nullptr;
      if (queue.stopping) return nullptr;
      if (Task* task = take(queue, now)) return task;
      if (spin_until == 0) spin_until = now + kSpinNs;
      if (now >= spin_until) {
        ++queue.sleepers;
        if (queue.timers.empty()) {
          queue.ready.wait(lock);
        } else {
          const int64_t wait = queue.timers.begin()->first - now;
          queue.ready.wait_for(lock, std::chrono::nanoseconds(std::max<int64_t>(wait, 0)));
        }
        --queue.sleepers;
        continue;  // spin_until has passed: after a wake-up for nothing it sleeps again
      }
    }
    while (queue.waiting.load(std::memory_order_relaxed) == 0 &&
           clock_.monotonic_ns() < spin_until) {
      __builtin_ia32_pause();
    }
  }
}

void ThreadScheduler::submit(std::function<void()> work) {
  std::lock_guard lock(blocking_mutex_);
  blocking_.push_back(std::move(work));
  if (blocking_idle_ < blocking_.size() && blocking_threads_.size() < kBlockingThreads) {
    blocking_threads_.emplace_back([this] { blocking_loop(); });
  }
  blocking_ready_.notify_one();
}

void ThreadScheduler::blocking_loop() {
  std::unique_lock lock(blocking_mutex_);
  while (true) {
    ++blocking_idle_;
    blocking_ready_.wait(lock, [&] { return blocking_stopping_ || !blocking_.empty(); });
    --blocking_idle_;
    if (blocking_.empty()) return;
    const std::function<void()> work = std::move(blocking_.front());
    blocking_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace penstock
