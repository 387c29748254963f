// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/file/part_writer.h"
#include "connectors/ordered_work.h"
#include "sdk/sink.h"

namespace penstock {

/// Writes records to files, on the blocking pool. Without exactly_once the file is visible from the
/// start and grows; with it, parts are published by commits.
///
/// A full disk is waited out: the sink keeps what it has, takes no more, and tries again.
class FileSink final : public Sink {
 public:
  static constexpr size_t kWriteBytes = 1 << 20;      ///< a write starts at this many bytes
  static constexpr size_t kPendingBytesMax = 4 << 20;   ///< beyond it the sink is full

  explicit FileSink(std::shared_ptr<const FileSinkOptions> options)
      : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  int64_t next_timer_ns() const override;
  bool full() const override { return accepted_ - work_.written() >= kPendingBytesMax; }
  void end(SinkOutput& out) override;
  SinkHandles prepare(Epoch epoch) override;
  Result<void> commit(Epoch epoch, const SinkHandles& handles) override;
  Result<void> recover(const SinkHandles& handles) override;

 private:
  /// What the blocking pool does.
  struct Work {
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
    Result<void> carry_out(Order& order, WorkReport<Reached>& report);

    std::unique_ptr<PartWriter> writer;
    bool two_phase = false;
    std::mutex mutex;
    std::vector<std::string> published;  // guarded by mutex: paths, for the writer to forget
  };

  void queue_bytes();
  void queue_roll();
  int64_t part_due_ns() const;
  void collect(int64_t now_ns, SinkOutput& out);

  std::shared_ptr<const FileSinkOptions> options_;
  Gather::Layout layout_;
  TaskContext context_;
  OrderedWork<Work> work_;
  std::unique_ptr<Gather> next_;    // not in an order yet
  uint64_t accepted_ = 0;           // bytes taken in
  uint64_t part_bytes_ = 0;         // taken in for the part of now
  int64_t part_begun_ns_ = kNever;  // when it got its first record
  std::vector<PartHandle> prepared_;  // of the epoch being delivered
};

}  // namespace penstock
