// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <map>
#include <mutex>
#include <set>

#include "state/disk.h"

namespace penstock {
namespace {

std::string folder_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

Error absent_error(const std::string& path) {
  return errno_error(ENOENT, "cannot open '" + path + "'");
}

class MemoryDisk final : public Disk {
 public:
  Result<std::string> read(const std::string& path, uint64_t bytes_max) override {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(path);
    if (found == files_.end()) return absent_error(path);
    if (found->second.size() > bytes_max) {
      return stop_error("file-too-large", "'" + path + "' is longer than expected");
    }
    return found->second;
  }
  Result<void> write(const std::string& path, std::string_view bytes, bool) override {
    const std::lock_guard lock(mutex_);
    if (!folders_.contains(folder_of(path))) return absent_error(path);
    files_[path] = bytes;
    return {};
  }
  Result<void> rename(const std::string& from, const std::string& to, bool) override {
    const std::lock_guard lock(mutex_);
    if (!folders_.contains(folder_of(to))) return absent_error(to);
    auto node = files_.extract(from);
    if (node.empty()) return absent_error(from);
    files_[to] = std::move(node.mapped());
    return {};
  }
  Result<void> remove(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
    return {};
  }
  Result<bool> exists(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    return files_.contains(path) || folders_.contains(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    const std::lock_guard lock(mutex_);
    if (!folders_.contains(folder)) return absent_error(folder);
    std::vector<std::string> names;  // sorted, as the map is
    for (const auto& [path, bytes] : files_) {
      if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
    }
    return names;
  }
  Result<void> make_folders(const std::string& folder) override {
    const std::lock_guard lock(mutex_);
    for (std::string at = folder; folders_.insert(at).second && !at.empty();) at = folder_of(at);
    return {};
  }
  Result<std::shared_ptr<void>> lock(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    std::weak_ptr<void>& held = locks_[path];
    if (!held.expired()) {
      return stop_error("state-locked",
                        "the state folder '" + folder_of(path) + "' is in use by this process");
    }
    auto made = std::make_shared<char>();
    held = made;
    return std::shared_ptr<void>(std::move(made));
  }

 private:
  std::mutex mutex_;  // guards everything below
  std::map<std::string, std::string> files_;
  std::set<std::string> folders_;
  std::map<std::string, std::weak_ptr<void>> locks_;
};

}  // namespace

std::unique_ptr<Disk> make_memory_disk() { return std::make_unique<MemoryDisk>(); }

}  // namespace penstock
