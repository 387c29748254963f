// SPDX-License-Identifier: Apache-2.0
// A region whose commit point is outside: a source and a sink by hand, with their coordinator.
#include <gtest/gtest.h>

#include "runtime/coordinator.h"
#include "runtime/model/hand_parts.h"
#include "sdk/commit_point.h"
#include "state/disk.h"

namespace penstock {
namespace {

using model::HandScheduler;
using model::HandSink;
using model::HandSource;

/// Runs work when told to.
class StepPool final : public BlockingPool {
 public:
  void submit(std::function<void()> work) override { work_.push_back(std::move(work)); }
  void run_all() {
    while (!held && !work_.empty()) {
      auto work = std::move(work_.front());
      work_.pop_front();
      work();
    }
  }
  size_t waiting() const { return work_.size(); }
  bool held = false;

 private:
  std::deque<std::function<void()>> work_;
};

struct Outside final : CommitPoint {
  struct Commit {
    int64_t mark;
    std::vector<SourceShare> shares;
  };
  const std::string& place() const override { return name; }
  Result<int64_t> recover() override { return int64_t{-1}; }
  Result<void> commit(int64_t mark, const std::vector<SourceShare>& shares) override {
    if (failure) return *failure;
    commits.push_back({mark, shares});
    return {};
  }
  void abandon() override { ++abandoned; }
  std::string name = "outside";
  std::vector<Commit> commits;
  std::optional<Error> failure;
  int abandoned = 0;
};

struct Member final : SharesCommit {
  Result<std::optional<SourceShare>> share(const Positions& positions) override {
    if (lost) return make_error(Reaction::kReconnect, "lost", "not ours any more");
    SourceShare share{"member", positions};
    if (moved) share.positions.erase(*moved);
    return std::optional(std::move(share));
  }
  bool lost = false;
  std::optional<std::string> moved;  // a partition that another reader has now
};

class CommitPointTest : public ::testing::Test {
 protected:
  CommitPointTest() {
    auto store = StateStore::open(*disk_, "state", Durability::kKill);
    CHECK(store.has_value());
    store_ = std::move(*store);
    edge_ = std::make_unique<Edge>(edge_plan_, scheduler_, 1, 1, true);
    for (uint32_t node = 0; node < 2; ++node) {
      tasks_.push_back(std::make_unique<ChainTask>(node, scheduler_, pool_, true));
    }
    auto source = std::make_unique<HandSource>();
    source_ = source.get();
    auto in = std::make_unique<SourceOp>(*tasks_[0], in_plan_, 0, std::move(source));
    in->router().connect(kDefaultPort, {nullptr, &tasks_[0]->add_writer(*edge_, 0, {})});
    tasks_[0]->add_source(std::move(in));
    auto sink = std::make_unique<HandSink>();
    sink_ = sink.get();
    tasks_[1]->add_op(
        std::make_unique<SinkOp>(*tasks_[1], out_plan_, 1, 0, std::move(sink), true, false, 1));
    tasks_[1]->add_lane(*edge_, 0, 0);
  }
  void begin(bool joined) {
    CoordinatorSetup s;
    s.layout.tasks = 2;
    s.layout.sinks = 1;
    s.layout.sources = {{"in", {0}, {0, 1}, {0}, true}};
    s.task_names = {"in/0", "out/0"};
    s.stage_names = {"in", "out"};
    for (const auto& task : tasks_) s.tasks.push_back(task.get());
    s.sinks = {{sink_, "out"}};
    s.two_phase = {true};
    s.remembers = {true};
    s.states = {{}};
    s.shares = {{joined ? &member_ : nullptr}};
    s.exactly_once = true;
    s.commit_point = &outside_;
    s.outside_alone = true;
    s.epoch_interval = milliseconds(100);
    s.checkpoint_interval = seconds(1);
    s.scheduler = &scheduler_;
    s.blocking = &blocking_;
    s.store = store_.get();
    s.log = &log_;
    s.changed = [] {};
    coordinator_ = std::make_unique<Coordinator>(std::move(s), Manifest{});
    for (const auto& task : tasks_) task->start(*coordinator_, 0);
  }
  void read(const std::string& text) {
    BatchBuilder builder(pool_);
    builder.append(text);
    source_->batches.push_back(builder.take());
    tasks_[0]->ops()[0]->wake();
  }
  void run(int64_t ms) {
    for (int64_t step = 0; step < ms; step += 10) {
      scheduler_.manual_clock().advance_ns(10'000'000);
      for (int round = 0; round < 3; ++round) {
        for (const auto& task : tasks_) scheduler_.turn(*task);
        scheduler_.turn(*coordinator_);
        blocking_.run_all();
      }
    }
  }

  HandScheduler scheduler_;
  BatchPool pool_;
  StepPool blocking_;
  Logger log_{2, LogLevel::kOff, LogFormat::kText, scheduler_.clock()};
  std::unique_ptr<Disk> disk_ = make_memory_disk();
  std::unique_ptr<StateStore> store_;
  PlanStage in_plan_, out_plan_;
  PlanEdge edge_plan_;
  std::unique_ptr<Edge> edge_;
  std::vector<std::unique_ptr<ChainTask>> tasks_;
  HandSource* source_ = nullptr;
  HandSink* sink_ = nullptr;
  Outside outside_;
  Member member_;
  std::unique_ptr<Coordinator> coordinator_;
};

TEST_F(CommitPointTest, positions_go_with_every_epoch_and_need_no_mark_where_all_are_shared) {
  begin(true);
  for (int i = 1; i <= 3; ++i) {
    read(std::to_string(i));
    run(150);
    ASSERT_EQ(outside_.commits.size(), static_cast<size_t>(i));
    const Outside::Commit& last = outside_.commits.back();
    EXPECT_EQ(last.mark, -1);
    ASSERT_EQ(last.shares.size(), 1u);
    EXPECT_EQ(last.shares[0].membership, "member");
    EXPECT_EQ(last.shares[0].positions.at("p").value, std::to_string(i));
    EXPECT_EQ(source_->commits.back(), std::to_string(i));
  }
}

TEST_F(CommitPointTest, other_positions_are_prepared_under_the_mark_that_is_committed) {
  begin(false);
  read("a");
  run(150);
  ASSERT_EQ(outside_.commits.size(), 1u);
  EXPECT_GE(outside_.commits[0].mark, 0);
  EXPECT_TRUE(outside_.commits[0].shares.empty());
  EXPECT_EQ(store_->manifest()->positions.at("in").at("p").value, "1");
  store_.reset();
  const auto again = StateStore::open(*disk_, "state", Durability::kKill);
  ASSERT_TRUE(again);
  ASSERT_TRUE((*again)->prepared());
  EXPECT_EQ((*again)->prepared()->mark, outside_.commits[0].mark);
}

TEST_F(CommitPointTest, nothing_is_recorded_that_the_outside_did_not_take) {
  begin(true);
  outside_.failure = make_error(Reaction::kReconnect, "fenced", "somebody else commits");
  read("a");
  run(150);
  EXPECT_EQ(coordinator_->end(), RegionEnd::kReset);
  EXPECT_FALSE(store_->manifest());
  EXPECT_TRUE(source_->commits.empty());
}

TEST_F(CommitPointTest, a_source_that_lost_what_it_read_commits_nothing) {
  begin(true);
  member_.lost = true;
  read("a");
  run(150);
  EXPECT_EQ(coordinator_->end(), RegionEnd::kReset);
  EXPECT_TRUE(outside_.commits.empty());
}

TEST_F(CommitPointTest, a_position_that_another_reader_has_meanwhile_is_no_part_of_the_commit) {
  begin(true);
  member_.moved = "p";
  read("a");
  run(150);
  ASSERT_EQ(outside_.commits.size(), 1u);
  EXPECT_EQ(outside_.commits[0].mark, -1);
  ASSERT_EQ(outside_.commits[0].shares.size(), 1u);
  EXPECT_TRUE(outside_.commits[0].shares[0].positions.empty());
}

TEST_F(CommitPointTest, no_barrier_is_sent_while_a_commit_is_under_way) {
  begin(true);
  blocking_.held = true;
  read("a");
  run(150);
  EXPECT_EQ(blocking_.waiting(), 1u);
  const Epoch epoch = coordinator_->newest();
  read("b");
  run(1000);
  EXPECT_EQ(coordinator_->newest(), epoch);
  blocking_.held = false;
  run(150);
  EXPECT_EQ(coordinator_->newest(), epoch + 1);
  EXPECT_EQ(outside_.commits.back().shares[0].positions.at("p").value, "2");
}

TEST_F(CommitPointTest, sinks_may_go_on_when_a_checkpoint_comes_to_nothing) {
  begin(true);
  sink_->busy = {"busy"};  // parked: its position is held back, so this checkpoint cannot be
  read("busy");
  run(150);
  EXPECT_GT(outside_.abandoned, 0);
  EXPECT_TRUE(outside_.commits.empty());
}

}  // namespace
}  // namespace penstock
