// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/input_lane.h"
#include "runtime/op.h"
#include "runtime/scheduler.h"
#include "runtime/source_op.h"

namespace penstock {

/// What the coordinator asks of a task.
struct TaskCommand {
  enum class Kind : uint8_t { kBarrier, kCommitted, kDrain, kFlushHolds };
  Kind kind = Kind::kBarrier;
  Barrier barrier;      // kBarrier: sources, and tasks whose inputs have ended
  Positions positions;  // kCommitted: sources only
};

/// One parallel instance of a chain of the plan: reads its lanes (or its source), runs the batch
/// through its ops by plain calls, and merges control elements. Owns its ops and their state; needs
/// no lock, because it runs on one worker at a time.
class ChainTask final : public Task {
 public:
  ChainTask(uint32_t node, Scheduler& scheduler, BatchPool& pool, bool exactly_once);
  ~ChainTask() override;

  // Building, before the scheduler knows the task. The first op is the head; chain order.
  void add_op(std::unique_ptr<ChainOp> op) { ops_.push_back(std::move(op)); }
  void add_source(std::unique_ptr<SourceOp> op) {
    source_ = op.get();
    ops_.push_back(std::move(op));
  }
  EdgeWriter& add_writer(Edge& edge, uint32_t producer, KeySelector key);
  void add_lane(Edge& edge, uint32_t producer, uint32_t consumer);
  const std::vector<std::unique_ptr<ChainOp>>& ops() const { return ops_; }
  /// Who is told; and the epoch of the commit point from which this life starts.
  void start(Reports& reports, Epoch epoch);

  // Any thread.
  void ring() { scheduler_.ring(*this); }
  void command(TaskCommand command);

  /// After the last turn: what was committed meanwhile still reaches the source, so that it can
  /// answer and acknowledge.
  void take_last_commits();

  int64_t run(int64_t now_ns, int64_t until_ns) override;

  // For the ops, during a turn.
  BatchPool& pool() { return pool_; }
  Reports& reports() { return *reports_; }
  const Clock& clock() const { return scheduler_.clock(); }
  uint32_t node() const { return node_; }
  /// The epoch that the records read now belong to, at least.
  Epoch open_epoch() const { return done_ + 1; }
  void fail(uint32_t stage, Error error);
  /// State of the op at the checkpoint barrier that is passing.
  void add_snapshot(StageSnapshot snapshot) { snapshots_.push_back(std::move(snapshot)); }
  bool draining() const { return draining_; }
  uint64_t busy_ns() const { return busy_ns_.load(std::memory_order_relaxed); }
  /// The newest barrier that passed; any thread.
  Epoch passed() const { return passed_.load(std::memory_order_relaxed); }

 private:
  void take_commands();
  void barrier_command(const Barrier& barrier);
  bool can_go();
  bool step();
  void take(InputLane& lane, Element element);
  void advance_barrier();
  void advance_watermark();
  void pass(const Barrier& barrier);
  void report_end();
  void report_inputs_ended();
  int64_t next_ns() const;

  const uint32_t node_;
  Scheduler& scheduler_;
  BatchPool& pool_;
  Reports* reports_ = nullptr;
  const bool exactly_once_;
  std::vector<std::unique_ptr<ChainOp>> ops_;
  SourceOp* source_ = nullptr;          // ops_[0], if it is one
  std::vector<std::unique_ptr<EdgeWriter>> writers_;
  std::vector<InputLane> lanes_;
  size_t next_lane_ = 0;
  Epoch done_ = 0;                      // newest barrier passed on
  std::map<Epoch, bool> checkpoints_;   // flags of barriers seen on some lane, not yet passed
  std::vector<StageSnapshot> snapshots_;
  int64_t watermark_us_ = kNoEventTime;
  bool idle_passed_ = false;
  bool draining_ = false;
  bool failed_ = false;
  bool inputs_ended_ = false;           // every lane has; reported if it holds records then
  bool inputs_ended_reported_ = false;
  bool end_reported_ = false;
  std::atomic<uint64_t> busy_ns_{0};
  std::atomic<Epoch> passed_{0};

  std::mutex mutex_;
  std::vector<TaskCommand> commands_;    // guarded by mutex_
  std::atomic<bool> commanded_{false};
};

}  // namespace penstock
