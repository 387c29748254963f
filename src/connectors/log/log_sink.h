// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "config/schema.h"
#include "sdk/sink.h"

namespace penstock {

class Catalog;

/// The sink `log`.
void register_log(Catalog& catalog);

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  uint64_t every = 1;
  ByteSize bytes_max = kibibytes(4);
};

const Schema<LogOptions>& log_schema();

/// Writes records as lines of the program's log. A log may be slow, so that lines are written on
/// the blocking pool, one batch at a time.
class LogSink final : public Sink {
 public:
  static constexpr size_t kBatchesMax = 16;  ///< waiting to be logged

  explicit LogSink(std::shared_ptr<const LogOptions> options) : options_(std::move(options)) {}
  ~LogSink() override;
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  bool full() const override { return accepted_ - logged_ >= kBatchesMax; }

 private:
  struct Shared;
  static void run(Shared& shared, const std::deque<Batch>& batches);
  void start();
  void collect(SinkOutput& out);

  std::shared_ptr<const LogOptions> options_;
  TaskContext context_;
  std::shared_ptr<Shared> shared_;  // with the work under way
  std::deque<Batch> waiting_;
  bool working_ = false;
  uint64_t accepted_ = 0;  // batches
  uint64_t logged_ = 0;    // batches
  std::deque<std::pair<Epoch, uint64_t>> barriers_;  // and how much had been accepted before
};

}  // namespace penstock
