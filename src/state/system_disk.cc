// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "state/log_disk.h"

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

/// Names in a folder: of the files, or of the folders.
Result<std::vector<std::string>> names_in(const std::string& folder, bool of_files) {
  DIR* dir = ::opendir(folder.c_str());
  if (dir == nullptr) return errno_error(errno, "cannot list folder '" + folder + "'");
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(dir)) {
    bool file = entry->d_type == DT_REG, is_folder = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
      struct stat info{};
      const bool known = ::fstatat(::dirfd(dir), entry->d_name, &info, 0) == 0;
      file = known && S_ISREG(info.st_mode);
      is_folder = known && S_ISDIR(info.st_mode);
    }
    const std::string_view name = entry->d_name;
    if (of_files ? file : is_folder && name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int failed = errno;
  ::closedir(dir);
  if (failed != 0) return errno_error(failed, "cannot list folder '" + folder + "'");
  std::sort(names.begin(), names.end());
  return names;
}

class SystemLogFile final : public LogFile {
 public:
  SystemLogFile(Descriptor fd, std::string path, uint64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), end_(size) {}

  Result<size_t> read_at(uint64_t at, char* to, size_t size) override {
    size_t done = 0;
    while (done < size) {
      const ssize_t n = ::pread(fd_.get(), to + done, size - done, static_cast<off_t>(at + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno_error(errno, "cannot read '" + path_ + "'");
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return done;
  }
  Result<uint64_t> size() override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return errno_error(errno, "cannot stat '" + path_ + "'");
    return static_cast<uint64_t>(info.st_size);
  }
  Result<void> append(std::span<const std::string_view> pieces) override {
    std::vector<iovec> rest;
    for (const std::string_view& piece : pieces) {
      if (!piece.empty()) rest.push_back({const_cast<char*>(piece.data()), piece.size()});
    }
    for (size_t first = 0; first < rest.size();) {
      const size_t count = std::min<size_t>(rest.size() - first, IOV_MAX);
      ssize_t n = ::pwritev(fd_.get(), rest.data() + first, static_cast<int>(count),
                            static_cast<off_t>(end_));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno_error(errno, "cannot write '" + path_ + "'");
      end_ += static_cast<uint64_t>(n);
      for (; first < rest.size() && static_cast<size_t>(n) >= rest[first].iov_len; ++first) {
        n -= static_cast<ssize_t>(rest[first].iov_len);
      }
      if (first == rest.size()) break;
      rest[first].iov_base = static_cast<char*>(rest[first].iov_base) + n;
      rest[first].iov_len -= static_cast<size_t>(n);
    }
    return {};
  }
  Result<void> truncate(uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      return errno_error(errno, "cannot cut '" + path_ + "'");
    }
    end_ = size;
    return {};
  }
  Result<void> sync() override {
    if (::fdatasync(fd_.get()) == 0) return {};
    return errno_error(errno, "cannot sync '" + path_ + "'");
  }

 private:
  const Descriptor fd_;
  const std::string path_;
  uint64_t end_;  // where the next bytes go
};

// A process that makes a topic, or ends, lets go of its lock within that time.
constexpr int kLockWaitMs = 500;
constexpr int kLockPauseMs = 10;

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

class SystemDisk final : public LogDisk {
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
    return names_in(folder, true);
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
    int pauses = kLockWaitMs / kLockPauseMs;
    while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) {
        if (pauses-- == 0) return locked_error(fd, path);
        (void)::poll(nullptr, 0, kLockPauseMs);
        continue;
      }
      return errno_error(errno, "cannot lock '" + path + "'");
    }
    // The pid is for people; a full disk must not keep a pipeline from starting to drain it.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, pid.data(), pid.size(), 0);
    return std::shared_ptr<void>(std::move(held));
  }

  Result<std::unique_ptr<LogFile>> open(const std::string& path, Open how) override {
    Descriptor fd = open_file(path, how == Open::kRead ? O_RDONLY : O_RDWR | O_CREAT);
    if (!fd.valid()) return errno_error(errno, "cannot open '" + path + "'");
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return errno_error(errno, "cannot stat '" + path + "'");
    return std::unique_ptr<LogFile>(std::make_unique<SystemLogFile>(
        std::move(fd), path, static_cast<uint64_t>(info.st_size)));
  }

  Result<void> sync_folder(const std::string& folder) override {
    return penstock::sync_folder(folder);
  }

  Result<std::vector<std::string>> folders(const std::string& folder) override {
    return names_in(folder, false);
  }

  Result<void> remove_folder(const std::string& folder) override {
    if (::rmdir(folder.c_str()) == 0 || errno == ENOENT) return {};
    return errno_error(errno, "cannot remove folder '" + folder + "'");
  }
};

}  // namespace

std::unique_ptr<Disk> make_system_disk() { return std::make_unique<SystemDisk>(); }
std::unique_ptr<LogDisk> make_system_log_disk() { return std::make_unique<SystemDisk>(); }

}  // namespace penstock
