// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/ordered_work.h"
#include "connectors/topiclog/topic_options.h"
#include "sdk/sink.h"
#include "topiclog/system_topics.h"
#include "topiclog/topic_writer.h"

namespace penstock {

/// Where the tasks of a sink stage get the one writer of their topic. Thread-safe.
class TopicWriterMeeting {
 public:
  struct Held {
    std::shared_ptr<SystemTopics> topics;  // outlives the writer
    std::shared_ptr<TopicWriter> writer;
  };
  /// Blocks. Makes the topic if need be.
  Result<std::shared_ptr<Held>> meet(const TopicSinkOptions& options, const TaskContext& context);

 private:
  std::mutex mutex_;
  std::weak_ptr<Held> held_;  // guarded by mutex_
};

/// Appends records to a topic, on the blocking pool. At least once: delivered is appended, and on
/// the disk where the policy is to sync. Exactly once: records show when the commit point that
/// names their end is made true, and go when it never is.
///
/// A full disk is waited out: the sink keeps what it has, takes no more, and tries again.
class TopicSink final : public Sink {
 public:
  static constexpr size_t kWriteBytes = 512 << 10;      ///< a write starts at this many bytes
  static constexpr size_t kPendingBytesMax = 8 << 20;   ///< beyond it the sink is full

  TopicSink(std::shared_ptr<const TopicSinkOptions> options,
            std::shared_ptr<TopicWriterMeeting> meeting)
      : options_(std::move(options)), meeting_(std::move(meeting)) {}
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  int64_t next_timer_ns() const override { return work_.retry_at_ns(); }
  bool full() const override { return accepted_ - work_.written() >= kPendingBytesMax; }
  SinkHandles prepare(Epoch epoch) override;
  Result<void> commit(Epoch epoch, const SinkHandles& handles) override;
  Result<void> recover(const SinkHandles& handles) override;

 private:
  /// What the blocking pool does.
  struct Work {
    /// One partition's batches, or a barrier.
    struct Order {
      uint32_t partition = 0;
      std::vector<BatchBody> batches;
      uint64_t bytes = 0;
      Epoch epoch = 0;  // != 0: a barrier
    };
    struct Reached {
      Epoch epoch = 0;
      std::vector<uint64_t> ends;
    };
    Result<void> carry_out(Order& order, WorkReport<Reached>& report);

    std::shared_ptr<TopicWriterMeeting::Held> held;
    bool two_phase = false;
    bool sync = false;     // a barrier syncs
    bool adopted = false;  // two_phase: what a crash left uncommitted is gone
  };

  uint32_t partition_of(const Record& record);
  void add(const Record& record);
  void close_body(uint32_t partition);
  void queue_all();
  void collect(int64_t now_ns, SinkOutput& out);

  const std::shared_ptr<const TopicSinkOptions> options_;
  const std::shared_ptr<TopicWriterMeeting> meeting_;
  TaskContext context_;
  OrderedWork<Work> work_;
  std::vector<BatchBody> bodies_;   // by partition: the batch being filled
  std::vector<Work::Order> next_;         // by partition: closed ones, not queued yet
  uint64_t next_bytes_ = 0;
  uint32_t keyless_ = 0;            // partition of records without key
  int64_t now_us_ = 0;              // for records without event time
  uint64_t accepted_ = 0;           // bytes taken in
  std::vector<uint64_t> prepared_;  // ends of the epoch being delivered
};

}  // namespace penstock
