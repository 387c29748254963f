// SPDX-License-Identifier: Apache-2.0
// The part of SimDisk that has files that grow.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "state/sim_disk.h"

namespace penstock {
namespace {

constexpr size_t kBlockBytes = 512;  // what a disk writes whole or not at all

}  // namespace

class SimDisk::OpenFile final : public LogFile {
 public:
  OpenFile(SimDisk& disk, FilePtr file) : disk_(disk), file_(std::move(file)) {}
  Result<size_t> read_at(uint64_t at, char* to, size_t size) override {
    return disk_.read_at(*file_, at, to, size);
  }
  Result<uint64_t> size() override {
    const std::lock_guard lock(disk_.mutex_);
    PENSTOCK_TRY(disk_.check_alive("stat a file"));
    return uint64_t{file_->bytes.size()};
  }
  Result<void> append(std::span<const std::string_view> pieces) override {
    return disk_.append(*file_, pieces);
  }
  Result<void> truncate(uint64_t size) override { return disk_.truncate(*file_, size); }
  Result<void> sync() override { return disk_.sync(*file_); }

 private:
  SimDisk& disk_;
  const FilePtr file_;
};

Result<std::unique_ptr<LogFile>> SimDisk::open(const std::string& path, Open how) {
  const std::lock_guard lock(mutex_);
  auto found = entries_.find(path);
  if (found != entries_.end()) {
    PENSTOCK_TRY(check_alive("open '" + path + "'"));
  } else {
    const size_t slash = path.find_last_of('/');
    if (how == Open::kRead || !folders_.contains(path.substr(0, slash))) {
      PENSTOCK_TRY(check_alive("open '" + path + "'"));
      return errno_error(ENOENT, "cannot open '" + path + "'");
    }
    const Outcome outcome = decide_change("create '" + path + "'", false);
    if (outcome.fate != Fate::kNothing) set_entry(path, std::make_shared<File>());
    if (!outcome.result) return outcome.result.error();
    found = entries_.find(path);
  }
  return std::unique_ptr<LogFile>(std::make_unique<OpenFile>(*this, found->second));
}

Result<void> SimDisk::sync_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const Outcome outcome = decide_change("sync folder '" + folder + "'", false);
  if (outcome.fate == Fate::kDone) sync_entries(folder);
  return outcome.result;
}

Result<std::vector<std::string>> SimDisk::folders(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  PENSTOCK_TRY(check_alive("list folder '" + folder + "'"));
  std::vector<std::string> names;
  for (const std::string& path : folders_) {
    if (path.size() <= folder.size() + 1 || !path.starts_with(folder + "/")) continue;
    if (path.find('/', folder.size() + 1) == std::string::npos) {
      names.push_back(path.substr(folder.size() + 1));
    }
  }
  return names;
}

Result<void> SimDisk::remove_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const Outcome outcome = decide_change("remove folder '" + folder + "'", false);
  if (outcome.fate != Fate::kNothing) folders_.erase(folder);
  return outcome.result;
}

Result<size_t> SimDisk::read_at(const File& file, uint64_t at, char* to, size_t size) {
  const std::lock_guard lock(mutex_);
  PENSTOCK_TRY(check_alive("read a file"));
  if (at >= file.bytes.size()) return size_t{0};
  size = std::min<size_t>(size, file.bytes.size() - at);
  std::memcpy(to, file.bytes.data() + at, size);
  return size;
}

void SimDisk::begin_change(File& file) {
  if (file.dirty) return;
  file.dirty = file.appended = true;
  file.low = file.bytes.size();
}

Result<void> SimDisk::append(File& file, std::span<const std::string_view> pieces) {
  const std::lock_guard lock(mutex_);
  std::string bytes;
  for (const std::string_view piece : pieces) bytes.append(piece);
  const Outcome outcome = decide_change("append to a file", true);
  if (outcome.fate == Fate::kNothing) return outcome.result;
  if (outcome.fate == Fate::kPart) bytes.resize(random_.below(bytes.size() + 1));
  begin_change(file);
  file.bytes += bytes;
  return outcome.result;
}

Result<void> SimDisk::truncate(File& file, uint64_t size) {
  const std::lock_guard lock(mutex_);
  const Outcome outcome = decide_change("cut a file", false);
  if (outcome.fate == Fate::kNothing) return outcome.result;
  begin_change(file);
  file.bytes.resize(size);
  file.low = std::min<size_t>(file.low, size);
  return outcome.result;
}

Result<void> SimDisk::sync(File& file) {
  const std::lock_guard lock(mutex_);
  const Outcome outcome = decide_change("sync a file", false);
  if (outcome.fate != Fate::kDone) return outcome.result;
  file.synced = file.bytes;
  file.dirty = false;
  return outcome.result;
}

/// Any length between the old one and the new one; any block that differs is old, new or zeros.
std::string SimDisk::torn_end(const File& file) {
  const std::string& old = file.synced;
  const std::string& now = file.bytes;
  const size_t low = std::min(file.low, old.size()), high = std::max(old.size(), now.size());
  const uint64_t length = random_.below(4);
  std::string torn(length == 0 ? low : length == 1 ? high : low + random_.below(high - low + 1),
                   '\0');
  for (size_t at = 0; at < torn.size(); at += kBlockBytes) {
    const size_t size = std::min(kBlockBytes, torn.size() - at);
    const auto part = [&](const std::string& from) {
      return at < from.size() ? from.substr(at, size) : std::string();
    };
    const std::string before = part(old), after = part(now);
    const uint64_t choice = random_.below(3);
    // What a sync has confirmed and nobody has changed stays, whatever happens to its neighbours.
    size_t same = 0;
    while (same < before.size() && same < after.size() && before[same] == after[same]) ++same;
    std::string block = choice == 0 ? before : after;
    block.resize(size, '\0');
    if (choice == 2) std::fill(block.begin() + static_cast<ptrdiff_t>(same), block.end(), '\0');
    torn.replace(at, size, block);
  }
  return torn;
}

}  // namespace penstock
