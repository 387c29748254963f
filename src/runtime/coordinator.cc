// SPDX-License-Identifier: Apache-2.0
#include "runtime/coordinator.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr int64_t kDrainPauseNs = 10'000'000;        // between the epochs of a drain
constexpr int64_t kPublishRetryNs = 1'000'000'000;   // after a full disk
constexpr uint32_t kDemandedMax = 2;                 // on-demand epochs open at once
constexpr int64_t kLaggardIntervals = 10;

}  // namespace

Coordinator::Coordinator(CoordinatorSetup setup, Manifest base)
    : setup_(std::move(setup)),
      ledger_(setup_.layout, base.epoch),
      manifest_(std::move(base)),
      handles_(setup_.sinks.size()) {
  manifest_.done = false;
  newest_.store(manifest_.epoch);
  committed_.store(manifest_.epoch);
  checkpoint_.store(manifest_.checkpoint_epoch);
}

void Coordinator::post(Message message) {
  {
    std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    mail_.store(true);
  }
  setup_.scheduler->ring(*this);
}

void Coordinator::passed(PassedReport report) {
  post([this, r = std::make_shared<PassedReport>(std::move(report))] { on_passed(std::move(*r)); });
}
void Coordinator::delivered(DeliveredReport report) {
  post([this, r = std::make_shared<DeliveredReport>(std::move(report))] {
    on_delivered(std::move(*r));
  });
}
void Coordinator::activity(bool at_once) {
  post([this, at_once] {
    active_ = true;
    demanded_ = demanded_ || at_once;
  });
}
void Coordinator::failed(uint32_t stage, Error error) {
  post([this, stage, e = std::make_shared<Error>(std::move(error))] {
    if (end_.load() != RegionEnd::kRunning) return;
    if (e->position.file.empty()) e->message = setup_.stage_names[stage] + ": " + e->message;
    const Reaction reaction = e->reaction;
    {
      std::lock_guard lock(mutex_);
      error_ = std::move(*e);
    }
    const bool again = reaction == Reaction::kReconnect || reaction == Reaction::kRetryLater;
    finish(again && !draining_ ? RegionEnd::kReset : RegionEnd::kFailed);
  });
}

void Coordinator::drain() {
  post([this] {
    if (draining_) return;
    draining_ = true;
    for (ChainTask* task : setup_.tasks) task->command({TaskCommand::Kind::kDrain, {}, {}});
  });
}

void Coordinator::abandon() {
  post([this] {
    if (end_.load() == RegionEnd::kRunning) finish(RegionEnd::kUndelivered);
  });
}

Error Coordinator::error() const {
  std::lock_guard lock(mutex_);
  return error_;
}

std::vector<std::string> Coordinator::laggards() const {
  std::lock_guard lock(mutex_);
  return laggards_;
}

int64_t Coordinator::run(int64_t now_ns, int64_t) {
  take_messages();
  if (end_.load() != RegionEnd::kRunning) return kNever;
  commit(now_ns);
  check_end();
  if (end_.load() != RegionEnd::kRunning) return kNever;
  int64_t next = std::min(open_epochs(now_ns), look_for_laggards(now_ns));
  if (retry_publish_ns_ > now_ns) next = std::min(next, retry_publish_ns_);
  return next;
}

void Coordinator::take_messages() {
  while (mail_.load()) {
    std::vector<Message> messages;
    {
      std::lock_guard lock(mutex_);
      messages.swap(messages_);
      mail_.store(false);
    }
    for (Message& message : messages) message();
  }
}

void Coordinator::on_passed(PassedReport report) {
  if (report.inputs_ended) return ask_for_barriers(report.node, report.epoch);
  std::vector<StageSnapshot> snapshots = std::move(report.snapshots);
  if (report.epoch == kFinalEpoch) std::erase(asked_, report.node);
  ledger_.passed(report);
  if (!snapshots.empty()) write_snapshots(report.epoch, std::move(snapshots));
}

void Coordinator::on_delivered(DeliveredReport report) {
  if (setup_.two_phase[report.node]) handles_[report.node][report.epoch] = report.handles;
  ledger_.delivered(report);
}

void Coordinator::write_snapshots(Epoch epoch, std::vector<StageSnapshot> snapshots) {
  if (!prepared_ || prepared_->epoch != epoch || setup_.store == nullptr) return;
  for (StageSnapshot& snapshot : snapshots) {
    ++prepared_->writing;
    auto work = std::make_shared<StageSnapshot>(std::move(snapshot));
    setup_.blocking->submit([this, epoch, work] {
      auto written = std::make_shared<Result<SnapshotRef>>(setup_.store->write_snapshot(
          epoch, setup_.stage_names[work->stage], work->task, work->entries));
      post([this, epoch, written] {
        if (!prepared_ || prepared_->epoch != epoch) return;
        --prepared_->writing;
        if (*written) {
          prepared_->snapshots.push_back(std::move(**written));
        } else {
          prepared_->failed = true;
          setup_.log->warn("a checkpoint could not be written; trying again with the next",
                           {{"error", to_string(written->error())}});
        }
      });
    });
  }
}

bool Coordinator::wants_checkpoint(int64_t now_ns) const {
  if ((!setup_.has_state && !setup_.exactly_once) || prepared_) return false;
  return draining_ || now_ns >= next_checkpoint_ns();
}

/// Its sinks wait behind the barrier of a checkpoint until that is committed: no other is sent.
bool Coordinator::is_busy_outside() const {
  return setup_.commit_point != nullptr && (prepared_ || publishing_ || sink_commits_ > 0);
}

int64_t Coordinator::next_checkpoint_ns() const {
  // Without state a checkpoint costs no more than the commit of positions.
  if (setup_.commit_point != nullptr && setup_.outside_alone && !setup_.has_state) {
    return last_checkpoint_ns_;
  }
  const int64_t pause = std::max(setup_.checkpoint_interval.ns(), 10 * checkpoint_took_ns_);
  return last_checkpoint_ns_ + pause;
}

bool Coordinator::checkpoint_ready() const {
  return prepared_ && !prepared_->failed && prepared_->writing == 0 &&
         ledger_.complete() >= prepared_->epoch;
}

/// Something is held back at the prepared checkpoint, so that positions would stay behind its state
/// and handles. Exactly once does not allow that. Otherwise records are counted twice after a
/// crash,
/// which is allowed, unless a stage has ended meanwhile: it has no state in this checkpoint any
/// more, and would count what is read again from nothing. Then the next checkpoint has to do.
bool Coordinator::checkpoint_held() const {
  if (ledger_.complete() < prepared_->epoch) return false;
  for (uint32_t s = 0; s < setup_.layout.sources.size(); ++s) {
    if (!setup_.layout.sources[s].with_checkpoints) continue;
    if (ledger_.safe(s, prepared_->epoch) >= prepared_->epoch) continue;
    if (setup_.exactly_once || !has_all_states(s)) return true;
  }
  return false;
}

bool Coordinator::has_all_states(uint32_t source) const {
  const auto& found = prepared_->snapshots;
  const auto& states = setup_.states[source];
  return std::all_of(states.begin(), states.end(), [&](const auto& state) {
    return std::any_of(found.begin(), found.end(), [&](const SnapshotRef& ref) {
      return ref.stage == state.first && ref.task == state.second;
    });
  });
}

int64_t Coordinator::open_epochs(int64_t now_ns) {
  if (ledger_.finished() || !ledger_.can_open() || is_busy_outside()) return kNever;
  const bool settled = ledger_.settled();
  if (draining_) {
    // One barrier after the other, until one finds nothing held and everything recorded.
    const bool complete = ledger_.complete() >= ledger_.newest();
    const bool owed = settled && ledger_.behind() && !prepared_ && !publishing_;
    if (drain_barrier_ && !(complete && (active_ || !settled)) && !owed) return kNever;
    if (drain_barrier_ && now_ns < opened_ns_ + kDrainPauseNs) return opened_ns_ + kDrainPauseNs;
    open_epoch(now_ns);
    return kNever;
  }
  if (demanded_ && demanded_epochs_.size() < kDemandedMax) {
    open_epoch(now_ns);
    return kNever;
  }
  int64_t due = opened_ns_ + setup_.epoch_interval.ns();
  if (!active_ && !ledger_.holding()) {
    // Nothing new and nothing held. Only a checkpoint may still be owed.
    const bool owed = (setup_.has_state || setup_.exactly_once) && settled && ledger_.behind() &&
                      !prepared_ && !publishing_;
    if (!owed) return kNever;
    due = std::max(due, next_checkpoint_ns());
  }
  if (now_ns < due) return due;
  open_epoch(now_ns);
  return now_ns + setup_.epoch_interval.ns();
}

/// Nobody sends this task barriers any more: what is open, and from now on every new one.
void Coordinator::ask_for_barriers(uint32_t node, Epoch passed) {
  for (auto at = opened_.upper_bound(passed); at != opened_.end(); ++at) {
    const Barrier barrier{at->first, at->second};
    setup_.tasks[node]->command({TaskCommand::Kind::kBarrier, barrier, {}});
  }
  asked_.push_back(node);
}

void Coordinator::open_epoch(int64_t now_ns) {
  const bool checkpoint = wants_checkpoint(now_ns);
  opened_.erase(opened_.begin(), opened_.upper_bound(ledger_.complete()));
  const Barrier barrier{ledger_.open(checkpoint), checkpoint};
  opened_[barrier.epoch] = checkpoint;
  newest_.store(barrier.epoch, std::memory_order_relaxed);
  opened_ns_ = now_ns;
  active_ = false;
  if (std::exchange(demanded_, false)) demanded_epochs_.insert(barrier.epoch);
  if (checkpoint) {
    prepared_.emplace();
    prepared_->epoch = barrier.epoch;
    prepared_->started_ns = now_ns;
    last_checkpoint_ns_ = now_ns;
  }
  if (draining_) {
    if (!drain_barrier_) drain_barrier_ = barrier.epoch;
    for (ChainTask* task : setup_.tasks) task->command({TaskCommand::Kind::kFlushHolds, {}, {}});
  }
  for (const LedgerLayout::Source& source : setup_.layout.sources) {
    for (const uint32_t node : source.tasks) {
      setup_.tasks[node]->command({TaskCommand::Kind::kBarrier, barrier, {}});
    }
  }
  for (const uint32_t node : asked_) {
    setup_.tasks[node]->command({TaskCommand::Kind::kBarrier, barrier, {}});
  }
}

void Coordinator::commit(int64_t now_ns) {
  if (prepared_ && prepared_->writing == 0 && (prepared_->failed || checkpoint_held())) {
    prepared_.reset();
    if (setup_.commit_point != nullptr) setup_.commit_point->abandon();
  }
  // Sinks publish one commit point after the other: the next one replaces the handles of this.
  if (publishing_ || sink_commits_ > 0 || now_ns < retry_publish_ns_ || done_published_) return;
  const bool finished = ledger_.finished();
  const bool with_checkpoint = finished || checkpoint_ready();
  std::optional<Epoch> checkpoint;
  if (with_checkpoint) checkpoint = finished ? kFinalEpoch : prepared_->epoch;
  std::vector<SourceCommit> commits = ledger_.committable(checkpoint);
  if (commits.empty() && !with_checkpoint) return;
  Manifest next = manifest_;
  next.epoch = ledger_.newest();
  next.done = finished;
  next.plan_hash = setup_.signature;
  next.written_wall_us = setup_.scheduler->clock().wall_us();
  for (const SourceCommit& commit : commits) {
    if (!setup_.remembers[commit.source]) continue;
    Positions& positions = next.positions[setup_.layout.sources[commit.source].name];
    for (const Positions& task : commit.by_task) {
      for (const auto& [partition, position] : task) positions[partition] = position;
    }
  }
  if (with_checkpoint) {
    next.checkpoint_epoch = finished ? ledger_.newest() : prepared_->epoch;
    next.snapshots.clear();
    if (!finished) next.snapshots = prepared_->snapshots;
    collect_handles(*checkpoint, next);
  }
  if (setup_.commit_point != nullptr && with_checkpoint) {
    const bool store = must_store(commits, with_checkpoint);
    publishing_ = true;
    return commit_outside(std::make_shared<std::vector<SourceCommit>>(std::move(commits)),
                          std::make_shared<Manifest>(std::move(next)), store);
  }
  if (!must_store(commits, with_checkpoint)) {
    on_published({}, std::move(commits), with_checkpoint, std::move(next));
    return;
  }
  publishing_ = true;
  auto c = std::make_shared<std::vector<SourceCommit>>(std::move(commits));
  auto m = std::make_shared<Manifest>(std::move(next));
  setup_.blocking->submit([this, c, m, with_checkpoint] {
    auto result = std::make_shared<Result<void>>(setup_.store->publish(*m));
    post([this, c, m, with_checkpoint, result] {
      on_published(std::move(*result), std::move(*c), with_checkpoint, std::move(*m));
    });
  });
}

/// The outside makes it true; the manifest follows.
void Coordinator::commit_outside(std::shared_ptr<std::vector<SourceCommit>> commits,
                                 std::shared_ptr<Manifest> manifest, bool store) {
  setup_.blocking->submit([this, commits, manifest, store] {
    auto result = std::make_shared<Result<void>>(make_true(*commits, *manifest, store));
    // What is true already cannot be tried again: starting anew finds out how far it came.
    if (!*result && result->error().reaction == Reaction::kRetryLater) {
      result->error().reaction = Reaction::kReconnect;
    }
    post([this, commits, manifest, result] {
      on_published(std::move(*result), std::move(*commits), true, std::move(*manifest));
    });
  });
}

/// On the blocking pool.
Result<void> Coordinator::make_true(const std::vector<SourceCommit>& commits,
                                    const Manifest& manifest, bool store) {
  std::vector<SourceShare> shares;
  bool all_shared = setup_.outside_alone && !setup_.has_state;
  for (const SourceCommit& commit : commits) {
    const auto& tasks = setup_.shares[commit.source];
    for (size_t i = 0; i < tasks.size(); ++i) {
      if (commit.by_task[i].empty()) continue;  // nothing of it is in the commit
      Result<std::optional<SourceShare>> share = std::optional<SourceShare>();
      if (tasks[i] != nullptr) share = tasks[i]->share(commit.by_task[i]);
      if (!share) return share.error();
      if (*share) {
        shares.push_back(std::move(**share));
      } else {
        all_shared = false;
      }
    }
  }
  int64_t mark = -1;
  if (!all_shared && setup_.store != nullptr) {
    const auto prepared = setup_.store->prepare(manifest);
    if (!prepared) return prepared.error();
    mark = *prepared;
  }
  PENSTOCK_TRY(setup_.commit_point->commit(mark, shares));
  if (!store) return {};
  return setup_.store->publish(manifest);
}

void Coordinator::collect_handles(Epoch checkpoint, Manifest& manifest) const {
  manifest.sinks.clear();
  for (uint32_t node = 0; node < setup_.sinks.size(); ++node) {
    if (!setup_.two_phase[node]) continue;
    // The first report that covers the checkpoint: its own, or the sink's last one if it ended.
    const auto at = handles_[node].lower_bound(checkpoint);
    if (at == handles_[node].end()) continue;
    SinkHandles& all = manifest.sinks[setup_.sinks[node].second];
    all.insert(all.end(), at->second.begin(), at->second.end());
  }
}

bool Coordinator::must_store(const std::vector<SourceCommit>& commits,
                             bool with_checkpoint) const {
  if (setup_.store == nullptr) return false;
  if (with_checkpoint && (setup_.has_state || setup_.exactly_once || ledger_.finished())) {
    return true;
  }
  return std::any_of(commits.begin(), commits.end(),
                     [&](const SourceCommit& c) { return setup_.remembers[c.source]; });
}

void Coordinator::on_published(Result<void> result, std::vector<SourceCommit> commits,
                               bool with_checkpoint, Manifest manifest) {
  publishing_ = false;
  const int64_t now = setup_.scheduler->clock().monotonic_ns();
  if (!result) {
    if (result.error().reaction == Reaction::kRetryLater) {
      retry_publish_ns_ = now + kPublishRetryNs;
      setup_.log->warn("positions could not be recorded; trying again, nothing is lost",
                       {{"error", to_string(result.error())}});
      return;
    }
    failed(0, std::move(result).error());
    return;
  }
  manifest_ = std::move(manifest);
  ledger_.committed(commits);
  for (const SourceCommit& commit : commits) {
    const auto& tasks = setup_.layout.sources[commit.source].tasks;
    for (size_t i = 0; i < tasks.size(); ++i) {
      setup_.tasks[tasks[i]]->command(
          {TaskCommand::Kind::kCommitted, {}, commit.by_task[i]});
    }
  }
  Epoch all = ledger_.newest();
  for (uint32_t s = 0; s < setup_.layout.sources.size(); ++s) {
    all = std::min(all, ledger_.committed(s));
  }
  committed_.store(all, std::memory_order_relaxed);
  committed_at_ns_.store(now, std::memory_order_relaxed);
  demanded_epochs_.erase(demanded_epochs_.begin(), demanded_epochs_.upper_bound(all));
  if (with_checkpoint) {
    checkpoint_.store(manifest_.checkpoint_epoch, std::memory_order_relaxed);
    if (prepared_) checkpoint_took_ns_ = now - prepared_->started_ns;
    prepared_.reset();
    for (auto& handles : handles_) {
      // Keep the last one: an ended sink reports no more.
      while (handles.size() > 1 && handles.begin()->first <= manifest_.checkpoint_epoch) {
        handles.erase(handles.begin());
      }
    }
    publish_sinks();
  }
  done_published_ = manifest_.done;
}

void Coordinator::publish_sinks() {
  for (uint32_t node = 0; node < setup_.sinks.size(); ++node) {
    if (!setup_.two_phase[node]) continue;
    Sink* sink = setup_.sinks[node].first;
    ++sink_commits_;
    const auto handles = manifest_.sinks[setup_.sinks[node].second];
    setup_.blocking->submit([this, sink, handles, epoch = manifest_.checkpoint_epoch] {
      auto result = std::make_shared<Result<void>>(sink->commit(epoch, handles));
      post([this, result] {
        --sink_commits_;
        if (!*result) failed(0, std::move(*result).error());
      });
    });
  }
}

void Coordinator::check_end() {
  if (publishing_ || sink_commits_ > 0) return;
  if (done_published_) {
    finish(RegionEnd::kDone);
    return;
  }
  // A stop has ended well when everything read before a barrier that is younger than the stop is
  // delivered and recorded.
  if (draining_ && drain_barrier_ && !active_ && ledger_.settled() && !ledger_.behind()) {
    finish(RegionEnd::kDrained);
  }
}

void Coordinator::finish(RegionEnd end) {
  end_.store(end);
  setup_.changed();
}

int64_t Coordinator::look_for_laggards(int64_t now_ns) {
  const Epoch newest = ledger_.newest();
  std::vector<std::string> names;
  int64_t next = kNever;
  if (const auto missing = ledger_.missing(newest); !missing.empty()) {
    const int64_t late = opened_ns_ + kLaggardIntervals * setup_.epoch_interval.ns();
    if (now_ns < late) {
      next = late;
    } else {
      for (const uint32_t node : missing) names.push_back(setup_.task_names[node]);
    }
  }
  std::lock_guard lock(mutex_);
  laggards_ = std::move(names);
  return next;
}

}  // namespace penstock
