// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/torn_end.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "connectors/file/gzip.h"

namespace penstock {
namespace {

constexpr size_t kStepBytes = 64 << 10;

class File {
 public:
  explicit File(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), error_(errno) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  Result<uint64_t> size() const {
    struct stat status {};
    if (fd_ < 0) return errno_error(error_, "cannot open " + path_);
    if (fstat(fd_, &status) != 0) return errno_error(errno, "cannot look at " + path_);
    return static_cast<uint64_t>(status.st_size);
  }
  /// As many bytes as asked for; fewer only at the end of the file.
  Result<std::string_view> read(char* to, size_t size, uint64_t at) const {
    size_t have = 0;
    while (have < size) {
      const ssize_t got = pread(fd_, to + have, size - have, static_cast<off_t>(at + have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error(errno, "cannot read " + path_);
      if (got == 0) break;
      have += static_cast<size_t>(got);
    }
    return std::string_view(to, have);
  }

 private:
  const std::string& path_;
  int fd_;
  int error_;
};

}  // namespace

Result<uint64_t> last_line_end(const std::string& path, char delimiter) {
  File file(path);
  Result<uint64_t> size = file.size();
  if (!size) return size;
  std::vector<char> bytes(kStepBytes);
  for (uint64_t end = *size; end > 0;) {
    const uint64_t from = end > kStepBytes ? end - kStepBytes : 0;
    Result<std::string_view> read = file.read(bytes.data(), end - from, from);
    if (!read) return unexpected(read.error());
    const size_t at = read->rfind(delimiter);
    if (at != std::string_view::npos) return from + at + 1;
    end = from;
  }
  return uint64_t{0};
}

Result<bool> ends_with(const std::string& path, char delimiter) {
  File file(path);
  Result<uint64_t> size = file.size();
  if (!size) return unexpected(size.error());
  if (*size == 0) return true;
  char last = 0;
  Result<std::string_view> read = file.read(&last, 1, *size - 1);
  if (!read) return unexpected(read.error());
  return last == delimiter;
}

Result<uint64_t> last_member_end(const std::string& path) {
  File file(path);
  Result<uint64_t> size = file.size();
  if (!size) return size;
  std::vector<char> in(kStepBytes), out(kStepBytes);
  Gunzip gunzip;
  uint64_t complete = 0;
  for (uint64_t at = 0; at < *size;) {
    Result<std::string_view> read = file.read(in.data(), in.size(), at);
    if (!read) return unexpected(read.error());
    if (read->empty()) break;
    size_t used = 0;
    while (used < read->size()) {
      Result<Gunzip::Step> step =
          gunzip.step(read->data() + used, read->size() - used, out.data(), out.size());
      if (!step) return complete;  // a cut member, or nothing that gzip wrote
      used += step->used;
      if (gunzip.between_members()) complete = at + used;
    }
    at += used;
  }
  return complete;
}

}  // namespace penstock
