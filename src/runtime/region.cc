// SPDX-License-Identifier: Apache-2.0
#include "runtime/region.h"

#include <algorithm>

#include "plan/identity.h"
#include "sdk/identities.h"

namespace penstock {

/// Work that counts as open until it is destroyed, run or not; what it captured goes before.
struct CountedBlocking::Counted {
  Counted(CountedBlocking& o, std::function<void()> w) : owner(o), work(std::move(w)) {}
  Counted(const Counted&) = delete;
  ~Counted() {
    work = nullptr;
    owner.done();
  }
  CountedBlocking& owner;
  std::function<void()> work;
};

void CountedBlocking::submit(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    ++open_;
  }
  pool_.submit([counted = std::make_shared<Counted>(*this, std::move(work))]() mutable {
    counted->work();
    counted.reset();
  });
}

void CountedBlocking::done() {
  std::lock_guard lock(mutex_);
  --open_;
  done_.notify_all();
}

void CountedBlocking::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return open_ == 0; });
}

Region::Region(const Plan& plan, uint32_t index, const RegionServices& services)
    : plan_(plan),
      region_(plan.regions[index]),
      services_(services),
      blocking_(*services.scheduler),
      commits_(*services.scheduler),
      nodes_(plan.stages.size()) {
  build_edges();
  for (const uint32_t chain : region_.chains) {
    for (uint32_t task = 0; task < plan.chains[chain].tasks; ++task) {
      build_task(plan.chains[chain], task);
    }
  }
}

Region::~Region() {
  if (begun_) {
    for (const auto& task : tasks_) services_.scheduler->remove(*task);
    services_.scheduler->remove(*coordinator_);
    for (const auto& task : tasks_) task->take_last_commits();
  }
  commits_.wait();
  // Closing ends a write that nobody takes (a full pipe): waiting first would be for ever.
  close();
  blocking_.wait();
  // Batches lie in lanes, ops and writers: all of that goes before the pool.
  coordinator_.reset();
  tasks_.clear();
  edges_.clear();
}

TaskContext Region::context(uint32_t task, ChainOp& op) {
  const PlanStage& plan = op.plan();
  TaskContext context;
  context.stage = plan.name;
  context.stage_index = op.stage_index();
  context.task = task;
  context.tasks = plan.tasks;
  context.clock = &services_.scheduler->clock();
  context.pool = &pool_;
  context.log = services_.log;
  context.waker = &op;
  context.blocking = &blocking_;
  context.durability = plan_.spec.durability;
  context.exactly_once = plan_.spec.guarantee == Guarantee::kExactlyOnce;
  context.fresh = fresh_;
  context.key = op.key();
  context.environment = &plan_.spec.env;
  context.combined = plan.combined;
  context.payloads = op.payloads();
  context.seed = services_.seed;
  for (const PlanPort& port : plan.ports) {
    for (const uint32_t e : port.edges) {
      if (edges_[e] == nullptr) continue;
      // A quarter of the queue a batch, so that both ends of it can be at work.
      const uint32_t part = std::max(1u, plan_.edges[e].capacity_records / 4);
      context.batch_records_max = std::min(context.batch_records_max, part);
    }
  }
  return context;
}

Result<void> Region::open(const Manifest& known) {
  fresh_ = known.epoch == 0 && !services_.again;
  for (auto& [op, task] : sinks_) PENSTOCK_TRY(open_sink(*op, task));
  const Result<Manifest> found = find_commit_point(known);
  if (!found) return found.error();
  const Manifest& base = *found;
  for (auto& [op, task] : sinks_) PENSTOCK_TRY(recover_sink(*op, base));
  for (auto& [op, task] : stages_) PENSTOCK_TRY(open_stage(*op, task, base));
  for (StageOp* op : combiners_) {
    TaskContext combiner = context(0, *op);
    combiner.combined = false;
    PENSTOCK_TRY(op->stage().open(combiner));
    opened_.push_back(op);
  }
  for (auto& [op, task] : sources_) {
    if (auto* source = dynamic_cast<InRegion*>(&op->source())) {
      source->join({&shelf_, services_.identity, commit_point_});
    }
    const auto at = base.positions.find(op->plan().name);
    PENSTOCK_TRY(op->source().open(context(task, *op),
                                   at == base.positions.end() ? Positions{} : at->second));
    opened_.push_back(op);
  }
  coordinator_ = std::make_unique<Coordinator>(coordinator_setup(), base);
  for (const auto& task : tasks_) task->start(*coordinator_, base.epoch);
  return {};
}

/// The manifest from which to go on: the published one, or the one that was prepared after it, if
/// the outside says that it came true.
Result<Manifest> Region::find_commit_point(const Manifest& base) {
  if (plan_.spec.guarantee != Guarantee::kExactlyOnce) return base;
  for (auto& [op, task] : sinks_) {
    CommitPoint* const point = commits_outside(*op);
    if (point == nullptr || point == commit_point_) continue;
    if (commit_point_ != nullptr) {
      return stop_error("two-commit-points",
                        "stage " + op->plan().name + " commits to another place (" +
                            point->place() + ") than the sinks before it (" +
                            commit_point_->place() + ")",
                        "one transaction cannot span both: use two pipelines with a topic between");
    }
    commit_point_ = point;
  }
  if (commit_point_ == nullptr) return base;
  const Result<int64_t> mark = commit_point_->recover();
  if (!mark) return mark.error();
  const auto& prepared = services_.store != nullptr ? services_.store->prepared()
                                                    : std::optional<PreparedManifest>();
  if (!prepared || prepared->mark != *mark) return base;
  const Manifest& next = prepared->manifest;
  const bool newer = next.epoch > base.epoch || (next.epoch == base.epoch && next.done > base.done);
  if (!newer) return base;  // it was published, and others since that needed no mark
  Manifest manifest = prepared->manifest;
  PENSTOCK_TRY(services_.store->publish(manifest));
  return manifest;
}

CommitPoint* Region::commits_outside(SinkOp& op) {
  auto* sink = dynamic_cast<CommitsOutside*>(&op.sink());
  return sink == nullptr ? nullptr : sink->commit_point();
}

Result<void> Region::open_sink(SinkOp& op, uint32_t task) {
  if (auto* sink = dynamic_cast<InRegion*>(&op.sink())) {
    sink->join({&shelf_, services_.identity, nullptr});
  }
  if (auto* sink = dynamic_cast<TakesIdentities*>(&op.sink())) {
    sink->identify(identities_of(plan_, op.stage_index()));
  }
  PENSTOCK_TRY(op.sink().open(context(task, op)));
  opened_.push_back(&op);
  return {};
}

Result<void> Region::recover_sink(SinkOp& op, const Manifest& base) {
  if (plan_.spec.guarantee != Guarantee::kExactlyOnce || !op.plan().bound->traits.two_phase) {
    return {};
  }
  const auto at = base.sinks.find(op.plan().name);
  const SinkHandles handles = at == base.sinks.end() ? SinkHandles{} : at->second;
  PENSTOCK_TRY(op.sink().commit(base.checkpoint_epoch, handles));
  return op.sink().recover(handles);
}

Result<void> Region::open_stage(StageOp& op, uint32_t task, const Manifest& base) {
  PENSTOCK_TRY(op.stage().open(context(task, op)));
  opened_.push_back(&op);
  return restore(op, task, base);
}

Result<void> Region::restore(StageOp& op, uint32_t task, const Manifest& base) {
  if (services_.store == nullptr || !op.plan().bound->traits.stateful) return {};
  std::vector<std::string> snapshots;
  for (const SnapshotRef& ref : base.snapshots) {
    if (ref.stage != op.plan().name) continue;
    Result<std::string> entries = services_.store->read_snapshot(ref);
    if (!entries) return unexpected(std::move(entries).error());
    snapshots.push_back(std::move(*entries));
  }
  if (snapshots.empty()) return {};
  SnapshotReader reader(std::move(snapshots), task, op.plan().tasks);
  return op.stage().restore(reader);
}

void Region::begin() {
  begun_ = true;
  services_.scheduler->add(*coordinator_, {});
  for (size_t i = 0; i < tasks_.size(); ++i) services_.scheduler->add(*tasks_[i], placements_[i]);
  // All tasks are known before the first runs: a source may ring any of them.
  for (const auto& task : tasks_) services_.scheduler->ring(*task);
}

void Region::close() {
  for (auto op = opened_.rbegin(); op != opened_.rend(); ++op) (*op)->close();
  opened_.clear();
}

void Region::add_status(EngineStatus& status) const {
  const auto load = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  for (const auto& task : tasks_) {
    for (const auto& op : task->ops()) {
      if (std::find(combiners_.begin(), combiners_.end(), op.get()) != combiners_.end()) continue;
      const OpCounters& from = op->counters();
      StageStatus& to = status.stages[op->stage_index()];
      to.records_in += load(from.records_in);
      to.bytes_in += load(from.bytes_in);
      to.records_out += load(from.records_out);
      to.bytes_out += load(from.bytes_out);
      to.rejected += load(from.rejected);
      to.dead_lettered += load(from.dead_lettered);
      to.retried += load(from.retried);
      to.parked += load(from.parked);
      to.watermark_us = std::max(to.watermark_us, load(from.watermark_us));
      to.ended = to.ended && load(from.ended);
    }
    status.stages[task->ops()[0]->stage_index()].busy_ns += task->busy_ns();
  }
  for (const auto& [op, task] : sources_) {
    const auto* source = dynamic_cast<const KnowsLag*>(&op->source());
    const int64_t lag = source == nullptr ? -1 : source->lag();
    int64_t& sum = status.stages[op->stage_index()].lag;
    if (lag >= 0) sum = std::max<int64_t>(sum, 0) + lag;
  }
  for (size_t e = 0; e < edges_.size(); ++e) {
    if (edges_[e] == nullptr) continue;
    status.edges[e].records = edges_[e]->budget().records();
    status.edges[e].bytes = edges_[e]->budget().bytes();
  }
  RegionStatus region;
  region.name = region_.name;
  region.epoch = coordinator_->newest();
  region.committed = coordinator_->committed();
  region.checkpoint = coordinator_->checkpoint();
  const int64_t at = coordinator_->committed_at_ns();
  region.commit_age_ns = at == 0 ? 0 : services_.scheduler->clock().monotonic_ns() - at;
  region.laggards = coordinator_->laggards();
  status.regions.push_back(std::move(region));
}

}  // namespace penstock
