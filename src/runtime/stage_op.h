// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "runtime/op.h"
#include "runtime/park.h"

namespace penstock {

/// A stage in a chain: its batches, its holds, its retries, its snapshots.
class StageOp final : public ChainOp, public Output {
 public:
  /// `snapshots`: its state belongs into checkpoints; `whole_lane`: see Park.
  StageOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index,
          std::unique_ptr<Stage> stage, bool snapshots, bool whole_lane, uint32_t task_index,
          uint64_t seed);

  Stage& stage() { return *stage_; }

  // ChainOp
  void batch(Batch batch) override;
  void barrier(const Barrier& barrier) override;
  void watermark(int64_t us) override;
  void idle() override;
  void chunk(uint64_t id, bool start) override;
  void end() override;
  bool ready() const override { return !stage_->full() && !park_.full(); }
  void on_time(int64_t now_ns) override;
  int64_t next_ns() const override;
  void flush_holds() override;
  Epoch floor() const override { return std::min(stage_->floor(), park_.floor()); }
  bool ended() const override { return ended_; }
  void close() override { stage_->close(); }

  // Output
  void emit(Batch batch, uint32_t port) override;
  void reject(const Record& record, Epoch epoch, const Error& error) override;
  void retry(Batch batch, const Error& error) override;
  void retry_untried(Batch batch, const Error& error) override;
  void fail(Error error) override { ChainOp::fail(std::move(error)); }

 private:
  void process(Batch batch);
  void call_begins();
  void call_ended();

  std::unique_ptr<Stage> stage_;
  Park park_;
  const bool snapshots_;
  const uint32_t task_index_;
  Epoch input_epoch_ = kNoEpoch;  // of what the current call may emit
  int64_t pending_watermark_us_ = kNoEventTime;
  int64_t told_watermark_us_ = kNoEventTime;
  int64_t passed_watermark_us_ = kNoEventTime;
  bool ending_ = false;
  bool ended_ = false;
};

}  // namespace penstock
