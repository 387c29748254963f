// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/reports.h"
#include "runtime/element.h"

namespace penstock {

/// How far a source's reading may be recorded.
struct SourceCommit {
  uint32_t source = 0;            ///< index into LedgerLayout::sources
  Epoch epoch = 0;                ///< everything it read up to here is delivered
  std::vector<Positions> by_task; ///< as each of its tasks reported at that barrier
};

/// Who must report what, for each source of a region. Fixed while the region runs.
struct LedgerLayout {
  struct Source {
    std::string name;
    std::vector<uint32_t> tasks;       ///< nodes of the tasks that read it
    std::vector<uint32_t> reach_tasks; ///< nodes of all tasks its records can pass, with its own
    std::vector<uint32_t> reach_sinks; ///< sink nodes its records can end in
    /// Its records may sit in state: its positions move with checkpoints only.
    bool with_checkpoints = false;
  };
  std::vector<Source> sources;
  uint32_t tasks = 0;  ///< number of task nodes
  uint32_t sinks = 0;  ///< number of sink nodes
};

/// The book of epochs: which barrier has passed where, what is still held, and from that how far
/// each source's positions may be committed. Pure: no clock, no I/O, no threads.
///
/// For a source s and an epoch e that all tasks and sinks it reaches have reported,
///     safe(s, e) = min(e, min over those reports of floor − 1):
/// what was read up to safe(s, e) is neither in flight nor held by anyone.
class Ledger {
 public:
  /// When even the fastest source has this many incomplete epochs, no new barrier is sent; the open
  /// epoch grows instead.
  static constexpr uint32_t kOpenMax = 16;
  /// What a stuck sink may pile up while unrelated sources go on.
  static constexpr uint32_t kStuckMax = 4096;

  /// `start`: the epoch of the last commit; numbering goes on behind it.
  Ledger(LedgerLayout layout, Epoch start);

  bool can_open() const;
  /// Starts the next epoch's barrier, that of a checkpoint or not, and returns its number. Only the
  /// newest checkpoint may be in progress. REQUIRES: can_open().
  Epoch open(bool checkpoint = false);
  Epoch newest() const { return newest_; }

  void passed(const PassedReport& report);
  void delivered(const DeliveredReport& report);

  /// The newest epoch that everything reachable from the source has reported.
  Epoch complete(uint32_t source) const;
  /// safe(source, epoch). REQUIRES: epoch <= complete(source), and not older than both complete()
  /// and the newest checkpoint: reports from before those are forgotten.
  Epoch safe(uint32_t source, Epoch epoch) const;
  /// The newest epoch that every task and sink of the region has reported.
  Epoch complete() const;
  /// Everything has ended and everything is delivered.
  bool finished() const { return complete() == kFinalEpoch; }
  /// Everything read up to the newest barrier is delivered and nothing is held.
  bool settled() const;
  /// Some source's newest complete epoch is kept back by what a stage or a retry holds.
  bool holding() const;
  /// Some source's committed epoch is older than the newest barrier.
  bool behind() const;

  /// What may be committed now beyond what was: for sources without state, by delivered epochs; if
  /// `checkpoint` names a complete checkpoint epoch, for the others too.
  std::vector<SourceCommit> committable(std::optional<Epoch> checkpoint) const;
  /// These commits are durable: older reports are forgotten.
  void committed(const std::vector<SourceCommit>& commits);
  Epoch committed(uint32_t source) const { return committed_[source]; }

  /// Tasks that have not passed `epoch`.
  std::vector<uint32_t> missing(Epoch epoch) const;
  const LedgerLayout& layout() const { return layout_; }

 private:
  struct Mark {
    Epoch epoch;
    Epoch floor;
  };
  struct Node {
    std::deque<Mark> marks;  // ascending; the last is the progress
  };
  struct Noted {
    Epoch epoch;
    Positions positions;
    bool checkpoint;
  };
  struct Reading {
    uint32_t source;
    std::deque<Noted> history;  // ascending
  };
  void mark(Node& node, Epoch epoch, Epoch floor);
  static Epoch progress(const Node& node) { return node.marks.back().epoch; }
  static Epoch floor_at(const Node& node, Epoch epoch);
  static void thin(std::deque<Noted>& history);
  void forget();

  LedgerLayout layout_;
  Epoch newest_;
  Epoch checkpoint_ = kFinalEpoch;     // the newest
  std::vector<Node> tasks_;
  std::vector<Node> sinks_;
  std::vector<Reading> readings_;      // by task node; source == kNone for others
  std::vector<Epoch> committed_;       // by source
};

}  // namespace penstock
