// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "config/schema.h"
#include "connectors/gather.h"
#include "sdk/sink.h"

namespace penstock {

enum class StdoutFraming : uint8_t { kLines, kRaw };

struct StdoutOptions {
  StdoutFraming framing = StdoutFraming::kLines;
  std::string delimiter = "\n";
  bool skip_empty = false;
};

const Schema<StdoutOptions>& stdout_schema();

/// A descriptor that several sinks write to, one at a time.
struct StdoutLine {
  std::mutex mutex;
  int fd = -1;
};

/// Gathers records and writes them on the blocking pool, one write at a time, so that a slow reader
/// of the pipe never stops a worker.
class StdoutSink final : public Sink {
 public:
  static constexpr size_t kWriteBytes = 32 << 10;     ///< a write starts at this many bytes
  static constexpr size_t kPendingBytesMax = 512 << 10;

  StdoutSink(std::shared_ptr<StdoutLine> line, Gather::Layout layout)
      : line_(std::move(line)), layout_(layout) {}
  ~StdoutSink() override;
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  int64_t next_timer_ns() const override { return flush_at_ns_; }
  bool full() const override { return accepted_ - written_ >= kPendingBytesMax; }
  void close() override;

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared, Gather& gather);
  void start();
  void collect(SinkOutput& out);

  std::shared_ptr<StdoutLine> line_;
  Gather::Layout layout_;
  TaskContext context_;
  std::shared_ptr<Shared> shared_;  // with the write that is under way
  std::unique_ptr<Gather> next_;    // what the next write takes
  bool writing_ = false;
  bool failed_ = false;
  uint64_t accepted_ = 0;  // bytes taken in
  uint64_t written_ = 0;   // bytes that the kernel has
  int64_t flush_at_ns_ = kNever;
  std::deque<std::pair<Epoch, uint64_t>> barriers_;  // and how much had been accepted before
};

}  // namespace penstock
