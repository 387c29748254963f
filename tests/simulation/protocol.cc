// SPDX-License-Identifier: Apache-2.0
#include "protocol.h"

#include <algorithm>

namespace penstock::simulation {

const char* to_string(Moment moment) {
  switch (moment) {
    case Moment::kNothingCommittedYet: return "before the first commit";
    case Moment::kBarrierAsked: return "barrier asked for, no source passed it";
    case Moment::kBarrierAtSomeSources: return "barrier passed by some sources";
    case Moment::kBarrierUnderWay: return "barrier passed by all sources, not at every sink";
    case Moment::kSinkFlushes: return "a sink flushes for a barrier";
    case Moment::kSomeSinksDelivered: return "some sinks delivered an epoch, others not";
    case Moment::kDeliveredUncommitted: return "everything delivered, not committed";
    case Moment::kHeld: return "a stage holds records beyond a barrier";
    case Moment::kParked: return "a record is parked for a retry";
    case Moment::kRetried: return "a retried record is with its sink, not settled";
    case Moment::kDeadLettersOnTheWay: return "dead letters on their way";
    case Moment::kSnapshotWaits: return "snapshot taken, not written";
    case Moment::kInsideSnapshotWrite: return "inside the write of a snapshot";
    case Moment::kSnapshotUnnamed: return "snapshot written, not named by a commit point";
    case Moment::kInsideManifestWrite: return "inside the write of a manifest";
    case Moment::kManifestNotRenamed: return "manifest written, not renamed";
    case Moment::kManifestRenamed: return "manifest renamed, unknown to the process";
    case Moment::kDroppingSnapshots: return "while old snapshots are dropped";
    case Moment::kPublishedUntold: return "published, sources not told";
    case Moment::kPublishRetry: return "disk full, publish waits for its retry";
    case Moment::kPrepared: return "two-phase: prepared, in no commit point";
    case Moment::kCommitPointBeforeSinks: return "two-phase: in the commit point, not published";
    case Moment::kSomeSinksPublished: return "two-phase: published by some sinks";
    case Moment::kSomeInputEnded: return "some input has ended";
    case Moment::kAllInputEnded: return "all input has ended, not recorded";
    case Moment::kDonePublished: return "done marker published";
    case Moment::kResetDecided: return "reset decided";
    case Moment::kResetUnderWay: return "between the lives of a reset";
    case Moment::kRecovering: return "while sinks recover";
    case Moment::kRestoring: return "while state is restored";
    case Moment::kOpening: return "while sources open";
    case Moment::kDraining: return "during a drain";
    case Moment::kDrained: return "drained, not yet reconfigured";
    case Moment::kReconfigured: return "reconfigured, before the next commit";
    case Moment::kCount: break;
  }
  return "";
}

void Protocol::set_regions(std::map<std::string, uint32_t> region_of_stage) {
  region_of_stage_ = std::move(region_of_stage);
  regions_.clear();
}

void Protocol::source_opened(const std::string& stage, uint32_t task) {
  of(stage).sources[{stage, task}].passed = of(stage).base;
}
void Protocol::source_passed(const std::string& stage, uint32_t task) {
  ++of(stage).sources[{stage, task}].passed;
}
void Protocol::source_ended(const std::string& stage, uint32_t task) {
  of(stage).sources[{stage, task}].ended = true;
}
void Protocol::source_told(const std::string& stage) { of(stage).untold = false; }

void Protocol::sink_opened(const std::string& stage, uint32_t task) {
  const Epoch base = of(stage).base;
  of(stage).sinks[{stage, task}] = Sink{base, base, 0};
}
void Protocol::sink_barrier(const std::string& stage, uint32_t task, Epoch epoch) {
  of(stage).sinks[{stage, task}].barrier = epoch;
}
void Protocol::sink_delivered(const std::string& stage, uint32_t task, Epoch epoch) {
  of(stage).sinks[{stage, task}].delivered = epoch;
}
void Protocol::sink_prepared(const std::string& stage, bool something) {
  of(stage).prepared += something;
}
void Protocol::sink_committed(const std::string& stage) { ++of(stage).published; }
void Protocol::sink_retries(const std::string& stage, uint32_t task, uint64_t records) {
  of(stage).sinks[{stage, task}].retried = records;
}
void Protocol::rejected(const std::string& stage) { ++of(stage).dead_letters; }
void Protocol::dead_letter_came(const std::string& stage) {
  Region& region = of(stage);
  if (region.dead_letters > 0) --region.dead_letters;  // those that were given up were not counted
}
void Protocol::held(const std::string& stage, uint32_t task, bool some) {
  of(stage).holds[{stage, task}] = some;
}
void Protocol::snapshot_taken(const std::string& stage) { ++of(stage).snapshots_waiting; }

void Protocol::snapshot_written(uint32_t region) {
  --of(region).snapshots_waiting;
  ++of(region).snapshots_unnamed;
}

void Protocol::publish_ends(uint32_t region, bool published, bool retried, bool done,
                            uint64_t handles) {
  Region& r = of(region);
  r.publish_retry = retried;
  if (!published) return;
  r.snapshots_unnamed = 0;
  r.untold = true;
  r.ever_committed = true;
  r.done = done;
  r.to_publish = handles;
  r.published = 0;
  if (handles > 0) r.prepared = 0;
}

void Protocol::life_begins(uint32_t region, Epoch base) {
  const bool committed = of(region).ever_committed || base > 0;
  of(region) = Region{};
  of(region).base = of(region).newest = of(region).committed = base;
  of(region).ever_committed = committed;
}

void Protocol::epochs(uint32_t region, Epoch newest, Epoch committed, uint64_t parked) {
  Region& r = of(region);
  r.newest = newest;
  r.committed = committed;
  r.parked = parked;
}

bool Protocol::at(Moment moment) const {
  if (moment == Moment::kDraining) return draining_;
  if (moment == Moment::kReconfigured) return reconfigured_;
  return std::any_of(regions_.begin(), regions_.end(),
                     [&](const auto& each) { return at(each.second, moment); });
}

bool Protocol::at(const Region& r, Moment moment) {
  size_t passed = 0, ended = 0, got = 0, delivered = 0, flushing = 0;
  for (const auto& [task, source] : r.sources) {
    passed += source.ended || source.passed >= r.newest;
    ended += source.ended;
  }
  for (const auto& [task, sink] : r.sinks) {
    got += sink.barrier >= r.newest;
    delivered += sink.delivered >= r.newest;
    flushing += sink.delivered < sink.barrier;
  }
  const bool open = r.newest > r.committed;
  switch (moment) {
    case Moment::kNothingCommittedYet: return !r.ever_committed;
    case Moment::kBarrierAsked: return open && passed == 0;
    case Moment::kBarrierAtSomeSources: return open && passed > 0 && passed < r.sources.size();
    case Moment::kBarrierUnderWay:
      return open && passed == r.sources.size() && got < r.sinks.size();
    case Moment::kSinkFlushes: return flushing > 0;
    case Moment::kSomeSinksDelivered: return open && delivered > 0 && delivered < r.sinks.size();
    case Moment::kDeliveredUncommitted: return open && delivered == r.sinks.size();
    case Moment::kHeld:
      return std::any_of(r.holds.begin(), r.holds.end(), [](auto& h) { return h.second; });
    case Moment::kParked: return r.parked > 0;
    case Moment::kRetried:
      return std::any_of(r.sinks.begin(), r.sinks.end(),
                         [](auto& s) { return s.second.retried > 0; });
    case Moment::kDeadLettersOnTheWay: return r.dead_letters > 0;
    case Moment::kSnapshotWaits: return r.snapshots_waiting > 0;
    case Moment::kSnapshotUnnamed: return r.snapshots_unnamed > 0;
    case Moment::kPublishedUntold: return r.untold;
    case Moment::kPublishRetry: return r.publish_retry;
    case Moment::kPrepared: return r.prepared > 0;
    case Moment::kCommitPointBeforeSinks: return r.to_publish > 0 && r.published == 0;
    case Moment::kSomeSinksPublished: return r.published > 0 && r.published < r.to_publish;
    case Moment::kSomeInputEnded: return ended > 0 && ended < r.sources.size();
    case Moment::kAllInputEnded: return ended == r.sources.size() && !r.done && ended > 0;
    case Moment::kDonePublished: return r.done;
    case Moment::kResetDecided: return r.reset_decided;
    default: return false;
  }
}

}  // namespace penstock::simulation
