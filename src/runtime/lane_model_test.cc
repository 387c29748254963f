// SPDX-License-Identifier: Apache-2.0
// Every interleaving of small pipes made of the real Lane, Budget and Bell: no wake-up is lost,
// nothing is lost or overtaken. And the same search finds each mistake that is planted.
#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/bell.h"
#include "runtime/budget.h"
#include "runtime/lane.h"
#include "runtime/model/pipe_scenario.h"
#include "runtime/model/planted.h"

namespace penstock {
namespace {

using model::Explorer;
using model::kControl;
using model::Mistake;
using model::ModelSync;
using model::PipeScenario;
using model::PipeShape;
using model::PlantedParts;

/// What the engine is made of.
struct RealParts {
  template <class T>
  using Lane = BasicLane<ModelSync, T>;
  using Budget = BasicBudget<ModelSync>;
  using Bell = BasicBell<ModelSync>;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// The search has one thread, and sanitizers make its switches slow: a taste is enough there.
constexpr uint32_t kAll = 2;
constexpr uint32_t kFew = 1;
#else
constexpr uint32_t kAll = Explorer::kAllPreemptions;
constexpr uint32_t kFew = 3;
#endif

/// `preemptions_max` holds unless the environment asks for everything (hours, not seconds).
uint32_t bound(uint32_t preemptions_max) {
  return std::getenv("PENSTOCK_MODEL_ALL") != nullptr ? Explorer::kAllPreemptions : preemptions_max;
}

template <class Parts>
Explorer::Report search(const PipeShape& shape, uint32_t preemptions_max) {
  Explorer explorer(UINT64_MAX, preemptions_max);
  Explorer::Report report =
      explorer.run([&] { return std::make_unique<PipeScenario<Parts>>(shape); });
  ::testing::Test::RecordProperty("states", std::to_string(report.states));
  return report;
}

void expect_right(const PipeShape& shape, uint32_t preemptions_max) {
  const Explorer::Report report = search<RealParts>(shape, bound(preemptions_max));
  EXPECT_EQ(report.failure, "");
  EXPECT_TRUE(report.complete);
  EXPECT_GT(report.states, 50u);
}

template <class Parts>
void expect_found(const PipeShape& shape, const std::string& what) {
  const Explorer::Report report = search<Parts>(shape, 3);
  EXPECT_NE(report.failure.find(what), std::string::npos)
      << report.executions << " executions, " << report.failure.substr(0, 200);
}

PipeShape pipe(std::vector<std::vector<int>> sends, uint32_t consumers = 1, uint64_t capacity = 1) {
  PipeShape shape;
  shape.sends = std::move(sends);
  shape.consumers = consumers;
  shape.capacity = capacity;
  return shape;
}

TEST(LaneModel, a_producer_and_a_consumer_with_room_for_one_lose_no_wake_up) {
  expect_right(pipe({{0, 1, 2}}), kAll);
}
TEST(LaneModel, a_producer_and_a_consumer_with_room_for_two_lose_no_wake_up) {
  expect_right(pipe({{0, 1, 2}}, 1, 2), kAll);
}
TEST(LaneModel, a_producer_whose_turns_are_short_loses_no_wake_up) {
  PipeShape shape = pipe({{0, 1, 2}}, 1, 2);
  shape.turn_max = 1;
  expect_right(shape, kAll);
}
TEST(LaneModel, control_elements_find_room_in_a_closed_edge) {
  expect_right(pipe({{0, kControl, 1, kControl}}), kAll);
}
TEST(LaneModel, two_producers_of_one_consumer_lose_no_wake_up) {
  expect_right(pipe({{0}, {0}}), kFew);
}
TEST(LaneModel, rings_from_outside_at_any_time_disturb_nothing) {
  PipeShape shape = pipe({{0, 1}});
  shape.outsider = true;
  expect_right(shape, kFew);
}
TEST(LaneModel, one_waiting_batch_a_lane_loses_no_wake_up) {
  PipeShape shape = pipe({{0, 1}}, 2, 4);
  shape.one_waiting = true;
  expect_right(shape, kFew);
}
TEST(LaneModel, two_producers_of_two_consumers_lose_no_wake_up) {
  expect_right(pipe({{0, 1}, {}}, 2), kFew);
}
TEST(LaneModel, a_lane_that_waits_for_alignment_shuts_nobody_out) {
  PipeShape shape = pipe({{kControl, 0}, {0, kControl}});
  shape.aligned = true;
  expect_right(shape, kFew);
}

TEST(LaneModel, finds_a_producer_that_does_not_look_again) {
  expect_found<PlantedParts<Mistake::kNoSecondLook>>(pipe({{0, 1}}), "lost wake-up");
}
TEST(LaneModel, finds_a_waiter_that_is_counted_too_late) {
  if (kFew < 3) GTEST_SKIP() << "takes three preemptions: too slow with this sanitizer";
  expect_found<PlantedParts<Mistake::kAnnouncedUncounted>>(pipe({{0, 1}, {1}}, 2),
                                                           "lost wake-up");
}
TEST(LaneModel, finds_a_consumer_that_wakes_one_of_two_producers) {
  expect_found<PlantedParts<Mistake::kWakesOnlyOne>>(pipe({{}, {0, 1}}), "lost wake-up");
}
TEST(LaneModel, finds_a_mark_that_is_never_reached) {
  expect_found<PlantedParts<Mistake::kMarkNeverReached>>(pipe({{0, 1}}), "lost wake-up");
}
TEST(LaneModel, finds_a_bell_that_forgets_the_ring_during_a_turn) {
  expect_found<PlantedParts<Mistake::kFinishForgetsRing>>(pipe({{0}}), "lost wake-up");
  expect_found<PlantedParts<Mistake::kRingOfRunningLost>>(pipe({{0}}), "lost wake-up");
}
TEST(LaneModel, finds_a_ring_that_is_not_one_step) {
  expect_found<PlantedParts<Mistake::kRingTornApart>>(pipe({{0, 1}, {0}}), "lost wake-up");
}
TEST(LaneModel, finds_a_size_that_is_reset_too_late) {
  expect_found<PlantedParts<Mistake::kSizeAfterUnlock>>(pipe({{0, 1}}, 1, 4), "not what was sent");
}
TEST(LaneModel, finds_a_ring_before_the_push) {
  PipeShape shape = pipe({{0}});
  shape.ring_before_push = true;
  expect_found<RealParts>(shape, "lost wake-up");
}
TEST(LaneModel, finds_a_wake_before_the_progress) {
  PipeShape shape = pipe({{0, 1}});
  shape.wake_before_progress = true;
  expect_found<RealParts>(shape, "lost wake-up");
}
TEST(LaneModel, finds_the_deadlock_of_alignment_without_its_rule) {
  PipeShape shape = pipe({{kControl, 0}, {0, kControl}});
  shape.aligned = true;
  shape.aligned_rule = false;
  expect_found<RealParts>(shape, "lost wake-up");
}

TEST(LaneModel, planted_parts_without_a_mistake_are_right) {
  const Explorer::Report report =
      search<PlantedParts<Mistake::kNone>>(pipe({{0, 1}}), Explorer::kAllPreemptions);
  EXPECT_EQ(report.failure, "");
}

}  // namespace
}  // namespace penstock
