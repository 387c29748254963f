// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "plan/plan.h"
#include "runtime/coordinator.h"
#include "runtime/sink_op.h"
#include "runtime/source_op.h"
#include "runtime/stage_op.h"
#include "runtime/status.h"
#include "sdk/commit_point.h"

namespace penstock {

/// Counts the blocking work of a region, so that nothing of it is left when the region goes.
class CountedBlocking final : public BlockingPool {
 public:
  explicit CountedBlocking(BlockingPool& pool) : pool_(pool) {}
  void submit(std::function<void()> work) override;
  /// Blocks until all submitted work has run, or was dropped by the pool.
  void wait();

 private:
  struct Counted;
  void done();

  BlockingPool& pool_;
  std::mutex mutex_;
  std::condition_variable done_;
  uint64_t open_ = 0;  // guarded by mutex_
};

struct RegionServices {
  Scheduler* scheduler = nullptr;
  Logger* log = nullptr;
  StateStore* store = nullptr;       ///< null = remember nothing
  Taps* taps = nullptr;              ///< null = nobody looks at records
  uint64_t seed = 0;
  std::string identity;  ///< see TaskContext
  bool again = false;  ///< the region has run before: a reset, or a restart
  std::function<void()> changed;     ///< the region ended; any thread
};

/// A connected part of the plan at work: its edges, tasks and coordinator, for one life (from a
/// commit point to the end, or to a reset). Built and torn down by one thread.
class Region {
 public:
  Region(const Plan& plan, uint32_t index, const RegionServices& services);
  /// Takes the tasks off the scheduler, waits for their blocking work, closes every instance.
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  /// First phase: restores what `base` says and opens every sink, then the stages, then the
  /// sources. Nothing is read. Blocks.
  Result<void> open(const Manifest& base);
  /// Second phase: reading begins.
  void begin();

  void drain() { coordinator_->drain(); }
  void abandon() { coordinator_->abandon(); }
  const Coordinator& coordinator() const { return *coordinator_; }
  /// Adds this region's counters to the stages and edges of a status. Any thread.
  void add_status(EngineStatus& status) const;

 private:
  void build_edges();
  void build_task(const PlanChain& chain, uint32_t task);
  void add_instance(ChainTask& task, uint32_t stage, uint32_t index);
  void connect(ChainTask& task, const PlanChain& chain, uint32_t index);
  ChainOp& add_combiner(ChainTask& task, uint32_t stage, uint32_t index, EdgeWriter* writer);
  uint32_t producer_index(uint32_t edge, uint32_t stage, uint32_t task) const;
  uint32_t consumer_index(uint32_t edge, uint32_t stage, uint32_t task) const;
  KeySelector edge_key(uint32_t edge) const;
  Tap* tap_of(uint32_t edge) const;
  TaskContext context(uint32_t task, ChainOp& op);
  LedgerLayout layout() const;
  void reach(uint32_t stage, std::vector<bool>& stages) const;
  std::vector<std::pair<std::string, uint32_t>> states_behind(uint32_t source) const;
  CoordinatorSetup coordinator_setup() const;
  Result<void> open_sink(SinkOp& op, uint32_t task);
  Result<void> recover_sink(SinkOp& op, const Manifest& base);
  static CommitPoint* commits_outside(SinkOp& op);
  Result<Manifest> find_commit_point(const Manifest& base);
  Result<void> open_stage(StageOp& op, uint32_t task, const Manifest& base);
  Result<void> restore(StageOp& op, uint32_t task, const Manifest& base);
  void close();

  const Plan& plan_;
  const PlanRegion& region_;
  RegionServices services_;
  CountedBlocking blocking_;         // of the instances: close() may cut it short
  CountedBlocking commits_;          // of the coordinator: never while an instance is called
  BatchPool pool_;
  Shelf shelf_;
  std::vector<std::unique_ptr<Edge>> edges_;       // by plan edge; null = elsewhere, or chained
  std::vector<std::unique_ptr<ChainTask>> tasks_;  // by node
  std::vector<std::vector<uint32_t>> nodes_;       // by plan stage: node of each of its tasks
  std::vector<std::pair<SourceOp*, uint32_t>> sources_;  // with its task index
  std::vector<std::pair<StageOp*, uint32_t>> stages_;  // with its task index
  std::vector<std::pair<SinkOp*, uint32_t>> sinks_;    // by sink node, with its task index
  std::vector<StageOp*> combiners_;
  std::vector<Placement> placements_;                  // by node
  std::unique_ptr<Coordinator> coordinator_;
  std::vector<ChainOp*> opened_;
  CommitPoint* commit_point_ = nullptr;  // a sink's; null = the manifest
  bool fresh_ = false;  // no run before this one has begun
  bool begun_ = false;
};

}  // namespace penstock
