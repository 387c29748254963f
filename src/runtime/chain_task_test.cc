// SPDX-License-Identifier: Apache-2.0
#include "runtime/chain_task.h"

#include <gtest/gtest.h>

#include "record/headers.h"
#include "runtime/model/task_bench.h"

namespace penstock {
namespace {

class ChainTaskTest : public model::TaskBench {};

using Texts = std::vector<std::string>;

TEST_F(ChainTaskTest, a_source_reads_while_there_is_room_and_then_waits_to_be_rung) {
  build_source(2);
  for (int i = 0; i < 5; ++i) source_->batches.push_back(batch({std::to_string(i)}));
  EXPECT_EQ(turn(), kNever);  // no timer, and no turn after turn for nothing
  EXPECT_EQ(source_->read, 2u);
  scheduler_.take_rung();
  EXPECT_EQ(output(), "0 1");
  EXPECT_EQ(scheduler_.take_rung(), std::vector<Task*>{task_.get()});
  turn();
  EXPECT_EQ(output(), "2 3");
  turn();
  EXPECT_EQ(output(), "4");
  EXPECT_EQ(turn(), kNever);
}

TEST_F(ChainTaskTest, a_source_that_was_idle_is_pulled_again_when_woken) {
  build_source(10);
  turn();
  EXPECT_EQ(source_->pulls, 1);
  turn();
  EXPECT_EQ(source_->pulls, 1);
  source_->batches.push_back(batch({"a"}));
  task_->ops()[0]->wake();
  EXPECT_EQ(scheduler_.take_rung(), std::vector<Task*>{task_.get()});
  turn();
  EXPECT_EQ(output(), "a");
}

TEST_F(ChainTaskTest, a_barrier_stands_behind_all_that_was_read_and_notes_the_position) {
  build_source(10);
  source_->batches.push_back(batch({"a", "b"}));
  turn();
  task_->command({TaskCommand::Kind::kBarrier, Barrier{1, false}, {}});
  source_->batches.push_back(batch({"c"}));
  task_->ops()[0]->wake();
  turn();
  EXPECT_EQ(output(), "a b |1 c");
  EXPECT_EQ(last_.epoch(), 2u);
  ASSERT_EQ(reports_.passes.size(), 1u);
  EXPECT_EQ(reports_.passes[0].epoch, 1u);
  EXPECT_TRUE(reports_.passes[0].is_source);
  EXPECT_EQ(reports_.passes[0].positions.at("p").value, "2");
}

TEST_F(ChainTaskTest, a_barrier_passes_although_the_edge_is_full) {
  build_source(1);
  source_->batches.push_back(batch({"a"}));
  source_->batches.push_back(batch({"b"}));
  turn();
  task_->command({TaskCommand::Kind::kBarrier, Barrier{1, false}, {}});
  turn();
  EXPECT_EQ(output(), "a |1");
}

TEST_F(ChainTaskTest, reading_tells_the_coordinator_once_an_epoch) {
  build_source(10);
  for (int i = 0; i < 3; ++i) source_->batches.push_back(batch({"x"}));
  turn();
  EXPECT_EQ(reports_.activities, 1);
  task_->command({TaskCommand::Kind::kBarrier, Barrier{1, false}, {}});
  source_->batches.push_back(batch({"y"}));
  task_->ops()[0]->wake();
  turn();
  EXPECT_EQ(reports_.activities, 2);
}

TEST_F(ChainTaskTest, the_end_of_a_source_is_reported_with_its_last_position) {
  build_source(10);
  source_->batches.push_back(batch({"a"}));
  source_->at_end = true;
  turn();
  EXPECT_EQ(output(), "a w-end end");
  ASSERT_EQ(reports_.passes.size(), 1u);
  EXPECT_EQ(reports_.passes[0].epoch, kFinalEpoch);
  EXPECT_EQ(reports_.passes[0].positions.at("p").value, "1");
  task_->command({TaskCommand::Kind::kBarrier, Barrier{1, false}, {}});
  turn();
  EXPECT_EQ(output(), "");  // the end stands for it
  EXPECT_EQ(reports_.passes.size(), 1u);
}

TEST_F(ChainTaskTest, a_drained_source_reads_no_more_and_still_passes_barriers) {
  build_source(10);
  source_->batches.push_back(batch({"a"}));
  task_->command({TaskCommand::Kind::kDrain, {}, {}});
  turn();
  EXPECT_TRUE(source_->stopped);
  EXPECT_EQ(source_->pulls, 0);
  task_->command({TaskCommand::Kind::kBarrier, Barrier{1, false}, {}});
  turn();
  EXPECT_EQ(output(), "|1");
}

TEST_F(ChainTaskTest, at_least_once_a_lane_that_is_ahead_is_read_on) {
  build_stage(2);
  send({"a1"}, 1, 0);
  barrier(1, 0);
  send({"a2"}, 2, 0);
  send({"b1"}, 1, 1);
  turn();
  EXPECT_EQ(output(), "a1 b1 a2");
  EXPECT_TRUE(reports_.passes.empty());
  barrier(1, 1);
  turn();
  EXPECT_EQ(output(), "|1");
  ASSERT_EQ(reports_.passes.size(), 1u);
  EXPECT_EQ(stage_->barriers, std::vector<Epoch>{1});
}

TEST_F(ChainTaskTest, exactly_once_a_lane_that_is_ahead_waits_until_all_are_aligned) {
  build_stage(2, true);
  send({"a1"}, 1, 0);
  barrier(1, 0);
  send({"a2"}, 2, 0);
  send({"b1"}, 1, 1);
  turn();
  EXPECT_EQ(output(), "a1 b1");
  send({"b2"}, 1, 1);
  barrier(1, 1);
  turn();
  EXPECT_EQ(output(), "b2 |1 a2");
}

TEST_F(ChainTaskTest, a_lane_may_be_several_barriers_ahead) {
  build_stage(2);
  for (Epoch e = 1; e <= 3; ++e) barrier(e, 0);
  barrier(1, 1);
  turn();
  EXPECT_EQ(output(), "|1");
  barrier(2, 1);
  barrier(3, 1);
  turn();
  EXPECT_EQ(output(), "|2 |3");
}

TEST_F(ChainTaskTest, a_lane_that_ended_stands_for_every_later_barrier) {
  build_stage(2);
  send(Element::end(), 0);
  barrier(1, 1);
  barrier(2, 1);
  turn();
  EXPECT_EQ(output(), "|1 |2");
  EXPECT_FALSE(stage_->ended);
  send(Element::end(), 1);
  turn();
  EXPECT_TRUE(stage_->ended);
  EXPECT_EQ(output(), "w-end end");
  EXPECT_EQ(reports_.passes.back().epoch, kFinalEpoch);
}

TEST_F(ChainTaskTest, a_barrier_that_only_one_lane_brought_passes_when_the_others_have_ended) {
  build_stage(2);
  barrier(1, 0);
  send(Element::end(), 0);
  turn();
  EXPECT_EQ(output(), "");
  send(Element::end(), 1);
  turn();
  EXPECT_EQ(output(), "|1 w-end end");
  EXPECT_EQ(reports_.passes.front().epoch, 1u);
  EXPECT_EQ(reports_.passes.back().epoch, kFinalEpoch);
}

TEST_F(ChainTaskTest, the_watermark_is_the_least_of_the_lanes_that_are_not_idle) {
  build_stage(3);
  send(Element::watermark(10), 0);
  send(Element::watermark(20), 1);
  turn();
  EXPECT_EQ(output(), "");  // lane 2 has said nothing
  send(Element::idle(), 2);
  turn();
  EXPECT_EQ(output(), "w10");
  send(Element::watermark(30), 0);
  turn();
  EXPECT_EQ(output(), "w20");
  send(Element::idle(), 1);
  turn();
  EXPECT_EQ(output(), "w30");
  send(Element::watermark(25), 1);  // back, and behind: time never goes back
  turn();
  send(Element::watermark(40), 0);
  turn();
  EXPECT_EQ(output(), "");
  send(Element::watermark(35), 1);
  turn();
  EXPECT_EQ(output(), "w35");
  EXPECT_EQ(stage_->watermarks, (std::vector<int64_t>{10, 20, 30, 35}));
}

TEST_F(ChainTaskTest, a_task_is_idle_when_all_its_lanes_are_and_says_so_once) {
  build_stage(2);
  send(Element::idle(), 0);
  send(Element::idle(), 1);
  send(Element::idle(), 1);
  turn();
  EXPECT_EQ(output(), "idle");
}

TEST_F(ChainTaskTest, a_hold_is_reported_and_keeps_the_end_back) {
  build_stage(1);
  stage_->hold = true;
  send({"a"}, 1);
  barrier(1);
  send({"b"}, 2);
  barrier(2);
  send(Element::end());
  turn();
  ASSERT_EQ(reports_.passes.size(), 3u);
  EXPECT_EQ(reports_.passes[0].floor, 1u);
  EXPECT_EQ(reports_.passes[1].floor, 1u);
  EXPECT_TRUE(reports_.passes[2].inputs_ended);
  EXPECT_EQ(output(), "|1 |2 w-end");
  task_->command({TaskCommand::Kind::kFlushHolds, {}, {}});
  turn();
  EXPECT_EQ(output(), "a b end");
  EXPECT_EQ(reports_.passes.back().epoch, kFinalEpoch);
  EXPECT_EQ(reports_.passes.back().floor, kNoEpoch);
}

TEST_F(ChainTaskTest, what_still_holds_behind_its_inputs_end_passes_the_barriers_it_is_asked_for) {
  build_stage(2, false, true);
  stage_->hold = true;
  send({"a"}, 1, 0);
  barrier(1, 0);
  send(Element::end(), 0);
  turn();
  EXPECT_TRUE(reports_.passes.empty());
  send(Element::end(), 1);
  turn();
  ASSERT_EQ(reports_.passes.size(), 2u);
  EXPECT_EQ(reports_.passes[0].epoch, 1u);
  EXPECT_TRUE(reports_.passes[1].inputs_ended);
  EXPECT_EQ(reports_.passes[1].epoch, 1u);
  output();
  task_->command({TaskCommand::Kind::kBarrier, Barrier{2, false}, {}});
  task_->command({TaskCommand::Kind::kBarrier, Barrier{3, true}, {}});
  turn();
  EXPECT_EQ(output(), "|2 |3");
  ASSERT_EQ(reports_.passes.size(), 4u);
  EXPECT_EQ(reports_.passes[3].floor, 1u);
  EXPECT_EQ(reports_.passes[3].snapshots.size(), 1u);
  task_->command({TaskCommand::Kind::kFlushHolds, {}, {}});
  task_->command({TaskCommand::Kind::kBarrier, Barrier{4, false}, {}});
  turn();
  EXPECT_EQ(output(), "a end");
  EXPECT_EQ(reports_.passes.back().epoch, kFinalEpoch);
}

TEST_F(ChainTaskTest, what_holds_nothing_at_its_inputs_end_asks_for_no_barriers) {
  build_stage(1);
  send(Element::end());
  turn();
  ASSERT_EQ(reports_.passes.size(), 1u);
  EXPECT_FALSE(reports_.passes[0].inputs_ended);
  EXPECT_EQ(reports_.passes[0].epoch, kFinalEpoch);
}

TEST_F(ChainTaskTest, behind_the_end_a_sink_confirms_barriers_for_all_but_what_is_parked) {
  build_sink(true);
  sink_->busy = {"a:1"};
  send({"a:1"}, 1);
  barrier(1);
  send(Element::end());
  turn();
  ASSERT_EQ(reports_.deliveries.size(), 1u);
  task_->command({TaskCommand::Kind::kBarrier, Barrier{2, false}, {}});
  task_->command({TaskCommand::Kind::kBarrier, Barrier{3, false}, {}});
  turn();
  EXPECT_EQ(reports_.deliveries.back().epoch, 3u);
  EXPECT_EQ(reports_.deliveries.back().floor, 1u);
  EXPECT_EQ(output(), "|1 |2 |3");
  sink_->busy.clear();
  later(100);
  turn();
  EXPECT_EQ(sink_->written, Texts{"a:1"});
  EXPECT_EQ(output(), "end");
  EXPECT_EQ(reports_.deliveries.back().epoch, kFinalEpoch);
}

TEST_F(ChainTaskTest, state_is_taken_at_checkpoints_only) {
  build_stage(1, false, true);
  send({"a"});
  barrier(1);
  send(Element::barrier(2, true));
  turn();
  ASSERT_EQ(reports_.passes.size(), 2u);
  EXPECT_TRUE(reports_.passes[0].snapshots.empty());
  ASSERT_EQ(reports_.passes[1].snapshots.size(), 1u);
  EXPECT_FALSE(reports_.passes[1].snapshots[0].entries.empty());
}

TEST_F(ChainTaskTest, a_turn_ends_when_its_time_is_up_and_asks_for_another) {
  build_stage(1);
  send({"a"});
  send({"b"});
  EXPECT_EQ(scheduler_.turn(*task_, 0), kAgain);
  EXPECT_EQ(output(), "a");
  EXPECT_EQ(scheduler_.turn(*task_, 0), kAgain);
  EXPECT_EQ(output(), "b");
  EXPECT_EQ(scheduler_.turn(*task_, 0), kNever);
}

TEST_F(ChainTaskTest, a_sink_that_is_full_is_not_fed) {
  build_sink(false);
  sink_->is_full = true;
  send({"a"});
  turn();
  EXPECT_EQ(sink_->written, Texts{});
  sink_->is_full = false;
  turn();
  EXPECT_EQ(sink_->written, Texts{"a"});
}

TEST_F(ChainTaskTest, a_sink_may_confirm_barriers_later_and_skip_some) {
  build_sink(false);
  sink_->later = true;
  send({"a"});
  barrier(1);
  barrier(2);
  turn();
  EXPECT_TRUE(reports_.deliveries.empty());
  EXPECT_EQ(reports_.passes.size(), 2u);  // the barrier itself has passed the task
  sink_->waiting.pop_front();             // 2 stands for 1
  sink_->confirm = 1;
  task_->ops()[0]->wake();
  turn();
  ASSERT_EQ(reports_.deliveries.size(), 1u);
  EXPECT_EQ(reports_.deliveries[0].epoch, 2u);
  EXPECT_EQ(reports_.deliveries[0].node, 3u);
}

TEST_F(ChainTaskTest, a_record_that_a_sink_cannot_take_now_is_tried_again_with_its_key_behind_it) {
  build_sink(false);
  sink_->busy = {"a:1"};
  send({"a:1", "b:1", "a:2"});
  barrier(1);
  const int64_t next = turn();
  // a:2 was in the same batch and went through; what comes later waits.
  send({"a:3", "b:2"});
  turn();
  EXPECT_EQ(sink_->written, (Texts{"b:1", "a:2", "b:2"}));
  ASSERT_EQ(reports_.deliveries.size(), 1u);
  EXPECT_EQ(reports_.deliveries[0].floor, 1u);
  EXPECT_EQ(next, scheduler_.clock().monotonic_ns() + 100'000'000);
  sink_->busy.clear();
  later(100);
  turn();
  EXPECT_EQ(sink_->written, (Texts{"b:1", "a:2", "b:2", "a:1", "a:3"}));
  barrier(2);
  turn();
  EXPECT_EQ(reports_.deliveries.back().floor, kNoEpoch);
}

TEST_F(ChainTaskTest, what_is_sent_again_holds_its_epoch_until_a_barrier_behind_it_is_confirmed) {
  build_sink(false);
  sink_->later = true;
  sink_->busy = {"a:1"};
  send({"a:1"}, 1);
  barrier(1);
  turn();
  barrier(2);
  turn();
  sink_->busy.clear();
  later(100);
  turn();  // a:1 goes out behind barrier 2
  EXPECT_EQ(sink_->written, Texts{"a:1"});
  sink_->confirm = 2;
  task_->ops()[0]->wake();
  turn();
  ASSERT_EQ(reports_.deliveries.size(), 2u);
  // Barriers 1 and 2 say nothing about a:1, of epoch 1.
  EXPECT_EQ(reports_.deliveries[1].epoch, 2u);
  EXPECT_EQ(reports_.deliveries[1].floor, 1u);
  barrier(3);
  turn();
  sink_->confirm = 1;
  task_->ops()[0]->wake();
  turn();
  EXPECT_EQ(reports_.deliveries.back().epoch, 3u);
  EXPECT_EQ(reports_.deliveries.back().floor, kNoEpoch);
}

TEST_F(ChainTaskTest, the_end_waits_for_retries_and_for_what_waits_behind_them) {
  build_sink(false);
  sink_->later = true;
  sink_->busy = {"a:1"};
  send({"a:1"});
  turn();
  sink_->busy.clear();
  later(100);
  turn();         // a:1 is on its way, its key blocked
  send({"a:2"});  // waits behind it
  send(Element::end());
  turn();
  for (int i = 0; i < 5; ++i) {  // the sink confirms whatever barrier it has
    sink_->confirm = 10;
    task_->ops()[0]->wake();
    later(1000);
    turn();
  }
  EXPECT_EQ(sink_->written, (Texts{"a:1", "a:2"}));
  EXPECT_EQ(reports_.deliveries.back().epoch, kFinalEpoch);
  EXPECT_EQ(reports_.deliveries.back().floor, kNoEpoch);
  EXPECT_EQ(reports_.passes.back().epoch, kFinalEpoch);
}

TEST_F(ChainTaskTest, a_rejected_record_becomes_a_dead_letter_that_says_why) {
  build_sink(true);
  sink_->bad = {"x"};
  send({"ok", "x"}, 1);
  turn();
  EXPECT_EQ(output(), "x");
  const std::string_view headers = last_[0].headers_view();
  EXPECT_EQ(find_header(headers, "penstock-error-code"), "bad");
  EXPECT_EQ(find_header(headers, "penstock-error"), "nobody takes this");
  EXPECT_EQ(find_header(headers, "penstock-stage"), "write");
  EXPECT_EQ(find_header(headers, "penstock-attempts"), "1");
  EXPECT_EQ(last_.epoch(), 1u);
  EXPECT_TRUE(reports_.failures.empty());
}

TEST_F(ChainTaskTest, without_dead_letters_a_rejected_record_stops_the_pipeline_with_advice) {
  build_sink(false);
  sink_->bad = {"x"};
  send({"x"});
  send({"y"});
  EXPECT_EQ(turn(), kNever);
  ASSERT_EQ(reports_.failures.size(), 1u);
  EXPECT_EQ(reports_.failures[0].reaction, Reaction::kStopPipeline);
  EXPECT_NE(reports_.failures[0].hint.find("dead_letter"), std::string::npos);
  turn();
  EXPECT_EQ(sink_->written, Texts{});  // nothing runs after a failure
}

TEST_F(ChainTaskTest, a_record_out_of_attempts_becomes_a_dead_letter) {
  build_sink(true, 2);
  sink_->busy = {"a:1"};
  send({"a:1"});
  turn();
  EXPECT_EQ(output(), "");
  later(100);
  turn();
  EXPECT_EQ(output(), "a:1");
  EXPECT_EQ(find_header(last_[0].headers_view(), "penstock-attempts"), "2");
  EXPECT_EQ(find_header(last_[0].headers_view(), "penstock-error-code"), "busy");
}

TEST_F(ChainTaskTest, a_barrier_reaches_the_dead_letters_only_when_it_is_delivered) {
  build_sink(true);
  sink_->later = true;
  send({"a"});
  barrier(1);
  turn();
  EXPECT_EQ(output(), "");
  sink_->bad = {"b"};
  send({"b"}, 2);  // rejected behind barrier 1, before it is delivered
  turn();
  EXPECT_EQ(output(), "b");
  sink_->confirm = 1;
  task_->ops()[0]->wake();
  turn();
  EXPECT_EQ(output(), "|1");
}

TEST_F(ChainTaskTest, what_is_committed_reaches_the_source) {
  build_source(10);
  task_->command({TaskCommand::Kind::kCommitted, {}, {{"p", {"7", false}}}});
  turn();
  EXPECT_EQ(source_->commits, Texts{"7"});
}

}  // namespace
}  // namespace penstock
