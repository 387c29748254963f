// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_set.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace penstock {
namespace {

/// A range that several tasks share out is not cut smaller than this.
constexpr uint64_t kRangeBytesMin = 1 << 20;

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// The start of the line in which the byte before `offset` lies, or `offset` if that byte ends one.
Result<uint64_t> line_start(const std::string& path, uint64_t offset, char delimiter) {
  OpenFile file(path);
  if (file.fd() < 0) return errno_error(errno, "cannot open " + path);
  char bytes[4096];
  while (offset > 0) {
    const uint64_t from = offset > sizeof bytes ? offset - sizeof bytes : 0;
    const ssize_t got = pread(file.fd(), bytes, offset - from, static_cast<off_t>(from));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read " + path);
    const std::string_view view(bytes, static_cast<size_t>(got));
    const size_t at = view.rfind(delimiter);
    if (at != std::string_view::npos) return from + at + 1;
    offset = from;
  }
  return offset;
}

}  // namespace

Result<FileSet::Groups> FileSet::group(const Positions& restored) {
  Groups groups;
  for (const auto& [partition, value] : restored) {
    Result<FilePosition> position = FilePosition::parse(partition, value);
    if (!position) return unexpected(position.error());
    Group& group = groups[{position->path, position->inode}];
    if (!group.empty() && group[0].generation > position->generation) continue;
    if (!group.empty() && group[0].generation < position->generation) group.clear();
    group.push_back(std::move(*position));
  }
  return groups;
}

Result<std::vector<std::string>> FileSet::expand() const {
  if (!is_pattern(options_->path)) return std::vector<std::string>{options_->path};
  glob_t matches{};
  const int failed = ::glob(options_->path.c_str(), GLOB_NOSORT, nullptr, &matches);
  std::vector<std::string> paths(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  ::globfree(&matches);
  if (failed != 0 && failed != GLOB_NOMATCH) {
    return errno_error(errno, "cannot list " + options_->path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::optional<FileSet::Found>> FileSet::look(const std::string& path) const {
  const bool named = !is_pattern(options_->path);
  OpenFile file(path);
  if (file.fd() < 0) {
    if (errno == ENOENT && (!named || options_->follow)) return std::optional<Found>();
    Error error = errno_error(errno, "cannot open " + path);
    if (errno == ENOENT) error.code = "file-not-found";
    return error;
  }
  struct stat status {};
  if (fstat(file.fd(), &status) != 0) return errno_error(errno, "cannot look at " + path);
  if (!S_ISREG(status.st_mode)) {
    if (!named) return std::optional<Found>();
    return stop_error("not-a-file", path + " is not a regular file",
                      S_ISDIR(status.st_mode) ? "for all files of a folder: " + path + "/*"
                                              : "pipes can be read with the source stdin");
  }
  Result<FileHead> head = read_head(file.fd());
  if (!head) return unexpected(head.error());
  return std::optional<Found>(Found{path, status.st_dev, status.st_ino,
                                    static_cast<uint64_t>(status.st_size),
                                    nanoseconds(status.st_mtim), *head});
}

/// Whether a position was noted for the contents that the file has now.
bool FileSet::same_contents(const Found& found, const FilePosition& position) const {
  if (position.head.size == found.head.size) return position.head.hash == found.head.hash;
  if (position.head.size > found.head.size) return false;
  OpenFile file(found.path);
  if (file.fd() < 0) return false;
  const Result<FileHead> head = read_head(file.fd(), position.head.size);
  return head && *head == position.head;
}

FileSet::Group FileSet::still_valid(const Found& found, const Group& group) const {
  const bool gzip = is_gzip(options_->compression, found.path);
  Group valid;
  for (const FilePosition& position : group) {
    if (!gzip && position.at > found.size) continue;
    if (same_contents(found, position)) valid.push_back(position);
  }
  return valid;
}

/// Adds the positions of a file that has, or had, another name (the same inode), or that another
/// one has taken the place of (the same name; not for followed files, whose names change hands).
void FileSet::take_moved(const Found& found, Groups& unused, Group& group) const {
  for (const bool by_inode : {true, false}) {
    if (!by_inode && (options_->follow || !group.empty())) break;
    for (auto at = unused.begin(); at != unused.end();) {
      const auto& [path, inode] = at->first;
      Group valid;
      if (by_inode ? inode == found.inode : path == found.path) {
        valid = still_valid(found, at->second);
        // A file that had nothing in it looks like any other.
        std::erase_if(valid, [](const FilePosition& p) { return p.head.size == 0; });
      }
      group.insert(group.end(), valid.begin(), valid.end());
      at = valid.empty() ? std::next(at) : unused.erase(at);
    }
  }
}

Result<void> FileSet::restore(const Positions& restored) {
  Result<Groups> groups = group(restored);
  if (!groups) return unexpected(groups.error());
  Result<std::vector<std::string>> paths = expand();
  if (!paths) return unexpected(paths.error());
  // Those that still have their names first, so that others find only what is left.
  struct Known {
    Found found;
    Group group;
    uint32_t generation = 0;
  };
  std::vector<Known> all;
  std::lock_guard lock(mutex_);
  for (const std::string& path : *paths) {
    Result<std::optional<Found>> found = look(path);
    if (!found) return unexpected(found.error());
    if (!*found || !known_.try_emplace({(*found)->device, (*found)->inode}, all.size()).second) {
      continue;
    }
    Known known{std::move(**found), {}, 0};
    const auto group = groups->find({path, known.found.inode});
    if (group != groups->end()) {
      known.group = still_valid(known.found, group->second);
      known.generation = group->second[0].generation + (known.group.empty() ? 1 : 0);
      if (known.group.empty()) {
        context_.log->warn("a file has other contents than before: read from its start",
                           {{"stage", context_.stage}, {"path", path}});
      }
      groups->erase(group);
    }
    all.push_back(std::move(known));
  }
  for (Known& known : all) {
    take_moved(known.found, *groups, known.group);
    PENSTOCK_TRY(add_at_start(known.found, known.group, known.generation, restored.empty()));
  }
  if (paths->empty() && !options_->follow) {
    context_.log->warn("no file matches", {{"stage", context_.stage}, {"path", options_->path}});
  }
  return {};
}

/// Of a gap, what the file is known to have.
uint64_t FileSet::known_bytes(const File& file, const Stretch& gap) {
  return std::min(std::max(file.found.size, gap.begin), gap.end) - gap.begin;
}

/// REQUIRES: mutex_ is held.
void FileSet::add_gap(size_t file, Stretch gap) {
  files_[file].gaps.push_back(gap);
  left_ += known_bytes(files_[file], gap);
  next_ = std::min(next_, file);
}

/// REQUIRES: mutex_ is held.
Result<void> FileSet::add_at_start(const Found& found, const Group& group, uint32_t generation,
                                   bool first_start) {
  File file{found, generation, is_gzip(options_->compression, found.path), {}, {}};
  Intervals read;
  bool finished = false;
  for (const FilePosition& position : group) {
    const bool grown = position.torn && found.size > position.at && !file.gzip;
    read.add({position.begin, grown ? *position.torn : position.at});
    finished = finished || position.finished;
  }
  if (first_start && options_->from == FileFrom::kEnd && !is_unit(file.gzip)) {
    Result<uint64_t> end = line_start(found.path, found.size, options_->delimiter[0]);
    if (!end) return unexpected(end.error());
    read.add({0, *end});
  }
  const bool open = is_unit(file.gzip) || options_->follow;
  const bool unit_done = is_unit(file.gzip) && finished;
  add_base(file, read, group, unit_done);
  files_.push_back(std::move(file));
  if (unit_done) return {};
  for (const Stretch& gap : read.gaps(open ? kOpenEnd : found.size)) {
    add_gap(files_.size() - 1, gap);
  }
  return {};
}

/// Notes what was read before this run.
void FileSet::add_base(const File& file, const Intervals& read, const Group& group,
                       bool unit_done) {
  const bool unit = is_unit(file.gzip);
  std::vector<Stretch> stretches = read.all();
  if (unit_done && stretches.empty()) stretches.push_back({0, 0});  // an empty file
  for (const Stretch& stretch : stretches) {
    FilePosition p{file.found.path, file.found.inode, file.generation, stretch.begin, stretch.end,
                   {}, file.found.head, !unit || unit_done};
    for (const FilePosition& old : group) {
      if (old.torn && old.at == stretch.end) p.torn = old.torn;
    }
    base_[p.partition()] = p.position();
  }
}

bool FileSet::splits(const File& file) const {
  return context_.tasks > 1 && !is_unit(file.gzip);
}

std::optional<FileRange> FileSet::claim() {
  std::lock_guard lock(mutex_);
  while (next_ < files_.size() && files_[next_].gaps.empty()) ++next_;
  if (next_ == files_.size()) return std::nullopt;
  File& file = files_[next_];
  Stretch taken = file.gaps.front();
  file.gaps.pop_front();
  if (splits(file)) {
    // Ever smaller pieces, so that all tasks end at about the same time.
    const uint64_t fair = std::max(kRangeBytesMin, left_ / (2 * context_.tasks));
    const uint64_t piece = options_->range_bytes ? options_->range_bytes->bytes : fair;
    if (known_bytes(file, taken) > piece + piece / 2) {
      file.gaps.push_front({taken.begin + piece, taken.end});
      taken.end = taken.begin + piece;
    }
  }
  left_ -= known_bytes(file, taken);
  const Found& found = file.found;
  FilePosition start{found.path, found.inode, file.generation, taken.begin, taken.begin, {},
                     found.head, false};
  return FileRange{next_, std::move(start), taken.end, file.gzip};
}

void FileSet::done(size_t file, const FilePosition& position) {
  std::lock_guard lock(mutex_);
  if (files_[file].generation != position.generation) return;
  files_[file].done = position.at;
  files_[file].found.head = position.head;
}

FileRange FileSet::renew(const FileRange& old) {
  std::lock_guard lock(mutex_);
  File& file = files_[old.file];
  for (const Stretch& gap : file.gaps) left_ -= known_bytes(file, gap);
  file.gaps.clear();
  file.generation = std::max(file.generation, old.start.generation + 1);
  FileRange range = old;
  range.start = {old.start.path, old.start.inode, file.generation, 0, 0, {}, {}, false};
  range.end = kOpenEnd;
  return range;
}

void FileSet::rescan(int64_t now_ns) {
  std::unique_lock scanning(scanning_, std::try_to_lock);
  if (!scanning || now_ns - options_->follow_interval.ns() / 2 < scanned_ns_) return;
  scanned_ns_ = now_ns;
  const Result<std::vector<std::string>> paths = expand();
  for (size_t i = 0; paths && i < paths->size(); ++i) {
    const std::string& path = (*paths)[i];
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    {
      std::lock_guard lock(mutex_);
      const auto known = known_.find({status.st_dev, status.st_ino});
      if (known != known_.end()) {
        const File& file = files_[known->second];
        const int64_t modified_ns = nanoseconds(status.st_mtim);
        const bool same = file.found.size == static_cast<uint64_t>(status.st_size) &&
                          file.found.modified_ns == modified_ns && file.found.path == path;
        if (!file.done || same) continue;
      }
    }
    const Result<std::optional<Found>> found = look(path);
    if (!found) {
      context_.log->warn("a file is passed over", {{"stage", context_.stage},
                                                   {"error", to_string(found.error())}});
      continue;
    }
    if (!*found) continue;
    std::lock_guard lock(mutex_);
    const auto [at, fresh] = known_.try_emplace({(*found)->device, (*found)->inode}, files_.size());
    if (!fresh) {
      check_known(at->second, **found);
      continue;
    }
    files_.push_back({**found, 0, is_gzip(options_->compression, path), {}, {}});
    add_gap(files_.size() - 1, {0, kOpenEnd});
    context_.log->info("a new file is read", {{"stage", context_.stage}, {"path", path}});
  }
}

/// A file that was let go: has it grown, or is it another one with the same inode?
/// REQUIRES: mutex_ is held.
void FileSet::check_known(size_t index, const Found& found) {
  File& file = files_[index];
  if (!file.done) return;
  const uint64_t done = *file.done;
  FilePosition then;
  then.head = file.found.head;
  if (found.size >= done && same_contents(found, then)) {
    const FileHead head = file.found.head;
    file.found = found;  // perhaps under another name
    file.found.head = head;
    if (found.size == done) return;
    file.done.reset();
    add_gap(index, {done, kOpenEnd});
    return;
  }
  ++file.generation;
  file.found = found;
  file.done.reset();
  add_gap(index, {0, kOpenEnd});
}

Result<std::shared_ptr<FileSet>> FileSetMeeting::join(const TaskContext& context,
                                                      const Positions& restored) {
  std::lock_guard lock(mutex_);
  const bool fits = current_ != nullptr && joined_.size() == context.tasks &&
                    !joined_[context.task];
  if (!fits) {
    auto made = std::make_shared<FileSet>(options_, context);
    PENSTOCK_TRY(made->restore(restored));
    current_ = std::move(made);
    joined_.assign(context.tasks, false);
  }
  joined_[context.task] = true;
  return current_;
}

void FileSetMeeting::leave(const std::shared_ptr<FileSet>& set) {
  std::lock_guard lock(mutex_);
  if (current_ == set) current_ = nullptr;
}

}  // namespace penstock
