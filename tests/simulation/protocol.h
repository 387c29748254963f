// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "record/record.h"

namespace penstock::simulation {

/// Where in the protocol a crash can fall. The rows of the coverage table.
enum class Moment : uint8_t {
  kNothingCommittedYet,
  kBarrierAsked,          // no source has passed the newest barrier
  kBarrierAtSomeSources,
  kBarrierUnderWay,       // all sources passed it, some sink has not got it
  kSinkFlushes,           // a sink has a barrier that it has not confirmed
  kSomeSinksDelivered,
  kDeliveredUncommitted,  // all sinks confirmed it, no commit point says so
  kHeld,                  // a stage holds records beyond a barrier
  kParked,                // a record waits for its retry
  kRetried,               // it is with the sink again, and no barrier has settled it
  kDeadLettersOnTheWay,
  kSnapshotWaits,         // taken, not yet on disk
  kInsideSnapshotWrite,
  kSnapshotUnnamed,       // on disk, no commit point names it
  kInsideManifestWrite,
  kManifestNotRenamed,    // written under its temporary name
  kManifestRenamed,       // the process died before it knew
  kDroppingSnapshots,     // that the new commit point does not name
  kPublishedUntold,       // sources do not know
  kPublishRetry,          // the disk was full
  kPrepared,              // two-phase: handles reported, not in a commit point
  kCommitPointBeforeSinks,// two-phase: in a commit point, nothing published
  kSomeSinksPublished,    // two-phase: in a commit point, some of it published
  kSomeInputEnded,
  kAllInputEnded,
  kDonePublished,
  kResetDecided,
  kResetUnderWay,         // the old life is gone, the new one has not begun
  kRecovering,            // two-phase: while sinks are brought back to the commit point
  kRestoring,             // while stages get their state back
  kOpening,               // while sources open
  kDraining,
  kDrained,
  kReconfigured,          // first life at another parallelism, before its first commit
  kCount
};
inline constexpr size_t kMoments = static_cast<size_t>(Moment::kCount);
const char* to_string(Moment moment);

/// How often crashes fell on each moment.
using Coverage = std::array<uint64_t, kMoments>;

/// Watches a run from outside the engine, through what its components, store and disk are
/// asked to do, and knows where in the protocol each region stands. One thread.
class Protocol {
 public:
  void set_regions(std::map<std::string, uint32_t> region_of_stage);
  uint32_t region_of(const std::string& stage) const { return region_of_stage_.at(stage); }

  // What components see. `task` numbers the tasks of a stage.
  void source_opened(const std::string& stage, uint32_t task);
  void source_passed(const std::string& stage, uint32_t task);
  void source_ended(const std::string& stage, uint32_t task);
  void source_told(const std::string& stage);
  void sink_opened(const std::string& stage, uint32_t task);
  void sink_barrier(const std::string& stage, uint32_t task, Epoch epoch);
  void sink_delivered(const std::string& stage, uint32_t task, Epoch epoch);
  void sink_prepared(const std::string& stage, bool something);
  void sink_committed(const std::string& stage);
  /// How many retried records it has taken again and not confirmed.
  void sink_retries(const std::string& stage, uint32_t task, uint64_t records);
  void rejected(const std::string& stage);
  void dead_letter_came(const std::string& stage);
  void held(const std::string& stage, uint32_t task, bool some);
  void snapshot_taken(const std::string& stage);

  // What stores see.
  void snapshot_written(uint32_t region);
  /// `handles`: tasks of two-phase sinks that have something to publish.
  void publish_ends(uint32_t region, bool published, bool retried, bool done, uint64_t handles);

  // What the driver knows.
  void life_begins(uint32_t region, Epoch base);
  void epochs(uint32_t region, Epoch newest, Epoch committed, uint64_t parked);
  void reset_decided(uint32_t region, bool yes) { of(region).reset_decided = yes; }
  void draining(bool yes) { draining_ = yes; }
  void reconfigured(bool yes) { reconfigured_ = yes; }

  bool at(Moment moment) const;

 private:
  using Task = std::pair<std::string, uint32_t>;
  struct Source {
    Epoch passed = 0;
    bool ended = false;
  };
  struct Sink {
    Epoch barrier = 0;
    Epoch delivered = 0;
    uint64_t retried = 0;
  };
  struct Region {
    Epoch base = 0, newest = 0, committed = 0;
    uint64_t parked = 0;
    std::map<Task, Source> sources;
    std::map<Task, Sink> sinks;
    std::map<Task, bool> holds;
    int64_t snapshots_waiting = 0, snapshots_unnamed = 0;
    int64_t dead_letters = 0;
    uint64_t prepared = 0;
    uint64_t to_publish = 0, published = 0;
    bool untold = false, publish_retry = false, done = false, reset_decided = false;
    bool ever_committed = false;
  };
  Region& of(uint32_t region) { return regions_[region]; }
  Region& of(const std::string& stage) { return regions_[region_of(stage)]; }
  static bool at(const Region& region, Moment moment);

  std::map<std::string, uint32_t> region_of_stage_;
  std::map<uint32_t, Region> regions_;
  bool draining_ = false;
  bool reconfigured_ = false;
};

}  // namespace penstock::simulation
