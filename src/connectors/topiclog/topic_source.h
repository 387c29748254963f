// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/topiclog/topic_options.h"
#include "connectors/topiclog/topic_watch.h"
#include "sdk/source.h"
#include "topiclog/system_topics.h"
#include "topiclog/topic_reader.h"

namespace penstock {

/// The consumer group of a source stage: its lock, and the positions that its tasks commit, written
/// one after the other on the blocking pool. Thread-safe.
class TopicGroup {
 public:
  TopicGroup(std::shared_ptr<SystemTopics> topics, std::string folder, std::string name)
      : topics_(std::move(topics)), folder_(std::move(folder)), name_(std::move(name)) {}
  /// Takes the lock and reads what the group has committed. Blocks.
  Result<void> open();
  const GroupOffsets& restored() const { return restored_; }
  /// True if save() should be called, by one caller, on the blocking pool.
  bool note(const GroupOffsets& offsets);
  /// Writes until nothing new was noted. The last error, if any.
  Result<void> save();

 private:
  const std::shared_ptr<SystemTopics> topics_;
  const std::string folder_, name_;
  std::shared_ptr<void> lock_;
  GroupOffsets restored_;
  std::mutex mutex_;
  GroupOffsets noted_;   // guarded by mutex_
  bool newer_ = false;   // guarded by mutex_: noted_ is not on the disk
  bool saving_ = false;  // guarded by mutex_
};

/// Where the tasks of a source stage find their group. Thread-safe.
class TopicGroupMeeting {
 public:
  Result<std::shared_ptr<TopicGroup>> meet(const std::shared_ptr<SystemTopics>& topics,
                                           const std::string& folder, const std::string& name);

 private:
  std::mutex mutex_;
  std::weak_ptr<TopicGroup> group_;  // guarded by mutex_
};

/// Reads the partitions of a topic whose number modulo the tasks is the task's. Chunks are read
/// ahead on the blocking pool; records are slices of them. At the end it waits for the writer's
/// word in shared memory.
class TopicSource final : public Source {
 public:
  static constexpr size_t kChunksMax = 16;  ///< read ahead, each about an arena

  TopicSource(std::shared_ptr<const TopicSourceOptions> options,
              std::shared_ptr<TopicGroupMeeting> meeting)
      : options_(std::move(options)), meeting_(std::move(meeting)) {}
  ~TopicSource() override;
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;
  void committed(const Positions& positions) override;
  void stop() override;

 private:
  struct Chunk {
    size_t at = 0;  // index into parts_
    TopicChunk chunk;
  };
  /// One partition of this task.
  struct Part {
    uint32_t partition = 0;
    uint64_t next = 0;            // the record that is given out next
    uint64_t mark = 0;            // checksum of the batch that holds next − 1; 0 = unknown
    uint64_t end = UINT64_MAX;    // where it ends; for ever, if it is followed
    uint64_t ahead = 0;           // read up to here; the work's, while there is work
    bool finished() const { return next >= end; }
  };
  struct Shared;

  Result<void> create(const SystemTopics& topics, const std::string& root);
  Result<void> open_part(Part& part, const Positions& restored);
  Result<uint64_t> begin_at(Part& part, const Positions& restored, uint64_t visible);
  Result<uint64_t> resume(Part& part, const std::string& position, uint64_t visible);
  Result<uint64_t> lost(uint64_t offset, uint64_t start, uint64_t visible, Error error);
  static void read_ahead(Shared& shared);
  static Result<bool> read_some(Shared& shared);
  void fill(BatchBuilder& builder);
  bool done() const;
  Result<Pull> rest();

  const std::shared_ptr<const TopicSourceOptions> options_;
  const std::shared_ptr<TopicGroupMeeting> meeting_;
  TaskContext context_;
  std::shared_ptr<Shared> shared_;  // with the work under way
  std::shared_ptr<TopicGroup> group_;
  std::vector<Part> parts_;
  std::deque<Chunk> chunks_;        // taken from the work
  size_t in_chunk_ = 0;             // the part of the first chunk that is given out
  size_t in_body_ = 0;              // byte of its body
  uint64_t offset_ = 0;             // of the record there
  bool working_ = false;
  TopicWatch watch_;
};

}  // namespace penstock
