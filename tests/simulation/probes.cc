// SPDX-License-Identifier: Apache-2.0
#include "probes.h"

namespace penstock::simulation {

Result<void> ProbeDisk::write(const std::string& path, std::string_view bytes, bool sync) {
  const bool alive = !disk_.dead();
  auto result = disk_.write(path, bytes, sync);
  if (alive && disk_.dead()) {
    const bool snapshot = path.find("/snapshot-") != std::string::npos;
    died_at_ = snapshot ? Moment::kInsideSnapshotWrite : Moment::kInsideManifestWrite;
  }
  return result;
}

Result<void> ProbeDisk::rename(const std::string& from, const std::string& to, bool sync) {
  const bool alive = !disk_.dead();
  auto result = disk_.rename(from, to, sync);
  if (alive && disk_.dead() && to.ends_with("/manifest")) {
    died_at_ = Moment::kManifestNotRenamed;
    renaming_from_ = from;
  }
  return result;
}

Moment ProbeDisk::died_at() const {
  if (died_at_ != Moment::kManifestNotRenamed) return died_at_;
  const auto left = disk_.exists(renaming_from_);
  return left && !*left ? Moment::kManifestRenamed : died_at_;
}

Result<void> ProbeDisk::remove(const std::string& path) {
  const bool alive = !disk_.dead();
  auto result = disk_.remove(path);
  if (alive && disk_.dead() && path.find("/snapshot-") != std::string::npos) {
    died_at_ = Moment::kDroppingSnapshots;
  }
  return result;
}

Result<SnapshotRef> ProbeStore::write_snapshot(Epoch epoch, const std::string& stage,
                                               uint32_t task, const std::string& entries) {
  auto written = store_->write_snapshot(epoch, stage, task, entries);
  world_.protocol().snapshot_written(region_);
  return written;
}

Result<void> ProbeStore::publish(const Manifest& manifest) {
  auditor_.check_commit(region_, manifest);
  auto result = store_->publish(manifest);
  uint64_t handles = 0;
  for (const auto& [sink, names] : manifest.sinks) handles += !names.empty();
  const bool again = !result && result.error().reaction == Reaction::kRetryLater;
  world_.protocol().publish_ends(region_, result.has_value(), again, manifest.done,
                                 handles > 0 ? auditor_.two_phase_tasks(region_) : 0);
  auditor_.publish_tried(region_, manifest, result.has_value());
  return result;
}

}  // namespace penstock::simulation
