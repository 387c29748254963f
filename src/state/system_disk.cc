// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "state/disk.h"

namespace penstock {
namespace {

/// An open descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

Descriptor open_file(const std::string& path, int flags) {
  int fd;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  } while (fd < 0 && errno == EINTR);
  return Descriptor(fd);
}

std::string parent_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> sync_folder(const std::string& folder) {
  const Descriptor fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!fd.valid()) return errno_error(errno, "cannot open folder '" + folder + "'");
  // EINVAL: a file system without folder sync (it has nothing to lose either).
  if (::fsync(fd.get()) != 0 && errno != EINVAL) {
    return errno_error(errno, "cannot sync folder '" + folder + "'");
  }
  return {};
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(errno, "cannot write '" + path + "'");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

/// The lock file stays when the lock goes: removing it would race with the next process's open.
struct FileLock {
  Descriptor fd;
};

Error locked_error(int fd, const std::string& path) {
  char pid[32] = {};
  const ssize_t n = ::pread(fd, pid, sizeof pid - 1, 0);
  std::string holder(pid, n > 0 ? static_cast<size_t>(n) : 0);
  while (!holder.empty() && (holder.back() == '\n' || holder.back() == ' ')) holder.pop_back();
  return stop_error("state-locked",
                    "the state folder '" + parent_of(path) + "' is in use by " +
                        (holder.empty() ? "another process" : "process " + holder),
                    "stop the other run first, or give this one a state folder of its own");
}

class SystemDisk final : public Disk {
 public:
  Result<std::string> read(const std::string& path, uint64_t bytes_max) override {
    const Descriptor fd = open_file(path, O_RDONLY);
    if (!fd.valid()) return errno_error(errno, "cannot open '" + path + "'");
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return errno_error(errno, "cannot stat '" + path + "'");
    const uint64_t size = static_cast<uint64_t>(info.st_size);
    if (size > bytes_max) {
      return stop_error("file-too-large", "'" + path + "' has " + std::to_string(size) +
                                              " bytes; at most " + std::to_string(bytes_max) +
                                              " are expected");
    }
    std::string bytes(size, '\0');
    size_t at = 0;
    while (at < bytes.size()) {
      const ssize_t n = ::read(fd.get(), bytes.data() + at, bytes.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno_error(errno, "cannot read '" + path + "'");
      if (n == 0) break;
      at += static_cast<size_t>(n);
    }
    bytes.resize(at);
    return bytes;
  }

  Result<void> write(const std::string& path, std::string_view bytes, bool sync) override {
    const Descriptor fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd.valid()) return errno_error(errno, "cannot create '" + path + "'");
    PENSTOCK_TRY(write_all(fd.get(), bytes, path));
    if (sync && ::fdatasync(fd.get()) != 0) {
      return errno_error(errno, "cannot sync '" + path + "'");
    }
    return {};
  }

  Result<void> rename(const std::string& from, const std::string& to, bool sync) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return errno_error(errno, "cannot rename '" + from + "' to '" + to + "'");
    }
    if (!sync) return {};
    PENSTOCK_TRY(sync_folder(parent_of(to)));
    if (parent_of(from) != parent_of(to)) PENSTOCK_TRY(sync_folder(parent_of(from)));
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return errno_error(errno, "cannot remove '" + path + "'");
    }
    return {};
  }

  Result<bool> exists(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return errno_error(errno, "cannot look for '" + path + "'");
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    DIR* dir = ::opendir(folder.c_str());
    if (dir == nullptr) return errno_error(errno, "cannot list folder '" + folder + "'");
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(dir)) {
      bool file = entry->d_type == DT_REG;
      if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
        struct stat info{};
        file = ::fstatat(::dirfd(dir), entry->d_name, &info, 0) == 0 && S_ISREG(info.st_mode);
      }
      if (file) names.emplace_back(entry->d_name);
      errno = 0;
    }
    const int failed = errno;
    ::closedir(dir);
    if (failed != 0) return errno_error(failed, "cannot list folder '" + folder + "'");
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<void> make_folders(const std::string& folder) override {
    struct stat info{};
    if (::stat(folder.c_str(), &info) == 0) {
      if (S_ISDIR(info.st_mode)) return {};
      return errno_error(ENOTDIR, "cannot make folder '" + folder + "'");
    }
    const std::string parent = parent_of(folder);
    if (parent != folder) PENSTOCK_TRY(make_folders(parent));
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      return errno_error(errno, "cannot make folder '" + folder + "'");
    }
    return sync_folder(parent);
  }

  Result<std::shared_ptr<void>> lock(const std::string& path) override {
    auto held = std::make_shared<FileLock>(FileLock{open_file(path, O_RDWR | O_CREAT)});
    const int fd = held->fd.get();
    if (fd < 0) return errno_error(errno, "cannot open lock '" + path + "'");
    while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return locked_error(fd, path);
      return errno_error(errno, "cannot lock '" + path + "'");
    }
    // The pid is for people; a full disk must not keep a pipeline from starting to drain it.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, pid.data(), pid.size(), 0);
    return std::shared_ptr<void>(std::move(held));
  }
};

}  // namespace

std::unique_ptr<Disk> make_system_disk() { return std::make_unique<SystemDisk>(); }

}  // namespace penstock
