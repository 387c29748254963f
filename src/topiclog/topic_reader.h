// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "record/arena.h"
#include "topiclog/partition_writer.h"

namespace penstock {

/// Whole batches that were read and found right, in an arena.
struct TopicChunk {
  struct Part {
    BatchHead head;
    std::string_view body;  ///< in `arena`
  };
  ArenaRef arena;
  std::vector<Part> parts;
  uint64_t next = 0;  ///< the offset behind the last part
};

/// Reads one partition forward. Opened segments stay readable when retention removes them. One
/// thread. All calls block.
class PartitionReader {
 public:
  PartitionReader(const TopicPlace& place, std::string folder)
      : place_(place), folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  /// The first offset that is there, and the one behind the last whole batch on the disk.
  Result<uint64_t> start();
  Result<uint64_t> scan_end();
  /// The next read begins with the batch that holds `offset`: its first records may be earlier
  /// ones. `offset` is at most `visible`. "topic-offset-gone" if retention has removed it.
  Result<void> seek(uint64_t offset, uint64_t visible);
  /// The first offset whose event time is `us` or later; `visible` if there is none.
  Result<uint64_t> find_time(int64_t us, uint64_t visible);
  /// The batches from the present place on, up to `visible`, about an arena full of them; no part
  /// at all only if there is none. "topic-damaged" for bytes that are not what was written.
  Result<TopicChunk> read(ArenaPool& arenas, uint64_t visible);
  /// Checksum of the batch that ends with `offset` − 1; 0 if it is not there. To tell a log that
  /// was cut and written anew from the one that was read.
  Result<uint64_t> mark_before(uint64_t offset, uint64_t visible);

 private:
  Result<void> open_segment(uint64_t base);
  Result<void> next_segment();
  Result<void> find_in(uint64_t offset);
  /// Where an index says that a search begins; where it says nothing, at the segment's start.
  void begin_at(const SegmentIndex::Entry* entry);
  Error gone(uint64_t offset, uint64_t first) const;
  Error damaged() const;
  void parse(TopicChunk& chunk, size_t got, uint64_t visible);

  const TopicPlace place_;
  const std::string folder_;
  std::unique_ptr<LogFile> file_;
  uint64_t base_ = 0;       // of the open segment
  uint64_t at_ = 0;         // byte where the next batch begins
  uint64_t next_ = 0;       // its first offset
  uint64_t next_bytes_ = 0;  // its size, if the last read showed it; else 0
};

/// A topic as a reader sees it: partitions, and how far each may be read. One thread. Any number of
/// processes.
class TopicReader {
 public:
  /// `folder` is the topic's. "topic-not-found" if there is none.
  static Result<std::unique_ptr<TopicReader>> open(const TopicPlace& place,
                                                   const std::string& folder);
  const TopicSettings& settings() const { return settings_; }
  PartitionReader& partition(uint32_t p) { return *partitions_[p]; }
  /// Offsets below it may be read. Cheap while a writer has run since the machine started.
  Result<uint64_t> visible(uint32_t p);
  /// What wait() of the tail is for; null until a writer has run since the machine started.
  std::shared_ptr<const Tail> tail();

 private:
  TopicReader(const TopicPlace& place, std::string folder)
      : place_(place), folder_(std::move(folder)) {}
  Result<void> scan();

  const TopicPlace place_;
  const std::string folder_;
  TopicSettings settings_;
  std::vector<std::unique_ptr<PartitionReader>> partitions_;
  std::shared_ptr<Tail> tail_;
  std::vector<uint64_t> scanned_;  // ends without a tail
};

}  // namespace penstock
