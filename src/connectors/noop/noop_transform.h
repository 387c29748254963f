// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>

#include "config/schema.h"
#include "sdk/stage.h"

namespace penstock {

struct NoopTransformOptions {
  bool verbose = false;
  uint32_t delay_ms = 0;
};

const Schema<NoopTransformOptions>& noop_transform_schema();

/// Passes batches on untouched; with a delay, records one at a time, each `delay_ms` after the one
/// before it: the service time of one flow-pipe thread, without a thread that sleeps.
class NoopTransform final : public Stage {
 public:
  explicit NoopTransform(std::shared_ptr<const NoopTransformOptions> options)
      : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context) override;
  void process(Batch batch, Output& out) override;
  void on_timer(int64_t now_ns, Output& out) override;
  int64_t next_timer_ns() const override { return held_.empty() ? kNever : due_ns_; }
  void flush(Output& out) override;
  /// One batch at a time: what waits elsewhere can be taken by another task.
  bool full() const override { return !held_.empty(); }
  Epoch floor() const override;
  int64_t oldest_event_time_us() const override;

 private:
  void release(uint32_t records, Output& out);

  std::shared_ptr<const NoopTransformOptions> options_;
  TaskContext context_;
  std::deque<Batch> held_;  // bounded by full()
  uint32_t released_ = 0;   // records of held_.front() that have left
  int64_t due_ns_ = kNever; // when the next record leaves
};

}  // namespace penstock
