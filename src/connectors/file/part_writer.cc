// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/part_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "connectors/file/torn_end.h"

namespace penstock {
namespace {

constexpr mode_t kMode = 0666;  // less the user's umask

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return errno_error(errno, "cannot remove " + path);
  }
  return {};
}

bool take_number(std::string_view& text, uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const auto used = static_cast<size_t>(end - text.data());
  if (error != std::errc{} || used == text.size() || text[used] != ' ') return false;
  text.remove_prefix(used + 1);
  return true;
}

}  // namespace

std::string PartHandle::text() const {
  return std::string(done ? "done " : "open ") + std::to_string(length) + " " +
         std::to_string(task) + " " + std::to_string(part) + " " + path;
}

Result<PartHandle> PartHandle::parse(std::string_view text) {
  PartHandle handle;
  handle.done = text.starts_with("done ");
  uint64_t task = 0;
  std::string_view rest = text.substr(std::min<size_t>(5, text.size()));
  if ((!handle.done && !text.starts_with("open ")) || !take_number(rest, handle.length) ||
      !take_number(rest, task) || !take_number(rest, handle.part) || rest.empty()) {
    return stop_error("state-damaged",
                      "the commit point names a file part as '" + std::string(text) + "'",
                      "reset the state of this pipeline");
  }
  handle.task = static_cast<uint32_t>(task);
  handle.path = rest;
  return handle;
}

PartWriter::PartWriter(std::shared_ptr<const FileSinkOptions> options, PathTemplate path,
                       const TaskContext& context)
    : options_(std::move(options)),
      path_(std::move(path)),
      context_(context),
      folder_(path_.folder(context.stage)) {
  if (options_->compression == FileCompression::kGzip) {
    gzip_ = std::make_unique<Gzip>(options_->compression_level);
  }
}

PartWriter::~PartWriter() { close(); }

void PartWriter::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<void> PartWriter::open() {
  if (context_.tasks > 1 && !path_.has_task() && (!options_->shared || context_.exactly_once)) {
    return stop_error("one-file-many-tasks",
                      std::to_string(context_.tasks) + " tasks cannot write one file",
                      "put {task} into the path: out-{task}.ndjson");
  }
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) return errno_error(failed.value(), "cannot make the folder " + folder_);
  PENSTOCK_TRY(survey());
  return context_.exactly_once ? Result<void>() : open_plain();
}

/// Which parts are there: theirs are replaced, or ours come behind them.
Result<void> PartWriter::survey() {
  std::vector<std::string> mine;  // and, for the first task, those of tasks that are no more
  std::string newest;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failed)) {
    std::string name = entry.path().string();
    if (folder_ == ".") name = name.substr(2);
    const std::optional<PathTemplate::Numbers> numbers = path_.match(name, context_.stage);
    if (!numbers) continue;
    const bool orphan = numbers->task >= context_.tasks && context_.task == 0;
    if (numbers->task == context_.task || orphan) mine.push_back(name);
    if (numbers->task == context_.task && path_.has_part() && numbers->part >= part_) {
      part_ = numbers->part + 1;
      newest = name;
    }
  }
  if (failed) return errno_error(failed.value(), "cannot list " + folder_);
  if (context_.fresh && !options_->append) return replace_old(mine);
  // A kill may have cut the newest part in the middle of a record.
  if (!context_.exactly_once && !context_.fresh && !newest.empty()) return repair(newest);
  return {};
}

/// The user wants a new result: parts of an older, longer one must not stand beside it. The file
/// that this task opens is emptied there, and with two phases replaced at the commit.
Result<void> PartWriter::replace_old(const std::vector<std::string>& names) {
  part_ = 0;
  for (const std::string& name : names) {
    if (name != path(0)) PENSTOCK_TRY(remove_file(name));
  }
  return {};
}

Result<void> PartWriter::open_plain() {
  const std::string file = path(part_);
  struct stat status {};
  regular_ = stat(file.c_str(), &status) != 0 || S_ISREG(status.st_mode);
  PENSTOCK_TRY(lock(file));
  if (regular_ && !context_.fresh) PENSTOCK_TRY(repair(file));
  const bool first = !shared() || context_.task == 0;
  PENSTOCK_TRY(go_to_end(file, first && context_.fresh && !options_->append));
  if (!regular_ || length_ == 0 || !context_.fresh || !lines() || gzip_ != nullptr) return {};
  // What somebody else has written ends as it ends: our first line shall not be glued to it.
  Result<bool> ended = ends_with(file, options_->delimiter[0]);
  if (!ended) return unexpected(ended.error());
  if (*ended) return {};
  if (::write(fd_, options_->delimiter.data(), 1) != 1) {
    return errno_error(errno, "cannot write " + file);
  }
  ++length_;
  return {};
}

/// Opens a file that nobody else may write to (but for tasks that share it).
Result<void> PartWriter::lock(const std::string& file) {
  fd_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (shared() ? O_APPEND : 0), kMode);
  if (fd_ < 0) return errno_error(errno, "cannot open " + file);
  const int kind = shared() ? LOCK_SH : LOCK_EX;
  if (!regular_ || flock(fd_, kind | LOCK_NB) == 0 || errno != EWOULDBLOCK) return {};
  close();
  return stop_error("file-in-use", "somebody else is writing " + file,
                    "two sinks, or two pipelines, need two files");
}

Result<void> PartWriter::go_to_end(const std::string& file, bool empty_it) {
  off_t end = regular_ ? lseek(fd_, 0, SEEK_END) : 0;
  // One that is empty is left alone: ext4 writes out whatever was truncated to nothing when it is
  // closed, and its close would wait for all that we write (auto_da_alloc).
  if (empty_it && end > 0) {
    if (ftruncate(fd_, 0) != 0) {
      const int error = errno;
      close();
      return errno_error(error, "cannot empty " + file);
    }
    end = lseek(fd_, 0, SEEK_SET);
  }
  length_ = end < 0 ? 0 : static_cast<uint64_t>(end);
  begun_ = true;
  return sync_folder();
}

/// Opens the file of part_; with two phases a new one under its temporary name.
Result<void> PartWriter::begin_part() {
  if (fd_ >= 0) return {};
  const bool two_phase = context_.exactly_once;
  const std::string name = path(part_) + std::string(two_phase ? PartHandle::kUnpublished : "");
  PENSTOCK_TRY(lock(name));
  return go_to_end(name, two_phase);
}

/// New and renamed files survive power loss.
Result<void> PartWriter::sync_folder() {
  if (context_.durability != Durability::kPower) return {};
  const int fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "cannot open " + folder_);
  const int failed = fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return errno_error(failed, "cannot sync " + folder_);
  return {};
}

/// Cuts what a kill left behind the last complete record. With raw records nobody can tell.
Result<void> PartWriter::repair(const std::string& file) {
  if (gzip_ == nullptr && !lines()) return {};
  Result<uint64_t> end = gzip_ != nullptr ? last_member_end(file)
                                          : last_line_end(file, options_->delimiter[0]);
  if (!end) return unexpected(end.error());
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return errno_error(errno, "cannot look at " + file);
  const auto size = static_cast<uint64_t>(status.st_size);
  if (*end == size) return {};
  context_.log->info("cut off a record that a kill had left unfinished",
                     {{"stage", context_.stage}, {"path", file},
                      {"bytes", std::to_string(size - *end)}});
  if (truncate(file.c_str(), static_cast<off_t>(*end)) != 0) {
    return errno_error(errno, "cannot cut " + file);
  }
  return {};
}

Result<void> PartWriter::write(Gather& gather) {
  PENSTOCK_TRY(begin_part());
  if (gzip_ != nullptr) {
    if (!packed_all_) {
      for (const iovec& piece : gather.pieces()) {
        gzip_->add(static_cast<const char*>(piece.iov_base), piece.iov_len, packed_);
      }
      packed_all_ = true;
    }
    PENSTOCK_TRY(write_packed());
    packed_all_ = false;
    return {};
  }
  const int error = write_pieces(gather.pieces(), first_, length_, [&](iovec* pieces, int count) {
    const ssize_t wrote = writev(fd_, pieces, count);
    return wrote < 0 ? -static_cast<ssize_t>(errno) : wrote;
  });
  if (error != 0) return errno_error(error, "cannot write " + path(part_));
  first_ = 0;
  return {};
}

Result<void> PartWriter::write_packed() {
  while (packed_at_ < packed_.size()) {
    const ssize_t wrote = ::write(fd_, packed_.data() + packed_at_, packed_.size() - packed_at_);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error(errno, "cannot write " + path(part_));
    packed_at_ += static_cast<size_t>(wrote);
    length_ += static_cast<uint64_t>(wrote);
  }
  packed_.clear();
  packed_at_ = 0;
  return {};
}

Result<void> PartWriter::flush() {
  if (fd_ < 0) return {};
  if (gzip_ != nullptr) {
    gzip_->end_member(packed_);
    PENSTOCK_TRY(write_packed());
  }
  if (context_.durability == Durability::kPower && regular_ && fdatasync(fd_) != 0) {
    return errno_error(errno, "cannot sync " + path(part_));
  }
  return {};
}

Result<void> PartWriter::roll() {
  if (fd_ < 0 && (begun_ || !context_.exactly_once)) return {};
  PENSTOCK_TRY(begin_part());
  PENSTOCK_TRY(flush());
  if (context_.exactly_once) {
    done_.push_back({true, length_, context_.task, part_, path(part_)});
  }
  close();
  ++part_;
  length_ = 0;
  return {};
}

std::vector<PartHandle> PartWriter::handles() const {
  std::vector<PartHandle> all = done_;
  if (fd_ >= 0) all.push_back({false, length_, context_.task, part_, path(part_)});
  return all;
}

void PartWriter::forget_published(const std::vector<std::string>& paths) {
  std::erase_if(done_, [&](const PartHandle& part) {
    return std::find(paths.begin(), paths.end(), part.path) != paths.end();
  });
}

Result<void> PartWriter::publish(const std::vector<PartHandle>& parts) {
  bool renamed = false;
  for (const PartHandle& part : parts) {
    if (!part.done) continue;
    const std::string from = part.temporary();
    if (::rename(from.c_str(), part.path.c_str()) == 0) {
      renamed = true;
    } else if (errno != ENOENT) {  // not there: published before, perhaps fetched by its reader
      return errno_error(errno, "cannot rename " + from);
    }
  }
  return renamed ? sync_folder() : Result<void>();
}

Result<void> PartWriter::recover(const std::vector<PartHandle>& parts) {
  PENSTOCK_TRY(publish(parts));
  if (context_.task == 0) PENSTOCK_TRY(remove_strays(parts));
  for (const PartHandle& part : parts) {
    if (!part.done && part.task % context_.tasks == context_.task) PENSTOCK_TRY(adopt(part));
    if (part.task == context_.task) part_ = std::max(part_, part.part + (part.done ? 1 : 0));
  }
  begun_ = begun_ || !parts.empty();
  const bool replace = context_.fresh && !options_->append;
  if (fd_ >= 0 || path_.has_part() || replace) return {};
  struct stat status {};
  if (stat(path(0).c_str(), &status) != 0) return {};
  return stop_error("file-exists",
                    path(0) + " is there and complete: exactly_once cannot add to it",
                    "put {part} into the path, or set append: false to replace it");
}

/// Cuts the part back to its valid length. The task whose part it was goes on with it; that of a
/// task that is no more is published as it is, by the next commit.
Result<void> PartWriter::adopt(const PartHandle& part) {
  const std::string file = part.temporary();
  const bool mine = part.task == context_.task && part.path == path(part.part);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT && part.length == 0) return {};
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    if (error != ENOENT) return errno_error(error, "cannot open " + file);
    return stop_error("file-gone", file + " is missing; records were delivered into it",
                      "bring it back, or reset the state of this pipeline");
  }
  int error = 0;
  if (static_cast<uint64_t>(status.st_size) >= part.length) {
    error = ftruncate(fd, static_cast<off_t>(part.length)) == 0 ? 0 : errno;
  }
  ::close(fd);
  if (static_cast<uint64_t>(status.st_size) < part.length) {
    return stop_error("file-gone", file + " is shorter than what was delivered into it",
                      "bring it back, or reset the state of this pipeline");
  }
  if (error != 0) return errno_error(error, "cannot cut " + file);
  if (!mine) {
    // Not now: until the next commit the commit point calls it open.
    done_.push_back(part);
    done_.back().done = true;
    return {};
  }
  PENSTOCK_TRY(lock(file));
  part_ = part.part;
  return go_to_end(file, false);
}

/// Parts begun after the commit point: their records come again.
Result<void> PartWriter::remove_strays(const std::vector<PartHandle>& parts) {
  std::vector<std::string> strays;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failed)) {
    std::string name = entry.path().string();
    if (folder_ == ".") name = name.substr(2);
    if (!name.ends_with(PartHandle::kUnpublished)) continue;
    const std::string published = name.substr(0, name.size() - PartHandle::kUnpublished.size());
    if (!path_.match(published, context_.stage)) continue;
    const bool named = std::any_of(parts.begin(), parts.end(), [&](const PartHandle& part) {
      return !part.done && part.path == published;
    });
    if (!named) strays.push_back(std::move(name));
  }
  if (failed) return errno_error(failed.value(), "cannot list " + folder_);
  for (const std::string& name : strays) PENSTOCK_TRY(remove_file(name));
  return {};
}

}  // namespace penstock
