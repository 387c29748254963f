// SPDX-License-Identifier: Apache-2.0
#include "expr/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace penstock {
namespace {

Result<std::string> read_open(int fd, const std::string& path) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return eval_error("cannot read " + path + ": " + strerror(errno));
  if (!S_ISREG(facts.st_mode)) return eval_error(path + " is not a regular file");
  std::string text(Machine::kFileBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = read(fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return eval_error("cannot read " + path + ": " + strerror(errno));
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  if (size > Machine::kFileBytesMax) return eval_error(path + " is longer than 1 MiB");
  text.resize(size);
  text.shrink_to_fit();
  return text;
}

Result<std::string> read_file(const std::string& path) {
  // Without O_NONBLOCK a pipe would wait for its writer.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return eval_error("cannot read " + path + ": " + strerror(errno));
  Result<std::string> text = read_open(fd, path);
  close(fd);
  return text;
}

}  // namespace

std::optional<std::string> Machine::environment(std::string_view name) const {
  const std::string key(name);
  if (own_ != nullptr) {
    if (const auto found = own_->find(key); found != own_->end()) return found->second;
  }
  const char* value = std::getenv(key.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<std::string> Machine::file(const std::string& path) const {
  const int64_t now_ns = clock_.monotonic_ns();
  const auto kept = std::find_if(kept_.begin(), kept_.end(),
                                 [&](const Kept& one) { return one.path == path; });
  if (kept != kept_.end()) {
    if (now_ns - kept->read_ns < kKeptNs) return kept->text;
    kept_.erase(kept);
  }
  if (kept_.size() == kFilesMax) kept_.erase(kept_.begin());
  kept_.push_back({path, read_file(path), now_ns});
  return kept_.back().text;
}

std::string Machine::host_name() const {
  char name[256] = "";
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

}  // namespace penstock
