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
  std::string file;  ///< name inside the state folder
  uint64_t bytes = 0;
  uint64_t checksum = 0;  ///< XXH3 of the whole file
};

/// The commit point of a region: what is true once it is published. Small; rewritten whole.
struct Manifest {
  Epoch epoch = 0;                             ///< every epoch ≤ this is complete
  std::map<std::string, Positions> positions;  ///< by source stage
  std::vector<SnapshotRef> snapshots;          ///< prepared(epoch of the last checkpoint)
  Epoch checkpoint_epoch = 0;                  ///< the epoch of `snapshots` and `sinks`
  std::map<std::string, SinkHandles> sinks;    ///< by sink stage, all its tasks
  std::vector<std::string> rejects;  ///< "stage partition position" of records that caused resets
  bool done = false;                 ///< all input was read and delivered
  int64_t written_wall_us = 0;
  std::string plan_hash;  ///< of the stages that keep state: changed = refuse, with advice
};

/// A manifest that an outside may make the commit point, by naming its mark.
struct PreparedManifest {
  Manifest manifest;
  int64_t mark = -1;  ///< a checksum: differs for every manifest
};

/// The state folder of one region: manifest, snapshots, lock. Formats: docs/formats.md. Everything
/// that goes through it is checksummed and versioned; a file of a later version is refused
/// ("state-too-new"), a damaged one named ("state-damaged"). Not thread-safe except that publish()
/// and write_snapshot() may run on blocking-pool threads, one publish at a time; manifest() only
/// while no publish() runs.
class StateStore {
 public:
  /// Opens or creates `folder` and takes its lock; "state-locked" names the holder's pid. Removes
  /// what an earlier run left half-written; changes nothing if it refuses. `disk` must outlive it.
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
  /// then drops snapshots of its checkpoint epoch and before that it does not name. Blocking.
  /// After an error the commit point is the one before, except with code "state-unsettled": the
  /// disk may hold either, every later call fails, and only open() can tell.
  virtual Result<void> publish(const Manifest& manifest) = 0;
  /// Writes `manifest` beside the commit point, as durably, and returns its mark. One at a time:
  /// it replaces what was prepared before. Blocking.
  virtual Result<int64_t> prepare(const Manifest& manifest) = 0;
  /// What the last run prepared and did not publish; found by open().
  virtual const std::optional<PreparedManifest>& prepared() const = 0;
  /// Forgets everything (positions reset, start afresh). Atomic, as publish() is.
  virtual Result<void> reset() = 0;
};

/// The name of a region's folder: the region's name with every byte that is not a letter, a digit,
/// `_`, `-` or an inner `.` as %XX; a long one is cut and ends in its hash. Different names stay
/// different, and none leaves the folder that it is put into.
std::string region_folder_name(std::string_view region);

/// Collects a task's keyed state as bytes, one block per key group, so that a restore at another
/// parallelism takes only its own. One thread.
class SnapshotWriter final : public StateWriter {
 public:
  void put(std::string_view key, std::string_view value) override;
  /// The entries as a snapshot file holds them; the writer is empty afterwards.
  std::string take();

 private:
  std::vector<std::string> blocks_;  // by key group; each begins with room for its head
};

/// Reads entries of the key groups that `task` of `tasks` owns, from snapshots of any parallelism.
/// An empty string is a snapshot without entries. Blocks of other groups are skipped unread.
class SnapshotReader final : public StateReader {
 public:
  SnapshotReader(std::vector<std::string> snapshots, uint32_t task, uint32_t tasks)
      : snapshots_(std::move(snapshots)), task_(task), tasks_(tasks) {}
  /// Stops at the first error of `f`. "state-damaged" if a block is not what was written: entries
  /// of earlier blocks have been given then.
  Result<void> for_each(
      const std::function<Result<void>(std::string_view key, std::string_view value)>& f) override;

 private:
  std::vector<std::string> snapshots_;
  uint32_t task_;
  uint32_t tasks_;
};

}  // namespace penstock
