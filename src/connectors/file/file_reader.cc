// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

namespace penstock {
namespace {
constexpr size_t kPackedBytes = 64 << 10;
constexpr size_t kLineRestBytes = 16 << 10;
constexpr size_t kWholeStepBytes = 1 << 20;
// A file that comes from the disk is left to the pool nearly always, one of which some pages are
// not in memory nearly never.
constexpr uint32_t kPoolTurnsMax = 64;
constexpr uint32_t kWentWell = 16;
}  // namespace

FileReader::FileReader(FileRange range, std::shared_ptr<WakeLink> link)
    : range_(std::move(range)), link_(std::move(link)), head_(range_.start.head) {}

FileReader::~FileReader() {
  if (fd_ >= 0) ::close(fd_);
}

void FileReader::read(BlockingPool& pool, std::vector<ArenaRef> buffers, uint64_t stop_at) {
  {
    std::lock_guard lock(mutex_);
    CHECK(!busy_);
    busy_ = true;
    end_ = false;
  }
  if (pool_left_ > 0) --pool_left_;
  auto shared = std::make_shared<std::vector<ArenaRef>>(std::move(buffers));
  pool.submit([self = shared_from_this(), shared, stop_at] {
    self->run(std::move(*shared), stop_at);
  });
}

bool FileReader::reads_now() const {
  std::lock_guard lock(mutex_);
  return pool_left_ == 0 && !range_.gzip && !busy_ && !end_ && !passed_ && !error_ && fd_ >= 0;
}

std::optional<FileReader::Chunk> FileReader::read_now(const ArenaRef& buffer, uint64_t stop_at) {
  iovec to{buffer->data(), std::min<uint64_t>(buffer->capacity(), stop_at - met_)};
  const ssize_t got = preadv2(fd_, &to, 1, static_cast<off_t>(offset_), RWF_NOWAIT);
  if (got <= 0) {  // also at the end, and where the file system cannot do this
    pool_turns_ = std::min(pool_turns_ * 2, kPoolTurnsMax);
    pool_left_ = pool_turns_;
    went_well_ = 0;
    return std::nullopt;
  }
  if (++went_well_ == kWentWell) pool_turns_ = 1;
  offset_ += static_cast<size_t>(got);
  met_ += static_cast<size_t>(got);
  std::lock_guard lock(mutex_);
  size_ = met_;
  passed_ = met_ >= stop_at;
  return Chunk{buffer, buffer->data(), static_cast<size_t>(got)};
}

void FileReader::read_whole(BlockingPool& pool, ArenaPool& arenas, uint64_t bytes_max) {
  {
    std::lock_guard lock(mutex_);
    CHECK(!busy_);
    busy_ = true;
  }
  pool.submit([self = shared_from_this(), &arenas, bytes_max] {
    self->run_whole(arenas, bytes_max);
  });
}

bool FileReader::busy() const {
  std::lock_guard lock(mutex_);
  return busy_;
}

bool FileReader::wants_more(bool drained) const {
  std::lock_guard lock(mutex_);
  if (busy_ || end_ || error_) return false;
  return passed_ ? drained && chunks_.empty() : chunks_.size() <= 1;
}

void FileReader::go_on() {
  std::lock_guard lock(mutex_);
  end_ = false;
}

bool FileReader::ended() const {
  std::lock_guard lock(mutex_);
  return !busy_ && (end_ || passed_);
}

bool FileReader::take(Chunk& out) {
  std::lock_guard lock(mutex_);
  if (chunks_.empty()) return false;
  out = std::move(chunks_.front());
  chunks_.pop_front();
  return true;
}

bool FileReader::at_end() const {
  std::lock_guard lock(mutex_);
  return end_ && !busy_ && chunks_.empty();
}

std::optional<Error> FileReader::take_error() {
  std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

FileHead FileReader::head() const {
  std::lock_guard lock(mutex_);
  return head_;
}

uint64_t FileReader::size() const {
  std::lock_guard lock(mutex_);
  return size_;
}

std::optional<FileReader::Look> FileReader::take_look() {
  std::lock_guard lock(mutex_);
  return std::exchange(look_, std::nullopt);
}

Result<void> FileReader::open() {
  if (fd_ >= 0) return {};
  const FilePosition& start = range_.start;
  fd_ = ::open(start.path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (fd_ >= 0 && fstat(fd_, &status) != 0) {
    return errno_error(errno, "cannot look at " + start.path);
  }
  if ((fd_ < 0 && errno == ENOENT) || (fd_ >= 0 && status.st_ino != start.inode)) {
    return stop_error("file-gone", start.path + " was removed or replaced before it was read",
                      "bring it back, or reset the positions of this pipeline");
  }
  if (fd_ < 0) return errno_error(errno, "cannot open " + start.path);
  Result<FileHead> head = read_head(fd_);
  if (!head) return unexpected(head.error());
  (void)posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);  // only a wish
  if (range_.gzip) {
    gunzip_ = std::make_unique<Gunzip>();
    packed_.resize(kPackedBytes);
    met_ = 0;
  } else {
    offset_ = met_ = start.begin == 0 ? 0 : start.begin - 1;
  }
  std::lock_guard lock(mutex_);
  head_ = *head;
  return {};
}

Result<size_t> FileReader::fill_plain(char* to, size_t size) {
  for (;;) {
    const ssize_t got = pread(fd_, to, size, static_cast<off_t>(offset_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read " + range_.start.path);
    offset_ += static_cast<size_t>(got);
    return static_cast<size_t>(got);
  }
}

Result<size_t> FileReader::fill_unpacked(char* to, size_t size) {
  for (;;) {
    if (packed_at_ == packed_size_) {
      Result<size_t> got = fill_plain(packed_.data(), packed_.size());
      if (!got) return got;
      packed_at_ = 0;
      packed_size_ = *got;
      if (*got == 0 && gunzip_->between_members()) return size_t{0};
      if (*got == 0) {
        return stop_error("bad-gzip", range_.start.path + " ends inside a gzip member");
      }
    }
    Result<Gunzip::Step> step =
        gunzip_->step(packed_.data() + packed_at_, packed_size_ - packed_at_, to, size);
    if (!step) {
      Error error = step.error();
      error.message = range_.start.path + ": " + error.message;
      return error;
    }
    packed_at_ += step->used;
    if (step->made > 0) return step->made;
  }
}

Result<size_t> FileReader::fill(char* to, size_t size) {
  Result<size_t> got = range_.gzip ? fill_unpacked(to, size) : fill_plain(to, size);
  if (got) met_ += *got;
  return got;
}

/// Fills one buffer after the other.
void FileReader::run(std::vector<ArenaRef> buffers, uint64_t stop_at) {
  if (Result<void> opened = open(); !opened) return finish(opened.error(), false);
  for (ArenaRef& buffer : buffers) {
    if (cancelled_) return finish({}, false);
    size_t size = 0;
    const char* from = buffer->data();
    while (size < buffer->capacity()) {
      size_t wanted = buffer->capacity() - size;
      // Behind the range, only the rest of its last line is of interest.
      wanted = std::min<uint64_t>(wanted, met_ < stop_at ? stop_at - met_ : kLineRestBytes);
      const uint64_t before = met_;
      Result<size_t> got = fill(buffer->data() + size, wanted);
      if (!got) return finish(got.error(), false);
      if (*got == 0) {
        if (size > 0) {
          std::lock_guard lock(mutex_);
          chunks_.push_back({buffer, from, size});
        }
        return finish({}, true);
      }
      // A packed file cannot be entered in the middle: what was read in an earlier run is unpacked
      // once more and left.
      if (range_.gzip && met_ <= range_.start.begin) continue;
      if (range_.gzip && before < range_.start.begin) {
        const size_t old = range_.start.begin - before;
        memmove(buffer->data() + size, buffer->data() + size + old, *got - old);
        size += *got - old;
      } else {
        size += *got;
      }
      if (met_ >= stop_at) break;
    }
    {
      std::lock_guard lock(mutex_);
      chunks_.push_back({buffer, from, size});
    }
    if (met_ >= stop_at) break;
    link_->wake();  // the task can begin while the next one is filled
  }
  finish({}, false, met_ >= stop_at);
}

void FileReader::run_whole(ArenaPool& arenas, uint64_t bytes_max) {
  if (Result<void> opened = open(); !opened) return finish(opened.error(), false);
  struct stat status {};
  if (fstat(fd_, &status) != 0) {
    return finish(errno_error(errno, "cannot look at " + range_.start.path), false);
  }
  // One byte more than there seems to be shows the end without another buffer.
  size_t room = std::min<uint64_t>(bytes_max, static_cast<uint64_t>(status.st_size)) + 1;
  ArenaRef arena = arenas.get(room);
  size_t size = 0;
  for (;;) {
    if (cancelled_) return finish({}, false);
    if (size > bytes_max) {  // too large: only how large is still of interest
      size = 0;
      arena = {};
    }
    std::vector<char> rest;
    char* to = nullptr;
    if (!arena) {
      rest.resize(kWholeStepBytes);
      to = rest.data();
      room = rest.size();
      size = 0;
    } else {
      if (size == arena->capacity()) {
        ArenaRef larger = arenas.get(std::min<uint64_t>(2 * size, bytes_max + 1));
        memcpy(larger->data(), arena->data(), size);
        arena = larger;
      }
      to = arena->data() + size;
      room = arena->capacity() - size;
    }
    Result<size_t> got = fill(to, room);
    if (!got) return finish(got.error(), false);
    if (*got == 0) break;
    size += *got;
  }
  if (arena) {
    std::lock_guard lock(mutex_);
    chunks_.push_back({arena, arena->data(), size});
  }
  finish({}, true);
}

void FileReader::finish(std::optional<Error> error, bool end, bool passed) {
  {
    std::lock_guard lock(mutex_);
    busy_ = false;
    end_ = end;
    error_ = std::move(error);
    size_ = met_;
    passed_ = passed;
  }
  link_->wake();
}

void FileReader::look() {
  struct stat mine {}, named {};
  if (fd_ < 0 || fstat(fd_, &mine) != 0) return;
  Look look;
  look.size = static_cast<uint64_t>(mine.st_size);
  look.cut_off = look.size < offset_;
  look.named = stat(range_.start.path.c_str(), &named) == 0 && named.st_ino == mine.st_ino &&
               named.st_dev == mine.st_dev;
  const FileHead before = head();
  FileHead now = before;
  if (look.size != offset_ && !look.cut_off) {
    // It may have been cut off and have grown again since the last look.
    if (const Result<FileHead> read = read_head(fd_)) now = *read;
    const Result<FileHead> same = read_head(fd_, before.size);
    look.cut_off = same && *same != before;
  }
  std::lock_guard lock(mutex_);
  if (!look.cut_off) head_ = now;
  look_ = look;
}

}  // namespace penstock
