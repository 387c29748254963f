// SPDX-License-Identifier: Apache-2.0
#include "state/sim_disk.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace penstock {
namespace {

std::string folder_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

Error absent_error(const std::string& path) {
  return errno_error(ENOENT, "cannot open '" + path + "'");
}

}  // namespace

struct SimDisk::LockTable {
  std::mutex mutex;
  std::set<std::string> held;
  uint64_t process = 1;  // a new one after every crash; locks of the dead release nothing
};

struct SimDisk::Lock {
  const std::shared_ptr<LockTable> table;
  const std::string path;
  const uint64_t process;
  Lock(std::shared_ptr<LockTable> t, std::string p)
      : table(std::move(t)), path(std::move(p)), process(table->process) {}
  Lock(const Lock&) = delete;
  ~Lock() {
    const std::lock_guard lock(table->mutex);
    if (process == table->process) table->held.erase(path);
  }
};

SimDisk::SimDisk(uint64_t seed, DiskFaults faults)
    : random_(seed), faults_(faults), locks_(std::make_shared<LockTable>()) {}

void SimDisk::crash(Crash how) {
  const std::lock_guard lock(mutex_);
  dead_ = false;
  die_at_ = UINT64_MAX;
  if (how == Crash::kPower) cut_power();
  const std::lock_guard table_lock(locks_->mutex);
  locks_->held.clear();
  ++locks_->process;
}

void SimDisk::set_faults(DiskFaults faults) {
  const std::lock_guard lock(mutex_);
  faults_ = faults;
}

uint64_t SimDisk::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void SimDisk::die_at_change(uint64_t n) {
  const std::lock_guard lock(mutex_);
  die_at_ = n;
}

bool SimDisk::dead() const {
  const std::lock_guard lock(mutex_);
  return dead_;
}

void SimDisk::flip(const std::string& path, uint64_t offset, uint8_t mask) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(path);
  CHECK(found != entries_.end());
  CHECK_LT(offset, found->second->bytes.size());
  found->second->bytes[offset] = static_cast<char>(found->second->bytes[offset] ^ mask);
  found->second->synced = found->second->bytes;
}

Result<void> SimDisk::check_alive(const std::string& what) {
  if (dead_) return make_error(Reaction::kCancelled, "crashed", "the simulated process is dead");
  if (random_.chance(faults_.failed, 1000)) return errno_error(EIO, "cannot " + what);
  return {};
}

/// Whether a change happens, and what its caller is told.
SimDisk::Outcome SimDisk::decide_change(const std::string& what, bool is_write) {
  if (auto alive = check_alive(what); !alive) return {Fate::kNothing, alive.error()};
  if (changes_++ == die_at_) {
    dead_ = true;
    const Fate fate = is_write ? Fate::kPart : random_.chance(1, 2) ? Fate::kDone : Fate::kNothing;
    return {fate, make_error(Reaction::kCancelled, "crashed", "the simulated process dies")};
  }
  if (is_write && random_.chance(faults_.full, 1000)) {
    return {Fate::kPart, errno_error(ENOSPC, "cannot " + what)};
  }
  if (is_write && random_.chance(faults_.torn, 1000)) {
    return {Fate::kPart, errno_error(EIO, "cannot " + what)};
  }
  if (random_.chance(faults_.failed_but_done, 1000)) {
    return {Fate::kDone, errno_error(EIO, "cannot " + what)};
  }
  return {};
}

Result<std::string> SimDisk::read(const std::string& path, uint64_t bytes_max) {
  const std::lock_guard lock(mutex_);
  PENSTOCK_TRY(check_alive("read '" + path + "'"));
  const auto found = entries_.find(path);
  if (found == entries_.end()) return absent_error(path);
  if (found->second->bytes.size() > bytes_max) {
    return stop_error("file-too-large", "'" + path + "' is longer than expected");
  }
  return found->second->bytes;
}

Result<void> SimDisk::write(const std::string& path, std::string_view bytes, bool sync) {
  const std::lock_guard lock(mutex_);
  if (!folders_.contains(folder_of(path))) return absent_error(path);
  Outcome outcome = decide_change("write '" + path + "'", true);
  if (outcome.fate == Fate::kNothing) return outcome.result;
  if (outcome.fate == Fate::kPart) bytes = bytes.substr(0, random_.below(bytes.size() + 1));
  auto found = entries_.find(path);
  if (found == entries_.end()) {
    set_entry(path, std::make_shared<File>());
    found = entries_.find(path);
  }
  File& file = *found->second;
  file.bytes = bytes;
  file.dirty = true;
  file.appended = false;
  if (sync && outcome.result) {
    file.synced = file.bytes;
    file.dirty = false;
  }
  return outcome.result;
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to, bool sync) {
  const std::lock_guard lock(mutex_);
  if (!dead_ && !entries_.contains(from)) return absent_error(from);
  if (!folders_.contains(folder_of(to))) return absent_error(to);
  const Outcome outcome = decide_change("rename '" + from + "' to '" + to + "'", false);
  if (outcome.fate == Fate::kNothing) return outcome.result;
  FilePtr file = entries_[from];
  set_entry(to, std::move(file));
  set_entry(from, nullptr);
  if (sync && outcome.result) {
    sync_entries(folder_of(to));
    sync_entries(folder_of(from));
  }
  return outcome.result;
}

Result<void> SimDisk::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const Outcome outcome = decide_change("remove '" + path + "'", false);
  if (outcome.fate != Fate::kNothing && entries_.contains(path)) set_entry(path, nullptr);
  return outcome.result;
}

Result<bool> SimDisk::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  PENSTOCK_TRY(check_alive("look for '" + path + "'"));
  return entries_.contains(path) || folders_.contains(path);
}

Result<std::vector<std::string>> SimDisk::list(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  PENSTOCK_TRY(check_alive("list folder '" + folder + "'"));
  if (!folders_.contains(folder)) return absent_error(folder);
  std::vector<std::string> names;
  for (const auto& [path, file] : entries_) {
    if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> SimDisk::make_folders(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  PENSTOCK_TRY(check_alive("make folder '" + folder + "'"));
  for (std::string at = folder; folders_.insert(at).second && !at.empty();) at = folder_of(at);
  return {};
}

Result<std::shared_ptr<void>> SimDisk::lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  PENSTOCK_TRY(check_alive("lock '" + path + "'"));
  const std::lock_guard table_lock(locks_->mutex);
  if (!locks_->held.insert(path).second) {
    return stop_error("state-locked", "the state folder '" + folder_of(path) +
                                          "' is in use by process " +
                                          std::to_string(locks_->process));
  }
  return std::shared_ptr<void>(std::make_shared<Lock>(locks_, path));
}

void SimDisk::set_entry(const std::string& path, FilePtr file) {
  const auto found = entries_.find(path);
  std::vector<FilePtr>& past = uncertain_[path];
  past.push_back(found == entries_.end() ? nullptr : found->second);
  if (file == nullptr) {
    entries_.erase(path);
  } else {
    entries_[path] = std::move(file);
  }
}

void SimDisk::sync_entries(const std::string& folder) {
  for (auto it = uncertain_.begin(); it != uncertain_.end();) {
    it = folder_of(it->first) == folder ? uncertain_.erase(it) : std::next(it);
  }
}

void SimDisk::cut_power() {
  for (auto& [path, past] : uncertain_) {
    const uint64_t choice = random_.below(past.size() + 1);
    if (choice == past.size()) continue;  // as it was last
    if (past[choice] == nullptr) {
      entries_.erase(path);
    } else {
      entries_[path] = past[choice];
    }
  }
  uncertain_.clear();
  std::set<File*> seen;
  for (auto& [path, file] : entries_) {
    if (!seen.insert(file.get()).second || !file->dirty) continue;
    file->bytes = file->appended ? torn_end(*file) : torn(*file);
    file->synced = file->bytes;
    file->dirty = false;
  }
}

std::string SimDisk::torn(const File& file) {
  std::string bytes = file.bytes;
  switch (random_.below(5)) {
    case 0:
      return file.synced;
    case 1:
      return "";
    case 2:
      return bytes.substr(0, random_.below(bytes.size() + 1));
    case 3: {
      const size_t from = random_.below(bytes.size() + 1);
      const size_t to = from + random_.below(bytes.size() - from + 1);
      std::fill(bytes.begin() + static_cast<ptrdiff_t>(from),
                bytes.begin() + static_cast<ptrdiff_t>(to), '\0');
      return bytes;
    }
    default:
      return bytes;
  }
}

}  // namespace penstock
