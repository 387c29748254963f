// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim_scheduler.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock {
namespace {

/// Writes its name into a log at each turn and answers what it was told to.
class Scribe final : public Task {
 public:
  Scribe(char name, std::string& log) : name_(name), log_(log) {}
  int64_t run(int64_t, int64_t) override {
    log_ += name_;
    const int64_t answer = answer_;
    answer_ = kNever;
    return answer;
  }
  void answer(int64_t next) { answer_ = next; }

 private:
  char name_;
  std::string& log_;
  int64_t answer_ = kNever;
};

struct SimSchedulerTest : ::testing::Test {
  void run_all(SimScheduler& scheduler) {
    while (scheduler.step()) continue;
  }
  ManualClock clock;
  std::string log;
};

TEST_F(SimSchedulerTest, runs_a_rung_task_once_however_often_it_was_rung) {
  SimScheduler scheduler(1, clock);
  Scribe a('a', log);
  scheduler.add(a, {});
  scheduler.ring(a);
  scheduler.ring(a);
  run_all(scheduler);
  EXPECT_EQ(log, "a");
  scheduler.remove(a);
}

TEST_F(SimSchedulerTest, gives_the_same_run_for_the_same_seed_and_another_for_another) {
  const auto run = [&](uint64_t seed) {
    std::string order;
    SimScheduler scheduler(seed, clock);
    std::vector<std::unique_ptr<Scribe>> tasks;
    for (char name = 'a'; name < 'k'; ++name) {
      tasks.push_back(std::make_unique<Scribe>(name, order));
      scheduler.add(*tasks.back(), {});
      scheduler.ring(*tasks.back());
    }
    run_all(scheduler);
    for (const auto& task : tasks) scheduler.remove(*task);
    return order;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST_F(SimSchedulerTest, moves_time_to_the_next_timer_when_nothing_can_run) {
  SimScheduler scheduler(1, clock);
  Scribe a('a', log);
  const int64_t due = clock.monotonic_ns() + 5'000'000'000;
  a.answer(due);
  scheduler.add(a, {});
  scheduler.ring(a);
  run_all(scheduler);
  EXPECT_EQ(log, "aa");
  EXPECT_GE(clock.monotonic_ns(), due);
  scheduler.remove(a);
}

TEST_F(SimSchedulerTest, forgets_the_timer_of_a_task_that_does_not_ask_for_it_again) {
  SimScheduler scheduler(1, clock, {.hurry = 0, .blocking = 1, .turn_ns_max = 0});
  Scribe a('a', log);
  a.answer(clock.monotonic_ns() + 1'000'000);
  scheduler.add(a, {});
  scheduler.ring(a);
  EXPECT_TRUE(scheduler.step());
  scheduler.ring(a);
  EXPECT_TRUE(scheduler.step());
  EXPECT_FALSE(scheduler.step());
  EXPECT_EQ(log, "aa");
  scheduler.remove(a);
}

TEST_F(SimSchedulerTest, never_runs_a_removed_task_again) {
  SimScheduler scheduler(1, clock);
  Scribe idle('i', log), queued('q', log);
  scheduler.add(idle, {});
  scheduler.add(queued, {});
  scheduler.ring(queued);
  scheduler.remove(idle);
  scheduler.remove(queued);
  scheduler.ring(idle);
  scheduler.ring(queued);
  EXPECT_FALSE(scheduler.step());
  EXPECT_EQ(log, "");
}

TEST_F(SimSchedulerTest, runs_blocking_work_in_a_later_step_and_drops_it_when_the_process_dies) {
  SimScheduler scheduler(1, clock);
  scheduler.submit([&] { log += 'x'; });
  EXPECT_EQ(log, "");
  EXPECT_TRUE(scheduler.step());
  EXPECT_EQ(log, "x");
  scheduler.submit([&] { log += 'y'; });
  scheduler.drop_blocking();
  EXPECT_FALSE(scheduler.step());
  EXPECT_EQ(log, "x");
}

}  // namespace
}  // namespace penstock
