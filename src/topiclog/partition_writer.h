// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>

#include "base/clock.h"
#include "topiclog/chain.h"
#include "topiclog/settings.h"
#include "topiclog/tail.h"

namespace penstock {

/// What a topic log works with. All outlive it.
struct TopicPlace {
  LogDisk* disk = nullptr;
  TailStore* tails = nullptr;
  const Clock* clock = nullptr;
};

/// When what was appended may be read.
enum class Visible : uint8_t {
  kWritten,   ///< at once
  kDurable,   ///< after a sync
  kReleased,  ///< when release() says so
};

/// The one writer of a partition: appends whole batches, many at a write; shares syncs between all
/// who wait for one; begins new segments, without waiting for the disk to have the old ones, and
/// removes old ones. Thread-safe. All calls block.
///
/// After an error that leaves open what is on the disk, every call returns that error: open anew.
/// "disk-full" is not of these: what was written in part is cut off again.
class PartitionWriter {
 public:
  /// Finished segments that may wait for a sync; one more, and a new one waits for the oldest.
  static constexpr size_t kUnsyncedMax = 8;

  /// Finds out where the partition ends, cuts off what a crash left incomplete, and makes the rest
  /// safe. `folder` exists. "topic-damaged" if bytes that had been safe are not right any more;
  /// not so beyond `committed`, where a transaction may have been about to cut them off.
  static Result<std::unique_ptr<PartitionWriter>> open(const TopicPlace& place,
                                                       const std::string& folder,
                                                       const TopicSettings& settings,
                                                       uint32_t partition,
                                                       uint64_t committed = UINT64_MAX);

  /// Where appended batches show; before the first append. `visible` is the end so far.
  void show_in(std::shared_ptr<Tail> tail, Visible rule, uint64_t visible);
  /// Appends closed bodies, with one write, and gives the offset behind the last record.
  Result<uint64_t> append(std::span<BatchBody> batches);
  /// Everything appended before the call is on the disk. Concurrent calls share one sync.
  Result<void> sync();
  /// Cuts back to `offset`, which must be a batch's end, and syncs that. Nothing beyond `visible`
  /// may have been shown. "topic-damaged" if there is no batch that ends there.
  Result<void> cut(uint64_t offset);
  /// Visible::kReleased: offsets below `end` may be read.
  void release(uint64_t end);
  /// Removes the oldest segments as far as the topic's retention says. Each is unlinked, so that
  /// those who have it open read on.
  Result<void> retain();

  uint64_t start() const;
  uint64_t end() const;
  uint64_t visible() const;
  /// Bytes that were cut off at the opening.
  uint64_t torn_bytes() const { return torn_bytes_; }

 private:
  struct Sealed {
    uint64_t base = 0;
    uint64_t bytes = 0;
    int64_t appended_us = 0;
  };
  /// A finished segment that is not known to be on the disk.
  struct Unsynced {
    uint64_t base = 0;
    uint64_t end = 0;  // offset
    std::shared_ptr<LogFile> file;
  };
  PartitionWriter(const TopicPlace& place, std::string folder, const TopicSettings& settings,
                  uint32_t partition)
      : place_(place), folder_(std::move(folder)), settings_(settings), partition_(partition) {}
  using Lock = std::unique_lock<std::mutex>;
  Result<void> recover(uint64_t committed);
  Result<void> drop_lost(const std::vector<uint64_t>& bases);
  Result<void> begin_segment(uint64_t base);
  Result<void> roll();
  Result<void> write(std::span<BatchBody> batches);
  Result<void> sync_locked(Lock& lock, uint64_t upto);
  Result<void> sync_names();
  Result<void> sync_oldest(Lock& lock);
  Result<void> sync_all();
  Result<void> cut_file(uint64_t bytes);
  Result<void> drop_last_segment();
  Result<void> retain_locked();
  void show(uint64_t end);
  Error fail(Error error);
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  const TopicPlace place_;
  const std::string folder_;
  const TopicSettings settings_;
  const uint32_t partition_;
  uint64_t torn_bytes_ = 0;

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable synced_;
  std::shared_ptr<LogFile> file_;  // the last segment
  uint64_t base_ = 0;              // of the last segment
  SegmentIndex index_;             // of the last segment
  std::deque<Sealed> sealed_;      // the segments in front of it
  std::deque<Unsynced> unsynced_;  // the last of these
  uint64_t begun_ = 0;             // segments begun since the opening
  uint64_t folder_synced_ = 0;     // … and of these, those whose names are on the disk
  uint64_t durable_ = 0;           // all offsets below it are on the disk
  uint64_t durable_bytes_ = 0;     // and so many bytes of the last segment
  bool syncing_ = false;
  bool rolling_ = false;  // a roll began and has to be finished first
  std::shared_ptr<Tail> tail_;
  Visible rule_ = Visible::kWritten;
  uint64_t visible_ = 0;
  std::optional<Error> failed_;
};

}  // namespace penstock
