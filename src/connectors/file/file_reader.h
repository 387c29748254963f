// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "connectors/file/file_set.h"
#include "connectors/file/gzip.h"
#include "record/arena.h"
#include "sdk/context.h"

namespace penstock {

/// Wakes a task as long as it lives. Thread-safe.
class WakeLink {
 public:
  explicit WakeLink(Waker* waker) : waker_(waker) {}
  void wake() {
    std::lock_guard lock(mutex_);
    if (waker_ != nullptr) waker_->wake();
  }
  void cut() {
    std::lock_guard lock(mutex_);
    waker_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Waker* waker_;  // guarded by mutex_
};

/// Reads one file range on the blocking pool, ahead of the task that takes the chunks. At most one
/// piece of work at a time; it keeps the reader alive. What the work alone touches needs no lock.
class FileReader : public std::enable_shared_from_this<FileReader> {
 public:
  struct Chunk {
    ArenaRef arena;
    const char* data = nullptr;
    size_t size = 0;
  };
  /// What a look at a followed file showed.
  struct Look {
    uint64_t size = 0;
    bool named = true;     ///< the path still leads to it
    bool cut_off = false;  ///< it is shorter than what was read
  };

  /// Plain files are read from one byte before `range.start.begin`, so that it can be seen whether
  /// a line starts there; packed ones from the byte itself, counted unpacked.
  FileReader(FileRange range, std::shared_ptr<WakeLink> link);
  ~FileReader();

  // Task side.

  /// Begins to fill `buffers`, up to the offset `stop_at` (at least one buffer). REQUIRES: !busy().
  void read(BlockingPool& pool, std::vector<ArenaRef> buffers, uint64_t stop_at);
  /// Reads one buffer on the task's own thread, from what the system has in memory: that is
  /// quicker than to hand the bytes over. Nothing if it would have to wait for the disk: then the
  /// pool has to read, once at first, and the longer the more often that happens.
  /// REQUIRES: no chunks, and reads_now().
  std::optional<Chunk> read_now(const ArenaRef& buffer, uint64_t stop_at);
  /// Whether read_now() is worth trying: nothing is under way, and it has not failed just now.
  bool reads_now() const;
  /// Begins to read all of the file as one chunk; more than `bytes_max` is left out, see size().
  void read_whole(BlockingPool& pool, ArenaPool& arenas, uint64_t bytes_max);
  bool busy() const;
  /// Nothing is under way, little is left to take, and the end has not been seen. Behind the range
  /// it wants more only if all that came was used up (`drained`).
  bool wants_more(bool drained) const;
  /// Forgets that the end was seen: the file has grown.
  void go_on();
  /// The work has come to the end of the file, or of the range.
  bool ended() const;
  /// The next chunk, if there is one.
  bool take(Chunk& out);
  /// Nothing more is to be had now: the end was reached and all chunks were taken.
  bool at_end() const;
  /// An error that ended the reading; given once.
  std::optional<Error> take_error();
  /// The head as the work saw it last; that of the range until then.
  FileHead head() const;
  /// Unpacked bytes that the work has met. Whole files: of all the file, even if too large.
  uint64_t size() const;
  /// The newest look; given once.
  std::optional<Look> take_look();
  void cancel() { cancelled_ = true; }

  /// On the blocking pool, while nothing is being read: looks at a followed file.
  void look();

 private:
  void run(std::vector<ArenaRef> buffers, uint64_t stop_at);
  void run_whole(ArenaPool& arenas, uint64_t bytes_max);
  Result<void> open();
  /// 0 = end of file.
  Result<size_t> fill(char* to, size_t size);
  Result<size_t> fill_plain(char* to, size_t size);
  Result<size_t> fill_unpacked(char* to, size_t size);
  void finish(std::optional<Error> error, bool end, bool passed = false);

  const FileRange range_;
  const std::shared_ptr<WakeLink> link_;
  std::atomic<bool> cancelled_{false};

  // Of the task: how often the pool reads before read_now() is tried again, of how many times in
  // all, and how often it has gone well since it failed.
  uint32_t pool_left_ = 0, pool_turns_ = 1, went_well_ = 0;

  // Of the work; of the task while there is no work.
  int fd_ = -1;
  uint64_t offset_ = 0;  // of the next byte to read from the file
  uint64_t met_ = 0;     // of the next byte to give out, unpacked
  std::unique_ptr<Gunzip> gunzip_;
  std::vector<char> packed_;
  size_t packed_at_ = 0, packed_size_ = 0;

  mutable std::mutex mutex_;
  std::deque<Chunk> chunks_;     // guarded by mutex_
  bool busy_ = false;            // guarded by mutex_
  bool end_ = false;             // guarded by mutex_: the end of the file was seen
  bool passed_ = false;          // guarded by mutex_: the last work reached its stop_at
  std::optional<Error> error_;   // guarded by mutex_
  FileHead head_;                // guarded by mutex_
  uint64_t size_ = 0;            // guarded by mutex_
  std::optional<Look> look_;     // guarded by mutex_
};

}  // namespace penstock
