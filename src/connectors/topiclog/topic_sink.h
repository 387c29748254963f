// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

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
  static constexpr int64_t kRetryFirstNs = 100'000'000; ///< pauses when the disk is full
  static constexpr int64_t kRetryMaxNs = 5'000'000'000;

  TopicSink(std::shared_ptr<const TopicSinkOptions> options,
            std::shared_ptr<TopicWriterMeeting> meeting)
      : options_(std::move(options)), meeting_(std::move(meeting)) {}
  ~TopicSink() override;
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  int64_t next_timer_ns() const override { return working_ || stopped_ ? kNever : retry_at_ns_; }
  bool full() const override { return accepted_ - written_ >= kPendingBytesMax; }
  SinkHandles prepare(Epoch epoch) override;
  Result<void> commit(Epoch epoch, const SinkHandles& handles) override;
  Result<void> recover(const SinkHandles& handles) override;

 private:
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
  struct Shared;

  static void run(Shared& shared);
  static Result<void> carry_out(Shared& shared, Order& order);
  uint32_t partition_of(const Record& record);
  void add(const Record& record);
  void close_body(uint32_t partition);
  void queue_all();
  void start(int64_t now_ns);
  void collect(int64_t now_ns, SinkOutput& out);
  void failed(const Error& error, int64_t now_ns, SinkOutput& out);

  const std::shared_ptr<const TopicSinkOptions> options_;
  const std::shared_ptr<TopicWriterMeeting> meeting_;
  TaskContext context_;
  std::shared_ptr<Shared> shared_;  // with the work under way
  std::vector<BatchBody> bodies_;   // by partition: the batch being filled
  std::vector<Order> next_;         // by partition: closed ones, not queued yet
  uint64_t next_bytes_ = 0;
  uint32_t keyless_ = 0;            // partition of records without key
  int64_t now_us_ = 0;              // for records without event time
  std::deque<Order> orders_;        // for the next work
  bool working_ = false;
  bool stopped_ = false;
  uint64_t accepted_ = 0;           // bytes taken in
  uint64_t written_ = 0;            // bytes that the kernel has
  int64_t retry_at_ns_ = kNever;    // the disk is full until then
  int64_t retry_pause_ns_ = kRetryFirstNs;
  std::vector<uint64_t> prepared_;  // ends of the epoch being delivered
};

}  // namespace penstock
