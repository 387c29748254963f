// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_scheduler.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <functional>
#include <future>
#include <set>
#include <thread>
#include <vector>

namespace penstock {
namespace {

/// Counts, and lets a thread wait for a count.
class Tally {
 public:
  int add() {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
    return ++count_;
  }
  int count() {
    std::lock_guard lock(mutex_);
    return count_;
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;  // guarded by mutex_
};

/// A task whose turns are a function; counts them.
class Turns final : public Task {
 public:
  explicit Turns(std::function<int64_t(int64_t)> turn) : turn_(std::move(turn)) {}
  int64_t run(int64_t now_ns, int64_t) override {
    EXPECT_FALSE(inside_.exchange(true)) << "two turns at once";
    const int64_t next = turn_(now_ns);
    inside_.store(false);
    done.add();
    return next;
  }
  Tally done;

 private:
  std::function<int64_t(int64_t)> turn_;
  std::atomic<bool> inside_{false};
};

class ThreadSchedulerTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  Logger log_{2, LogLevel::kOff, LogFormat::kText, clock_};
};

TEST_F(ThreadSchedulerTest, a_task_runs_only_when_it_is_rung) {
  ThreadScheduler scheduler(2, clock_, log_);
  Turns quiet([](int64_t) { return kNever; }), rung([](int64_t) { return kNever; });
  scheduler.add(quiet, {});
  scheduler.add(rung, {});
  for (int i = 1; i <= 100; ++i) {
    scheduler.ring(rung);
    rung.done.wait_for(i);
  }
  EXPECT_EQ(quiet.done.count(), 0);
  EXPECT_EQ(rung.done.count(), 100);
  scheduler.remove(quiet);
  scheduler.remove(rung);
}

TEST_F(ThreadSchedulerTest, a_ring_during_a_turn_makes_another_turn) {
  ThreadScheduler scheduler(2, clock_, log_);
  std::promise<void> entered, rung;
  std::atomic<int> turns{0};
  Turns task([&](int64_t) {
    if (turns.fetch_add(1) == 0) {
      entered.set_value();
      rung.get_future().wait();
    }
    return kNever;
  });
  scheduler.add(task, {});
  scheduler.ring(task);
  entered.get_future().wait();
  for (int i = 0; i < 5; ++i) scheduler.ring(task);  // however often: one more turn
  rung.set_value();
  task.done.wait_for(2);
  scheduler.ring(task);
  task.done.wait_for(3);
  EXPECT_EQ(turns.load(), 3);
  scheduler.remove(task);
}

TEST_F(ThreadSchedulerTest, a_task_that_rings_itself_runs_again) {
  ThreadScheduler scheduler(1, clock_, log_);
  Turns* self = nullptr;
  int left = 10;
  Turns task([&](int64_t) {
    if (--left > 0) scheduler.ring(*self);
    return kNever;
  });
  self = &task;
  scheduler.add(task, {});
  scheduler.ring(task);
  task.done.wait_for(10);
  scheduler.remove(task);
  EXPECT_LE(left, 0);
}

TEST_F(ThreadSchedulerTest, no_ring_is_lost_between_threads) {
  ThreadScheduler scheduler(2, clock_, log_);
  std::atomic<uint64_t> told{0};
  uint64_t seen = 0;
  std::promise<void> all;
  constexpr uint64_t kEach = 20'000;
  constexpr int kThreads = 3;
  Turns task([&](int64_t) {
    const uint64_t now = told.load(std::memory_order_relaxed);
    if (seen < kEach * kThreads && now == kEach * kThreads) all.set_value();
    seen = now;
    return kNever;
  });
  scheduler.add(task, {});
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < kEach; ++i) {
        told.fetch_add(1, std::memory_order_relaxed);
        scheduler.ring(task);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  all.get_future().wait();  // comes only if the last ring made a turn
  scheduler.remove(task);
  EXPECT_EQ(seen, kEach * kThreads);
}

TEST_F(ThreadSchedulerTest, tasks_that_ring_each_other_never_stop) {
  ThreadScheduler scheduler(4, clock_, log_);
  constexpr int kTasks = 8, kLaps = 2000;
  std::vector<std::unique_ptr<Turns>> ring_of_tasks;
  std::atomic<int> laps{0};
  std::promise<void> over;
  for (int i = 0; i < kTasks; ++i) {
    ring_of_tasks.push_back(std::make_unique<Turns>([&, i](int64_t) {
      if (i == 0 && laps.fetch_add(1) >= kLaps) {
        if (laps.load() == kLaps + 1) over.set_value();
        return kNever;
      }
      scheduler.ring(*ring_of_tasks[static_cast<size_t>(i + 1) % kTasks]);
      return kNever;
    }));
  }
  for (auto& task : ring_of_tasks) scheduler.add(*task, {});
  scheduler.ring(*ring_of_tasks[0]);
  over.get_future().wait();
  EXPECT_EQ(laps.load(), kLaps + 1);
  for (auto& task : ring_of_tasks) scheduler.remove(*task);
}

TEST_F(ThreadSchedulerTest, a_task_that_wants_more_lets_others_have_turns) {
  ThreadScheduler scheduler(1, clock_, log_);
  std::atomic<bool> stop{false};
  Turns greedy([&](int64_t) { return stop.load() ? kNever : kAgain; });
  Turns modest([](int64_t) { return kNever; });
  scheduler.add(greedy, {});
  scheduler.add(modest, {});
  scheduler.ring(greedy);
  greedy.done.wait_for(10);
  scheduler.ring(modest);
  modest.done.wait_for(1);
  stop.store(true);
  scheduler.remove(greedy);
  scheduler.remove(modest);
  EXPECT_GE(greedy.done.count(), 10);
}

TEST_F(ThreadSchedulerTest, a_timer_rings_not_before_its_time) {
  ThreadScheduler scheduler(2, clock_, log_);
  std::atomic<int64_t> due{0};
  std::atomic<bool> early{false};
  Turns task([&](int64_t now) {
    if (now < due.load()) early.store(true);
    due.store(now + 2'000'000);
    return due.load();
  });
  scheduler.add(task, {});
  scheduler.ring(task);
  task.done.wait_for(4);
  EXPECT_FALSE(early.load());
  scheduler.remove(task);  // may ring it once more
}

TEST_F(ThreadSchedulerTest, a_nearer_timer_replaces_a_far_one) {
  ThreadScheduler scheduler(1, clock_, log_);
  int turns = 0;
  Turns task([&](int64_t now) {
    ++turns;
    if (turns == 1) return now + 3'600'000'000'000;  // in an hour
    return turns == 2 ? now + 1'000'000 : kNever;
  });
  scheduler.add(task, {});
  scheduler.ring(task);
  task.done.wait_for(1);
  scheduler.ring(task);
  task.done.wait_for(3);
  EXPECT_EQ(task.done.count(), 3);
  scheduler.remove(task);
}

TEST_F(ThreadSchedulerTest, many_timers_all_come) {
  ThreadScheduler scheduler(2, clock_, log_);
  std::vector<std::unique_ptr<Turns>> tasks;
  for (int i = 0; i < 50; ++i) {
    tasks.push_back(std::make_unique<Turns>(
        [n = 0, i](int64_t now) mutable { return n++ == 0 ? now + (50 - i) * 100'000 : kNever; }));
    scheduler.add(*tasks.back(), {});
    scheduler.ring(*tasks.back());
  }
  for (auto& task : tasks) task->done.wait_for(2);
  for (auto& task : tasks) EXPECT_EQ(task->done.count(), 2);
  for (auto& task : tasks) scheduler.remove(*task);
}

TEST_F(ThreadSchedulerTest, a_task_taken_away_while_it_runs_never_runs_again) {
  ThreadScheduler scheduler(2, clock_, log_);
  std::promise<void> entered, go_on;
  std::atomic<bool> gone{false}, ran_after{false};
  Turns task([&, first = true](int64_t now) mutable {
    if (gone.load()) ran_after.store(true);
    if (std::exchange(first, false)) {
      entered.set_value();
      go_on.get_future().wait();
    }
    return now + 1000;  // and it has a timer
  });
  scheduler.add(task, {});
  scheduler.ring(task);
  entered.get_future().wait();
  std::thread remover([&] {
    scheduler.remove(task);
    gone.store(true);
  });
  go_on.set_value();
  remover.join();
  const int turns = task.done.count();
  scheduler.ring(task);  // does nothing
  Turns other([](int64_t) { return kNever; });
  scheduler.add(other, {});
  for (int i = 1; i <= 20; ++i) {
    scheduler.ring(other);
    other.done.wait_for(i);
  }
  scheduler.remove(other);
  EXPECT_FALSE(ran_after.load());
  EXPECT_EQ(task.done.count(), turns);
}

TEST_F(ThreadSchedulerTest, a_task_that_never_has_enough_can_be_taken_away) {
  ThreadScheduler scheduler(2, clock_, log_);
  for (int i = 0; i < 20; ++i) {
    Turns greedy([](int64_t) { return kAgain; });
    scheduler.add(greedy, {});
    scheduler.ring(greedy);
    greedy.done.wait_for(100);
    scheduler.remove(greedy);
    const int turns = greedy.done.count();
    scheduler.ring(greedy);
    EXPECT_EQ(greedy.done.count(), turns);
  }
}

TEST_F(ThreadSchedulerTest, a_task_may_be_taken_away_at_any_moment) {
  ThreadScheduler scheduler(3, clock_, log_);
  for (int i = 0; i < 300; ++i) {
    std::atomic<bool> stop{false};
    auto task = std::make_unique<Turns>([n = 0](int64_t now) mutable {
      return ++n % 3 == 0 ? kAgain : n % 3 == 1 ? now + 1 : kNever;
    });
    scheduler.add(*task, {});
    std::thread ringer([&] {
      while (!stop.load()) scheduler.ring(*task);
    });
    task->done.wait_for(1 + i % 7);
    scheduler.remove(*task);
    const int turns = task->done.count();
    stop.store(true);
    ringer.join();
    EXPECT_EQ(task->done.count(), turns);
    task.reset();
  }
}

TEST_F(ThreadSchedulerTest, a_ring_before_the_task_was_added_does_nothing) {
  ThreadScheduler scheduler(1, clock_, log_);
  Turns task([](int64_t) { return kNever; });
  scheduler.ring(task);
  scheduler.add(task, {});
  scheduler.ring(task);
  task.done.wait_for(1);
  scheduler.remove(task);
  EXPECT_GE(task.done.count(), 1);
}

TEST_F(ThreadSchedulerTest, a_pinned_task_has_a_worker_of_its_own) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  uint32_t cpu = 0;
  while (!CPU_ISSET(cpu, &allowed)) ++cpu;
  ThreadScheduler scheduler(1, clock_, log_);
  // The only common worker is busy until the pinned task has run.
  std::promise<void> pinned_ran;
  Turns busy([&, seen = pinned_ran.get_future().share()](int64_t) {
    seen.wait();
    return kNever;
  });
  std::set<std::thread::id> threads;
  std::set<int> cpus;
  Turns pinned([&, n = 0](int64_t) mutable {
    threads.insert(std::this_thread::get_id());
    cpus.insert(sched_getcpu());
    if (++n == 3) pinned_ran.set_value();
    return n < 3 ? kAgain : kNever;
  });
  Placement placement;
  placement.cpus = {cpu};
  scheduler.add(busy, {});
  scheduler.add(pinned, placement);
  scheduler.ring(busy);
  scheduler.ring(pinned);
  busy.done.wait_for(1);
  pinned.done.wait_for(3);
  scheduler.remove(busy);
  scheduler.remove(pinned);
  EXPECT_EQ(threads.size(), 1u);
  EXPECT_EQ(cpus, (std::set<int>{static_cast<int>(cpu)}));
}

TEST_F(ThreadSchedulerTest, blocking_work_runs_beside_the_workers) {
  ThreadScheduler scheduler(1, clock_, log_);
  // Work waits for a turn of a task: it must not sit on the worker.
  std::promise<void> turned;
  Tally worked;
  Turns task([&, first = true](int64_t) mutable {
    if (std::exchange(first, false)) turned.set_value();
    return kNever;
  });
  scheduler.add(task, {});
  auto future = turned.get_future().share();
  for (uint32_t i = 0; i < ThreadScheduler::kBlockingThreads; ++i) {
    scheduler.submit([&worked, future] {
      future.wait();
      worked.add();
    });
  }
  scheduler.ring(task);
  worked.wait_for(static_cast<int>(ThreadScheduler::kBlockingThreads));
  task.done.wait_for(1);
  scheduler.remove(task);
  EXPECT_EQ(worked.count(), static_cast<int>(ThreadScheduler::kBlockingThreads));
}

TEST_F(ThreadSchedulerTest, blocking_work_runs_several_at_once) {
  ThreadScheduler scheduler(1, clock_, log_);
  // Each waits for all the others: passes only if they run at the same time.
  Tally begun, ended;
  for (uint32_t i = 0; i < ThreadScheduler::kBlockingThreads; ++i) {
    scheduler.submit([&] {
      begun.add();
      begun.wait_for(static_cast<int>(ThreadScheduler::kBlockingThreads));
      ended.add();
    });
  }
  ended.wait_for(static_cast<int>(ThreadScheduler::kBlockingThreads));
  EXPECT_EQ(begun.count(), static_cast<int>(ThreadScheduler::kBlockingThreads));
}

TEST_F(ThreadSchedulerTest, blocking_work_that_was_submitted_is_finished_before_the_end) {
  Tally worked;
  {
    ThreadScheduler scheduler(1, clock_, log_);
    for (int i = 0; i < 100; ++i) scheduler.submit([&] { worked.add(); });
  }
  EXPECT_EQ(worked.count(), 100);
}

}  // namespace
}  // namespace penstock
