// SPDX-License-Identifier: Apache-2.0
// Tasks whose lanes have all ended while they still hold records: a small region by hand, with its
// coordinator.
#include <gtest/gtest.h>

#include "runtime/coordinator.h"
#include "runtime/model/hand_parts.h"

namespace penstock {
namespace {

using model::HandScheduler;
using model::HandSink;
using model::HandSource;
using model::HandStage;

/// Runs work at once.
class InlinePool final : public BlockingPool {
 public:
  void submit(std::function<void()> work) override { work(); }
};

/// a → hold → sink ← b: two sources, of which only `a` is behind the stage.
class EndedLanesTest : public ::testing::Test {
 protected:
  enum Node : uint32_t { kA, kHold, kSink, kB };

  EndedLanesTest() {
    for (const char* name : {"a", "hold", "sink", "b"}) {
      plans_.push_back(std::make_unique<PlanStage>());
      plans_.back()->name = name;
      plans_.back()->retry.initial = seconds(3600);
      plans_.back()->retry.jitter = 0;
    }
    for (uint32_t node = 0; node < 4; ++node) {
      tasks_.push_back(std::make_unique<ChainTask>(node, scheduler_, pool_, false));
    }
    Edge& first = edge(1);
    Edge& second = edge(2);
    a_ = add_source(kA, first, 0);
    b_ = add_source(kB, second, 1);
    add_hold(first, second);
    add_sink(second);
    coordinator_ = std::make_unique<Coordinator>(setup(), Manifest{});
    for (const auto& task : tasks_) task->start(*coordinator_, 0);
  }

  Edge& edge(uint32_t producers) {
    edge_plans_.push_back(std::make_unique<PlanEdge>());
    edge_plans_.back()->capacity_records = 128;
    edges_.push_back(
        std::make_unique<Edge>(*edge_plans_.back(), scheduler_, producers, 1, false));
    return *edges_.back();
  }
  void connect(ChainOp& op, Node node, Edge& out, uint32_t producer) {
    op.router().connect(kDefaultPort, {nullptr, &tasks_[node]->add_writer(out, producer, {})});
  }
  HandSource* add_source(Node node, Edge& out, uint32_t producer) {
    auto made = std::make_unique<HandSource>();
    HandSource* source = made.get();
    auto op = std::make_unique<SourceOp>(*tasks_[node], *plans_[node], node, std::move(made));
    connect(*op, node, out, producer);
    tasks_[node]->add_source(std::move(op));
    return source;
  }
  void add_hold(Edge& in, Edge& out) {
    auto made = std::make_unique<HandStage>();
    hold_ = made.get();
    auto op = std::make_unique<StageOp>(*tasks_[kHold], *plans_[kHold], kHold, std::move(made),
                                        true, false, 0, 1);
    connect(*op, kHold, out, 0);
    tasks_[kHold]->add_op(std::move(op));
    tasks_[kHold]->add_lane(in, 0, 0);
  }
  void add_sink(Edge& in) {
    auto made = std::make_unique<HandSink>();
    sink_ = made.get();
    tasks_[kSink]->add_op(std::make_unique<SinkOp>(*tasks_[kSink], *plans_[kSink], kSink, 0,
                                                   std::move(made), false, false, 1));
    tasks_[kSink]->add_lane(in, 0, 0);
    tasks_[kSink]->add_lane(in, 1, 0);
  }
  CoordinatorSetup setup() {
    CoordinatorSetup s;
    s.layout.tasks = 4;
    s.layout.sinks = 1;
    s.layout.sources = {{"a", {kA}, {kA, kHold, kSink}, {0}, false},
                        {"b", {kB}, {kB, kSink}, {0}, false}};
    s.task_names = {"a/0", "hold/0", "sink/0", "b/0"};
    s.stage_names = {"a", "hold", "sink", "b"};
    for (const auto& task : tasks_) s.tasks.push_back(task.get());
    s.sinks = {{sink_, "sink"}};
    s.two_phase = {false};
    s.remembers = {true, true};
    s.states = {{}, {}};
    s.epoch_interval = milliseconds(100);
    s.checkpoint_interval = seconds(1);
    s.scheduler = &scheduler_;
    s.blocking = &blocking_;
    s.log = &log_;
    s.changed = [] {};
    return s;
  }

  Batch batch(const std::string& text) {
    BatchBuilder builder(pool_);
    builder.append(text);
    return builder.take();
  }
  void read(HandSource& source, Node node, const std::string& text) {
    source.batches.push_back(batch(text));
    tasks_[node]->ops()[0]->wake();
  }
  void end(HandSource& source, Node node) {
    source.at_end = true;
    tasks_[node]->ops()[0]->wake();
  }
  /// Everybody in turn, over so much time.
  void run(int64_t ms) {
    for (int64_t step = 0; step < ms; step += 10) {
      scheduler_.manual_clock().advance_ns(10'000'000);
      for (int round = 0; round < 3; ++round) {
        for (const auto& task : tasks_) scheduler_.turn(*task);
        scheduler_.turn(*coordinator_);
      }
    }
  }

  HandScheduler scheduler_;
  BatchPool pool_;
  InlinePool blocking_;
  Logger log_{2, LogLevel::kOff, LogFormat::kText, scheduler_.clock()};
  std::vector<std::unique_ptr<PlanStage>> plans_;
  std::vector<std::unique_ptr<PlanEdge>> edge_plans_;
  std::vector<std::unique_ptr<Edge>> edges_;
  std::vector<std::unique_ptr<ChainTask>> tasks_;
  std::unique_ptr<Coordinator> coordinator_;
  HandSource* a_ = nullptr;
  HandSource* b_ = nullptr;
  HandStage* hold_ = nullptr;
  HandSink* sink_ = nullptr;
};

TEST_F(EndedLanesTest, what_is_held_behind_an_input_that_has_ended_keeps_nobody_elses_positions) {
  hold_->hold = true;
  read(*a_, kA, "held");
  end(*a_, kA);
  run(200);
  for (int i = 0; i < 40; ++i) {  // more epochs than may be open at once
    read(*b_, kB, std::to_string(i));
    run(110);
  }
  ASSERT_FALSE(b_->commits.empty());
  EXPECT_GE(std::stoi(b_->commits.back()), 39);
  EXPECT_TRUE(a_->commits.empty() || a_->commits.back() == "0");
  EXPECT_EQ(sink_->written.size(), 40u);
}

TEST_F(EndedLanesTest, a_record_that_waits_for_its_retry_keeps_only_its_own_source_back) {
  sink_->busy = {"busy"};
  read(*b_, kB, "1");
  read(*a_, kA, "busy");
  run(50);
  end(*a_, kA);
  end(*b_, kB);
  run(500);
  EXPECT_GT(coordinator_->newest(), 2u);  // barriers go on, and the sink is in none of them behind
  EXPECT_TRUE(coordinator_->laggards().empty());
  sink_->busy.clear();
  scheduler_.manual_clock().advance_ns(seconds(3600).ns());
  run(500);
  EXPECT_EQ(coordinator_->end(), RegionEnd::kDone);
}

TEST_F(EndedLanesTest, the_end_still_comes_when_it_lets_go) {
  hold_->hold = true;
  read(*a_, kA, "held");
  end(*a_, kA);
  run(500);
  read(*b_, kB, "1");
  run(500);
  end(*b_, kB);
  run(500);
  EXPECT_EQ(coordinator_->end(), RegionEnd::kRunning);
  tasks_[kHold]->command({TaskCommand::Kind::kFlushHolds, {}, {}});
  run(500);
  EXPECT_EQ(coordinator_->end(), RegionEnd::kDone);
  EXPECT_EQ(sink_->written, (std::vector<std::string>{"1", "held"}));
}

TEST_F(EndedLanesTest, a_stop_flushes_it) {
  hold_->hold = true;
  read(*a_, kA, "held");
  end(*a_, kA);
  run(500);
  read(*b_, kB, "1");
  coordinator_->drain();
  run(500);
  EXPECT_EQ(coordinator_->end(), RegionEnd::kDrained);
  EXPECT_EQ(sink_->written.size(), 2u);
}

}  // namespace
}  // namespace penstock
