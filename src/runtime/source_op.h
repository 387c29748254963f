// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "runtime/op.h"
#include "sdk/source.h"

namespace penstock {

/// A source at the head of a chain: is pulled while there is room, and notes its positions at each
/// barrier that the coordinator asks for.
class SourceOp final : public ChainOp, public SourceOutput {
 public:
  SourceOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index,
           std::unique_ptr<Source> source);

  Source& source() { return *source_; }
  /// One pull. False if there is nothing to do now.
  bool pull();
  Positions positions() { return source_->positions(); }
  void committed(const Positions& positions) { source_->committed(positions); }
  /// Takes in nothing new from now on.
  void drain();

  // ChainOp
  void batch(Batch batch) override;  // never: it has no input
  void barrier(const Barrier& barrier) override;
  void watermark(int64_t us) override;
  void idle() override;
  void chunk(uint64_t id, bool start) override;
  void end() override;
  bool ready() const override { return !ended_ && !drained_; }
  void on_time(int64_t now_ns) override { idle_until_ns_ = 0; }
  /// Only an idle source waits for time; one that waits for room is rung by its edge.
  int64_t next_ns() const override {
    return ended_ || drained_ || idle_until_ns_ == 0 ? kNever : idle_until_ns_;
  }
  Epoch floor() const override { return kNoEpoch; }
  bool ended() const override { return ended_; }
  void close() override { source_->close(); }

  // SourceOutput
  void emit(Batch batch, uint32_t port) override;
  void reject(const Record& record, Epoch epoch, const Error& error) override;
  void retry(Batch batch, const Error& error) override;
  void fail(Error error) override { ChainOp::fail(std::move(error)); }
  void chunk_start(uint64_t id) override { chunk(id, true); }
  void chunk_end(uint64_t id) override { chunk(id, false); }
  void request_epoch() override;

 private:
  std::unique_ptr<Source> source_;
  int64_t idle_until_ns_ = 0;  // 0 = pull at once; kNever = when woken
  bool active_ = false;        // emitted since the last barrier: the coordinator knows
  bool ended_ = false;
  bool drained_ = false;
};

}  // namespace penstock
