// SPDX-License-Identifier: Apache-2.0
#include "state/store.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <set>

#include "base/hash.h"
#include "state/manifest.h"
#include "state/snapshot.h"

namespace penstock {
namespace {

constexpr const char* kManifestName = "manifest";
constexpr const char* kLockName = "lock";
constexpr const char* kTempName = "manifest.tmp";
constexpr const char* kPreparedName = "prepared";
constexpr const char* kPreparedTempName = "prepared.tmp";
constexpr std::string_view kTempSuffix = ".tmp";
constexpr std::string_view kSnapshotPrefix = "snapshot-";

/// "snapshot-EPOCH-SERIAL". The serial is new for every file ever written into a folder, so that a
/// write that comes late, after a reset, never touches a file that a manifest names.
struct SnapshotName {
  Epoch epoch = 0;
  uint64_t serial = 0;

  std::string text() const {
    return std::string(kSnapshotPrefix) + std::to_string(epoch) + "-" + std::to_string(serial);
  }
  static std::optional<SnapshotName> parse(std::string_view name) {
    if (!name.starts_with(kSnapshotPrefix)) return std::nullopt;
    name.remove_prefix(kSnapshotPrefix.size());
    const char* end = name.data() + name.size();
    SnapshotName parsed;
    auto epoch = std::from_chars(name.data(), end, parsed.epoch);
    if (epoch.ec != std::errc() || epoch.ptr == end || *epoch.ptr != '-') return std::nullopt;
    auto serial = std::from_chars(epoch.ptr + 1, end, parsed.serial);
    if (serial.ec != std::errc() || serial.ptr != end) return std::nullopt;
    return parsed;
  }
  auto operator<=>(const SnapshotName&) const = default;
};

int64_t mark_of(const std::string& bytes) {
  return static_cast<int64_t>(hash64(bytes) & INT64_MAX);
}

std::set<std::string> named_files(const std::optional<Manifest>& manifest) {
  std::set<std::string> names;
  if (manifest) {
    for (const SnapshotRef& ref : manifest->snapshots) names.insert(ref.file);
  }
  return names;
}

class FolderStore final : public StateStore {
 public:
  FolderStore(Disk& disk, std::string folder, Durability durability)
      : disk_(disk), folder_(std::move(folder)), sync_(durability == Durability::kPower) {}

  Result<void> open();
  const std::optional<Manifest>& manifest() const override { return manifest_; }
  Result<SnapshotRef> write_snapshot(Epoch epoch, const std::string& stage, uint32_t task,
                                     const std::string& entries) override;
  Result<std::string> read_snapshot(const SnapshotRef& ref) override;
  Result<void> publish(const Manifest& manifest) override;
  Result<int64_t> prepare(const Manifest& manifest) override;
  const std::optional<PreparedManifest>& prepared() const override { return prepared_; }
  Result<void> reset() override;

 private:
  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  Result<void> load_manifest();
  Result<void> load_prepared();
  Result<void> write_file(const std::string& file, const std::string& bytes);
  void clean(const std::vector<std::string>& names);
  Result<void> replace_manifest(const std::string& bytes);
  Result<void> settle(const std::string& bytes, const Error& failed);
  Result<std::string> read_manifest_file();
  Error unsettle(const Error& failed);
  void drop_unnamed(Epoch epoch_max);

  Disk& disk_;
  const std::string folder_;
  const bool sync_;
  std::shared_ptr<void> lock_;
  std::optional<Manifest> manifest_;
  std::string manifest_bytes_;      // as on disk; empty = none
  std::optional<PreparedManifest> prepared_;
  std::optional<Error> unsettled_;  // the disk may or may not have the last publish

  std::mutex mutex_;                  // write_snapshot() runs beside publish()
  std::set<SnapshotName> snapshots_;  // files that may be on disk; guarded by mutex_
  uint64_t next_serial_ = 1;          // guarded by mutex_
};

Result<void> FolderStore::open() {
  PENSTOCK_TRY(disk_.make_folders(folder_));
  auto lock = disk_.lock(path(kLockName));
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  auto names = disk_.list(folder_);
  if (!names) return names.error();
  const bool found = std::binary_search(names->begin(), names->end(), kManifestName);
  if (found) {
    PENSTOCK_TRY(load_manifest());
    for (const std::string& file : named_files(manifest_)) {
      if (std::binary_search(names->begin(), names->end(), file)) continue;
      return damaged_error(path(kManifestName), "it names '" + file + "', which is not there");
    }
  }
  if (std::binary_search(names->begin(), names->end(), kPreparedName)) {
    PENSTOCK_TRY(load_prepared());
  }
  // Before anything is written to that name: on some file systems a power cut during a rename
  // leaves one file under both names, and writing here would empty the manifest.
  PENSTOCK_TRY(disk_.remove(path(kTempName)));
  // What was read may still stand only in the page cache of a machine that has not crashed.
  if (found && sync_) PENSTOCK_TRY(replace_manifest(manifest_bytes_));
  clean(*names);
  return {};
}

Result<void> FolderStore::load_manifest() {
  auto bytes = disk_.read(path(kManifestName), kManifestBytesMax);
  if (!bytes) return bytes.error();
  auto decoded = decode_manifest(*bytes, path(kManifestName));
  if (!decoded) return decoded.error();
  manifest_ = std::move(*decoded);
  manifest_bytes_ = std::move(*bytes);
  return {};
}

Result<void> FolderStore::load_prepared() {
  auto bytes = disk_.read(path(kPreparedName), kManifestBytesMax);
  if (!bytes) return bytes.error();
  auto decoded = decode_manifest(*bytes, path(kPreparedName));
  if (!decoded) return decoded.error();
  prepared_ = PreparedManifest{std::move(*decoded), mark_of(*bytes)};
  return {};
}

Result<int64_t> FolderStore::prepare(const Manifest& manifest) {
  const std::string bytes = encode_manifest(manifest);
  PENSTOCK_TRY(disk_.write(path(kPreparedTempName), bytes, sync_));
  PENSTOCK_TRY(disk_.rename(path(kPreparedTempName), path(kPreparedName), sync_));
  return mark_of(bytes);
}

/// Only at open(): whatever no manifest names was never part of a commit point. What cannot be
/// removed now is tried again after a publish.
void FolderStore::clean(const std::vector<std::string>& names) {
  std::set<std::string> keep = named_files(manifest_);
  if (prepared_) keep.merge(named_files(prepared_->manifest));
  for (const std::string& name : names) {
    const bool temp = name.starts_with(kSnapshotPrefix) && name.ends_with(kTempSuffix);
    if (temp) (void)disk_.remove(path(name));
    const auto snapshot = SnapshotName::parse(name);
    if (!snapshot) continue;
    next_serial_ = std::max(next_serial_, snapshot->serial + 1);
    if (keep.contains(name) || !disk_.remove(path(name))) snapshots_.insert(*snapshot);
  }
}

Result<SnapshotRef> FolderStore::write_snapshot(Epoch epoch, const std::string& stage,
                                                uint32_t task, const std::string& entries) {
  SnapshotName name;
  {
    const std::lock_guard lock(mutex_);
    name = SnapshotName{epoch, next_serial_++};
    snapshots_.insert(name);
  }
  PENSTOCK_TRY(write_file(path(name.text()), entries));
  return SnapshotRef{stage, task, name.text(), entries.size(), hash64(entries)};
}

/// Under power durability the synced rename makes the file's name as durable as its bytes, before
/// a manifest names it.
Result<void> FolderStore::write_file(const std::string& file, const std::string& bytes) {
  const std::string temp = file + std::string(kTempSuffix);
  const std::string& target = sync_ ? temp : file;
  auto written = disk_.write(target, bytes, sync_);
  if (written && sync_) written = disk_.rename(temp, file, true);
  if (!written) (void)disk_.remove(target);  // it may have filled the disk
  return written;
}

Result<std::string> FolderStore::read_snapshot(const SnapshotRef& ref) {
  auto bytes = disk_.read(path(ref.file), ref.bytes);
  if (!bytes) {
    if (bytes.error().code != "file-too-large") return bytes.error();
    return damaged_error(path(ref.file), "it is longer than what was written");
  }
  if (bytes->size() != ref.bytes) return damaged_error(path(ref.file), "it is cut short");
  if (hash64(*bytes) != ref.checksum) {
    return damaged_error(path(ref.file), "its checksum does not match");
  }
  PENSTOCK_TRY(check_snapshot_head(*bytes, path(ref.file)));
  return bytes;
}

Result<void> FolderStore::publish(const Manifest& manifest) {
  if (unsettled_) return *unsettled_;
  const std::string bytes = encode_manifest(manifest);
  if (bytes.size() > kManifestBytesMax) {
    return stop_error("state-too-large", "the commit point needs " + std::to_string(bytes.size()) +
                                             " bytes; at most " +
                                             std::to_string(kManifestBytesMax) + " are written");
  }
  PENSTOCK_TRY(replace_manifest(bytes));
  manifest_ = manifest;
  manifest_bytes_ = bytes;
  prepared_.reset();
  drop_unnamed(manifest.checkpoint_epoch);
  return {};
}

Result<void> FolderStore::replace_manifest(const std::string& bytes) {
  PENSTOCK_TRY(disk_.write(path(kTempName), bytes, sync_));
  auto renamed = disk_.rename(path(kTempName), path(kManifestName), sync_);
  if (renamed) return {};
  return settle(bytes, renamed.error());
}

/// A rename that reports an error may have happened. Going on from the commit point before would
/// be wrong if the next start finds the new one, so find out, or make sure, or refuse to go on.
Result<void> FolderStore::settle(const std::string& bytes, const Error& failed) {
  const auto found = read_manifest_file();
  if (found && *found == manifest_bytes_ && bytes != manifest_bytes_) return failed;
  if (found && *found == bytes) {
    if (!sync_) return {};
    if (disk_.write(path(kTempName), bytes, true) &&
        disk_.rename(path(kTempName), path(kManifestName), true)) {
      return {};
    }
  }
  return unsettle(failed);
}

/// The bytes of the manifest; empty if there is none.
Result<std::string> FolderStore::read_manifest_file() {
  auto exists = disk_.exists(path(kManifestName));
  if (!exists) return exists.error();
  if (!*exists) return std::string();
  return disk_.read(path(kManifestName), kManifestBytesMax);
}

Error FolderStore::unsettle(const Error& failed) {
  unsettled_ = stop_error("state-unsettled",
                          "whether the commit point in '" + folder_ + "' was written is unknown",
                          "look after the disk, then start again: nothing is lost");
  unsettled_->detail = failed.message + ": " + failed.detail;
  return *unsettled_;
}

Result<void> FolderStore::reset() {
  if (unsettled_) return *unsettled_;
  if (std::exchange(prepared_, std::nullopt)) PENSTOCK_TRY(disk_.remove(path(kPreparedName)));
  if (manifest_) {
    // Renamed away first: removing could leave a manifest whose snapshots are gone.
    auto renamed = disk_.rename(path(kManifestName), path(kTempName), sync_);
    if (!renamed) {
      const auto found = read_manifest_file();
      if (found && *found == manifest_bytes_) return renamed.error();
      if (!found || sync_) return unsettle(renamed.error());
    }
    manifest_.reset();
    manifest_bytes_.clear();
    (void)disk_.remove(path(kTempName));  // the next open() does it otherwise
  }
  drop_unnamed(kNoEpoch);
  return {};
}

/// A file that cannot be removed now is tried again after the next publish.
void FolderStore::drop_unnamed(Epoch epoch_max) {
  const std::set<std::string> keep = named_files(manifest_);
  std::vector<SnapshotName> drop;
  {
    const std::lock_guard lock(mutex_);
    for (const SnapshotName& name : snapshots_) {
      if (name.epoch <= epoch_max && !keep.contains(name.text())) drop.push_back(name);
    }
  }
  for (const SnapshotName& name : drop) {
    if (!disk_.remove(path(name.text()))) continue;
    const std::lock_guard lock(mutex_);
    snapshots_.erase(name);
  }
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

void append_hex(std::string& out, uint64_t value, int digits) {
  while (digits-- > 0) out += "0123456789abcdef"[value >> (4 * digits) & 15];
}

}  // namespace

std::string region_folder_name(std::string_view region) {
  constexpr size_t kNameBytesMax = 120;
  std::string name;
  for (const char c : region) {
    if (is_plain(c) && !(c == '.' && name.empty())) {
      name += c;
    } else {
      name += '%';
      append_hex(name, static_cast<uint8_t>(c), 2);
    }
  }
  if (name.empty()) return "%";
  if (name.size() <= kNameBytesMax) return name;
  name.resize(kNameBytesMax);
  name += "%%";  // no other name has two
  append_hex(name, hash64(region), 16);
  return name;
}

Result<std::unique_ptr<StateStore>> StateStore::open(Disk& disk, const std::string& folder,
                                                     Durability durability) {
  auto store = std::make_unique<FolderStore>(disk, folder, durability);
  PENSTOCK_TRY(store->open());
  return std::unique_ptr<StateStore>(std::move(store));
}

}  // namespace penstock
