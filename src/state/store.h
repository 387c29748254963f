// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/record.h"
#include "sdk/context.h"
#include "sdk/sink.h"
#include "sdk/source.h"
#include "state/disk.h"

namespace penstock {

/// One task's snapshot as the manifest names it.
struct SnapshotRef {
  std::string stage;
  uint32_t task = 0;
  std::string file;    ///< name inside the state folder
  uint64_t bytes = 0;
  uint64_t checksum = 0;  ///< XXH3 of the whole file
};

/// The commit point of a region: what is true once it is published. Small; rewritten whole.
struct Manifest {
  Epoch epoch = 0;             ///< every epoch ≤ this is complete
  std::map<std::string, Positions> positions;      ///< by source stage
  std::vector<SnapshotRef> snapshots;              ///< prepared(epoch of the last checkpoint)
  Epoch checkpoint_epoch = 0;                      ///< the epoch of `snapshots` and `sinks`
  std::map<std::string, SinkHandles> sinks;        ///< by sink stage, all its tasks
  std::vector<std::string> rejects;  ///< "stage partition position" of records that caused resets
  bool done = false;           ///< all input was read and delivered
  int64_t written_wall_us = 0;
  std::string plan_hash;       ///< of the stages that keep state: changed = refuse, with advice
};

/// The state folder of one region: manifest, snapshots, lock. Formats: docs/formats.md. Everything
/// that goes through it is checksummed and versioned; a file of a later version is refused
/// ("state-too-new"), a damaged one named ("state-damaged"). Not thread-safe except that publish()
/// and write_snapshot() may run on blocking-pool threads, one publish at a time.
class StateStore {
 public:
  /// Opens or creates `folder` and takes its lock; "state-locked" names the holder's pid.
  static Result<std::unique_ptr<StateStore>> open(Disk& disk, const std::string& folder,
                                                  Durability durability);
  virtual ~StateStore() = default;

  /// The last published commit point; empty at a first start.
  virtual const std::optional<Manifest>& manifest() const = 0;
  /// Writes prepared(epoch) of one task. `entries` is what a SnapshotWriter made. Blocking.
  virtual Result<SnapshotRef> write_snapshot(Epoch epoch, const std::string& stage, uint32_t task,
                                             const std::string& entries) = 0;
  /// The entries of a snapshot, checked. Blocking.
  virtual Result<std::string> read_snapshot(const SnapshotRef& ref) = 0;
  /// Makes `manifest` the commit point, atomically (write, sync as the durability asks, rename),
  /// then drops snapshots that it does not name. Blocking.
  virtual Result<void> publish(const Manifest& manifest) = 0;
  /// Forgets everything (positions reset, start afresh).
  virtual Result<void> reset() = 0;
};

/// Collects a task's keyed state as bytes: entries with their key group, so that a restore at
/// another parallelism takes only its own.
class SnapshotWriter final : public StateWriter {
 public:
  void put(std::string_view key, std::string_view value) override;
  /// The entries; the writer is empty afterwards.
  std::string take();

 private:
  std::string entries_;
};

/// Reads entries of the key groups that `task` of `tasks` owns, from snapshots of any parallelism.
class SnapshotReader final : public StateReader {
 public:
  SnapshotReader(std::vector<std::string> snapshots, uint32_t task, uint32_t tasks)
      : snapshots_(std::move(snapshots)), task_(task), tasks_(tasks) {}
  Result<void> for_each(const std::function<Result<void>(std::string_view key,
                                                         std::string_view value)>& f) override;

 private:
  std::vector<std::string> snapshots_;
  uint32_t task_;
  uint32_t tasks_;
};

}  // namespace penstock
