// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "auditor.h"
#include "state/sim_disk.h"
#include "state/store.h"
#include "world.h"

namespace penstock::simulation {

/// The simulated disk as a process sees it: passes everything on, and knows inside which call the
/// process died.
class ProbeDisk final : public Disk {
 public:
  explicit ProbeDisk(SimDisk& disk) : disk_(disk) {}
  /// Where the process died, if it died inside a call; kCount otherwise.
  /// REQUIRES: the disk works again, and is as the dead process left it.
  Moment died_at() const;
  void reborn() { died_at_ = Moment::kCount; }

  Result<std::string> read(const std::string& path, uint64_t bytes_max) override {
    return disk_.read(path, bytes_max);
  }
  Result<void> write(const std::string& path, std::string_view bytes, bool sync) override;
  Result<void> rename(const std::string& from, const std::string& to, bool sync) override;
  Result<void> remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    return disk_.list(folder);
  }
  Result<void> make_folders(const std::string& folder) override {
    return disk_.make_folders(folder);
  }
  Result<std::shared_ptr<void>> lock(const std::string& path) override {
    return disk_.lock(path);
  }

 private:
  SimDisk& disk_;
  Moment died_at_ = Moment::kCount;
  std::string renaming_from_;  // the rename that it died in
};

/// A region's store: passes everything on, and lets the auditor look at every commit point before
/// it is written.
class ProbeStore final : public StateStore {
 public:
  ProbeStore(std::unique_ptr<StateStore> store, uint32_t region, World& world, Auditor& auditor)
      : store_(std::move(store)), region_(region), world_(world), auditor_(auditor) {}
  const std::optional<Manifest>& manifest() const override { return store_->manifest(); }
  Result<SnapshotRef> write_snapshot(Epoch epoch, const std::string& stage, uint32_t task,
                                     const std::string& entries) override;
  Result<std::string> read_snapshot(const SnapshotRef& ref) override {
    return store_->read_snapshot(ref);
  }
  Result<void> publish(const Manifest& manifest) override;
  Result<int64_t> prepare(const Manifest& manifest) override { return store_->prepare(manifest); }
  const std::optional<PreparedManifest>& prepared() const override { return store_->prepared(); }
  Result<void> reset() override { return store_->reset(); }

 private:
  const std::unique_ptr<StateStore> store_;
  const uint32_t region_;
  World& world_;
  Auditor& auditor_;
};

}  // namespace penstock::simulation
