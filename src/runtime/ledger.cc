// SPDX-License-Identifier: Apache-2.0
#include "runtime/ledger.h"

#include <algorithm>

#include "base/check.h"

namespace penstock {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
// Positions kept for epochs that a hold keeps back; beyond it every second one is dropped. Dropping
// is safe: a commit then falls back to an earlier one.
constexpr size_t kHistoryMax = 64;

}  // namespace

Ledger::Ledger(LedgerLayout layout, Epoch start)
    : layout_(std::move(layout)),
      newest_(start),
      tasks_(layout_.tasks),
      sinks_(layout_.sinks),
      readings_(layout_.tasks, Reading{kNone, {}}),
      committed_(layout_.sources.size(), start) {
  for (Node& node : tasks_) node.marks.push_back({start, kNoEpoch});
  for (Node& node : sinks_) node.marks.push_back({start, kNoEpoch});
  for (uint32_t s = 0; s < layout_.sources.size(); ++s) {
    for (const uint32_t task : layout_.sources[s].tasks) readings_[task].source = s;
  }
}

bool Ledger::can_open() const {
  Epoch fastest = 0;
  for (uint32_t s = 0; s < layout_.sources.size(); ++s) fastest = std::max(fastest, complete(s));
  if (fastest < newest_ && newest_ - fastest >= kOpenMax) return false;
  const Epoch slowest = complete();
  return slowest >= newest_ || newest_ - slowest < kStuckMax;
}

Epoch Ledger::open(bool checkpoint) {
  CHECK(can_open());
  forget();
  ++newest_;
  if (checkpoint) checkpoint_ = newest_;
  return newest_;
}

/// Also while a hold keeps every commit back: what is kept does not grow with the time that takes.
void Ledger::forget() {
  const Epoch oldest = std::min(complete(), checkpoint_);
  for (std::vector<Node>* nodes : {&tasks_, &sinks_}) {
    for (Node& node : *nodes) {
      while (node.marks.front().epoch < oldest) node.marks.pop_front();
    }
  }
}

void Ledger::mark(Node& node, Epoch epoch, Epoch floor) {
  if (epoch <= progress(node)) return;
  node.marks.push_back({epoch, floor});
}

void Ledger::passed(const PassedReport& report) {
  Reading& reading = readings_[report.node];
  if (report.is_source) {
    CHECK_NE(reading.source, kNone);
    // What was read between the last barrier and the end is of the epoch that was open then.
    const Epoch of = report.epoch == kFinalEpoch ? progress(tasks_[report.node]) + 1 : report.epoch;
    reading.history.push_back({of, report.positions, report.checkpoint});
    thin(reading.history);
  }
  mark(tasks_[report.node], report.epoch, report.floor);
}

void Ledger::delivered(const DeliveredReport& report) {
  mark(sinks_[report.node], report.epoch, report.floor);
}

void Ledger::thin(std::deque<Noted>& history) {
  if (history.size() <= kHistoryMax) return;
  // State and positions of a checkpoint belong together; at most the newest one is in progress.
  size_t checkpoint = history.size();
  for (size_t i = 0; i < history.size(); ++i) {
    if (history[i].checkpoint) checkpoint = i;
  }
  std::deque<Noted> kept;
  for (size_t i = 0; i < history.size(); ++i) {
    const bool keep = i == 0 || i % 2 == 1 || i == checkpoint || i + 8 >= history.size();
    if (keep) kept.push_back(std::move(history[i]));
  }
  history = std::move(kept);
}

Epoch Ledger::complete(uint32_t source) const {
  const LedgerLayout::Source& s = layout_.sources[source];
  Epoch all = kFinalEpoch;
  for (const uint32_t node : s.reach_tasks) all = std::min(all, progress(tasks_[node]));
  for (const uint32_t node : s.reach_sinks) all = std::min(all, progress(sinks_[node]));
  return all;
}

Epoch Ledger::complete() const {
  Epoch all = kFinalEpoch;
  for (const Node& node : tasks_) all = std::min(all, progress(node));
  for (const Node& node : sinks_) all = std::min(all, progress(node));
  return all;
}

Epoch Ledger::floor_at(const Node& node, Epoch epoch) {
  // The first report that covers the epoch: a sink may confirm several epochs with one.
  const auto covers = std::partition_point(node.marks.begin(), node.marks.end(),
                                           [&](const Mark& mark) { return mark.epoch < epoch; });
  CHECK(covers != node.marks.end());
  return covers->floor;
}

Epoch Ledger::safe(uint32_t source, Epoch epoch) const {
  const LedgerLayout::Source& s = layout_.sources[source];
  Epoch safe = epoch;
  const auto hold = [&](const Node& node) {
    const Epoch floor = floor_at(node, epoch);
    if (floor != kNoEpoch) safe = std::min(safe, floor - 1);
  };
  for (const uint32_t node : s.reach_tasks) hold(tasks_[node]);
  for (const uint32_t node : s.reach_sinks) hold(sinks_[node]);
  return safe;
}

bool Ledger::settled() const {
  for (uint32_t s = 0; s < layout_.sources.size(); ++s) {
    const Epoch done = complete(s);
    if (done < newest_ || safe(s, done) < newest_) return false;
  }
  return true;
}

bool Ledger::holding() const {
  for (uint32_t s = 0; s < layout_.sources.size(); ++s) {
    const Epoch done = complete(s);
    if (safe(s, done) < done) return true;
  }
  return false;
}

bool Ledger::behind() const {
  return std::any_of(committed_.begin(), committed_.end(),
                     [&](Epoch epoch) { return epoch < newest_; });
}

std::vector<SourceCommit> Ledger::committable(std::optional<Epoch> checkpoint) const {
  std::vector<SourceCommit> commits;
  for (uint32_t s = 0; s < layout_.sources.size(); ++s) {
    const LedgerLayout::Source& source = layout_.sources[s];
    if (source.with_checkpoints && !checkpoint) continue;
    const Epoch epoch = source.with_checkpoints ? *checkpoint : complete(s);
    const Epoch to = safe(s, epoch);
    if (to <= committed_[s]) continue;
    SourceCommit commit{s, to, {}};
    for (const uint32_t task : source.tasks) {
      Positions positions;
      for (const Noted& noted : readings_[task].history) {
        if (noted.epoch <= to) positions = noted.positions;
      }
      commit.by_task.push_back(std::move(positions));
    }
    commits.push_back(std::move(commit));
  }
  return commits;
}

void Ledger::committed(const std::vector<SourceCommit>& commits) {
  for (const SourceCommit& commit : commits) {
    committed_[commit.source] = commit.epoch;
    for (const uint32_t task : layout_.sources[commit.source].tasks) {
      auto& history = readings_[task].history;
      while (history.size() > 1 && history[1].epoch <= commit.epoch) history.pop_front();
    }
  }
}

std::vector<uint32_t> Ledger::missing(Epoch epoch) const {
  std::vector<uint32_t> nodes;
  for (uint32_t node = 0; node < tasks_.size(); ++node) {
    if (progress(tasks_[node]) < epoch) nodes.push_back(node);
  }
  return nodes;
}

}  // namespace penstock
