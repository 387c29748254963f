// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <memory>

#include "connectors/file/part_writer.h"
#include "sdk/sink.h"

namespace penstock {

/// Writes records to files, on the blocking pool. Without exactly_once the file is visible from the
/// start and grows; with it, parts are published by commits.
///
/// A full disk is waited out: the sink keeps what it has, takes no more, and tries again.
class FileSink final : public Sink {
 public:
  static constexpr size_t kWriteBytes = 256 << 10;      ///< a write starts at this many bytes
  static constexpr size_t kPendingBytesMax = 4 << 20;   ///< beyond it the sink is full
  static constexpr int64_t kRetryFirstNs = 100'000'000; ///< pauses when the disk is full
  static constexpr int64_t kRetryMaxNs = 5'000'000'000;

  explicit FileSink(std::shared_ptr<const FileSinkOptions> options)
      : options_(std::move(options)) {}
  ~FileSink() override;
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  int64_t next_timer_ns() const override;
  bool full() const override { return accepted_ - written_ >= kPendingBytesMax; }
  void end(SinkOutput& out) override;
  SinkHandles prepare(Epoch epoch) override;
  Result<void> commit(Epoch epoch, const SinkHandles& handles) override;
  Result<void> recover(const SinkHandles& handles) override;

 private:
  /// What is to be done, in order.
  struct Order {
    enum class Kind : uint8_t { kWrite, kRoll, kBarrier };
    Kind kind = Kind::kWrite;
    std::unique_ptr<Gather> gather;  // kWrite
    Epoch epoch = 0;                 // kBarrier
  };
  /// A barrier before which everything is written.
  struct Reached {
    Epoch epoch = 0;
    std::vector<PartHandle> parts;  // as they were at that moment
  };
  struct Shared;

  static void run(Shared& shared);
  static Result<void> carry_out(Shared& shared, Order& order);
  void queue_bytes();
  void queue_roll();
  int64_t part_due_ns() const;
  void start(int64_t now_ns);
  void collect(int64_t now_ns, SinkOutput& out);
  void failed(const Error& error, int64_t now_ns, SinkOutput& out);

  std::shared_ptr<const FileSinkOptions> options_;
  Gather::Layout layout_;
  TaskContext context_;
  std::shared_ptr<Shared> shared_;  // with the work under way
  std::unique_ptr<Gather> next_;    // not in an order yet
  std::deque<Order> orders_;        // for the next work
  bool working_ = false;
  bool stopped_ = false;            // after an error that cannot be waited out
  uint64_t accepted_ = 0;           // bytes taken in
  uint64_t written_ = 0;            // bytes that the kernel has
  uint64_t part_bytes_ = 0;         // taken in for the part of now
  int64_t part_begun_ns_ = kNever;  // when it got its first record
  int64_t retry_at_ns_ = kNever;    // the disk is full until then
  int64_t retry_pause_ns_ = kRetryFirstNs;
  std::vector<PartHandle> prepared_;  // of the epoch being delivered
};

}  // namespace penstock
