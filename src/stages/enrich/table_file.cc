// SPDX-License-Identifier: Apache-2.0
#include "stages/enrich/table_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/hash.h"

namespace penstock {
namespace {

/// A file changed so lately may change again within the same tick of its clock.
constexpr int64_t kTickUs = 2'000'000;

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  const int fd;
};

int64_t changed_ns(const struct stat& s) {
  return int64_t{s.st_mtim.tv_sec} * 1'000'000'000 + s.st_mtim.tv_nsec;
}

}  // namespace

Result<std::string> TableFile::read(Stamp& stamp) const {
  const auto unreadable = [&](const std::string& detail) {
    Error error = stop_error("unreadable-file", "cannot read the table " + path_);
    error.detail = detail;
    return error;
  };
  // Without O_NONBLOCK a pipe would wait for its writer.
  const Descriptor file(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat before {};
  if (file.fd < 0 || fstat(file.fd, &before) != 0) return unreadable(std::strerror(errno));
  if (!S_ISREG(before.st_mode)) return unreadable("it is not a regular file");
  stamp = {before.st_dev, before.st_ino, static_cast<uint64_t>(before.st_size),
           changed_ns(before)};
  std::string text;
  if (read_once_ && settled_ && stamp == seen_) return text;
  if (stamp.bytes > shape_.memory_max) {
    return unreadable("it is longer than memory_max, " + std::to_string(shape_.memory_max) +
                      " bytes");
  }
  text.resize(stamp.bytes + 1);  // one more: has it grown?
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(std::strerror(errno));
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  struct stat after {};
  if (fstat(file.fd, &after) != 0) return unreadable(std::strerror(errno));
  if (size != stamp.bytes || changed_ns(after) != stamp.changed_ns ||
      static_cast<uint64_t>(after.st_size) != stamp.bytes) {
    return unreadable("it changed while it was read; put a finished file in its place by rename");
  }
  text.resize(size);
  return text;
}

TableFile::Look TableFile::failed(Error error) {
  std::lock_guard lock(mutex_);
  error_ = std::move(error);
  return Look::kFailed;
}

TableFile::Look TableFile::look(int64_t wall_us) {
  std::lock_guard looking(looking_);
  Stamp stamp;
  const Result<std::string> text = read(stamp);
  if (!text) {
    read_once_ = false;
    return failed(text.error());
  }
  if (read_once_ && settled_ && stamp == seen_) return Look::kSame;
  const uint64_t content = hash64(*text);
  const bool same = read_once_ && content == content_ && stamp.bytes == seen_.bytes;
  seen_ = stamp;
  settled_ = wall_us - stamp.changed_ns / 1000 > kTickUs;
  content_ = content;
  read_once_ = true;
  if (same) return Look::kSame;
  Result<std::shared_ptr<const LookupTable>> table = LookupTable::read(*text, *codec_, shape_);
  if (!table) {
    Error error = table.error();
    error.message = "the table " + path_ + " cannot be used: " + error.message;
    return failed(std::move(error));
  }
  std::lock_guard lock(mutex_);
  table_ = std::move(*table);
  error_.reset();
  version_.fetch_add(1, std::memory_order_release);
  return Look::kRead;
}

std::shared_ptr<const LookupTable> TableFile::table() const {
  std::lock_guard lock(mutex_);
  return table_;
}

std::optional<Error> TableFile::error() const {
  std::lock_guard lock(mutex_);
  return error_;
}

bool TableFile::claim(int64_t now_ns, int64_t interval_ns) {
  int64_t next = next_ns_.load();
  return now_ns >= next && next_ns_.compare_exchange_strong(next, now_ns + interval_ns);
}

}  // namespace penstock
