// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "runtime/op.h"
#include "runtime/park.h"
#include "sdk/sink.h"

namespace penstock {

/// A sink in a chain: confirms epochs to the coordinator, parks what shall be tried again, and
/// lets a barrier pass on its dead-letter lane only when everything before it is settled.
class SinkOp final : public ChainOp, public SinkOutput {
 public:
  /// `sink_node`: the number of this instance in delivered reports; `whole_lane`: see Park.
  SinkOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index, uint32_t sink_node,
         std::unique_ptr<Sink> sink, bool two_phase, bool whole_lane, uint64_t seed);

  Sink& sink() { return *sink_; }
  uint32_t sink_node() const { return sink_node_; }

  // ChainOp
  void batch(Batch batch) override;
  void barrier(const Barrier& barrier) override;
  void watermark(int64_t us) override;
  void idle() override {}
  void chunk(uint64_t, bool) override {}
  void end() override;
  bool ready() const override {
    return !sink_->full() && !park_.full() && early_.size() < kBatchRecordsMax;
  }
  void on_time(int64_t now_ns) override;
  int64_t next_ns() const override;
  /// Delivery is reported by itself; a sink's park keeps positions back through those reports.
  Epoch floor() const override { return kNoEpoch; }
  bool ended() const override { return ended_; }
  void close() override { sink_->close(); }

  // SinkOutput
  void emit(Batch batch, uint32_t port) override;
  void reject(const Record& record, Epoch epoch, const Error& error) override;
  void retry(Batch batch, const Error& error) override;
  void retry_untried(Batch batch, const Error& error) override;
  void fail(Error error) override { ChainOp::fail(std::move(error)); }
  void delivered(Epoch epoch) override;
  void request_commit() override;

 private:
  /// A record that was rejected before a barrier that it stands behind.
  struct Early {
    std::string payload, key, headers;
    Record head;  // pointers unused
    Epoch epoch;
    Error error;
  };
  void reject_behind(const Record& record, Epoch epoch, const Error& error);
  void reject_early();
  void final_barrier();
  void pass_late();
  bool settle_all();

  std::unique_ptr<Sink> sink_;
  Park park_;
  const uint32_t sink_node_;
  const bool two_phase_;
  std::vector<Barrier> open_;         // given to the sink, not yet delivered
  std::vector<Barrier> late_;         // that came behind the end
  std::vector<Early> early_;          // exactly once only
  Epoch delivered_ = 0;
  bool ending_ = false;
  bool final_open_ = false;           // the sink has the last barrier
  bool all_confirmed_ = false;        // and has confirmed it; nothing was sent since
  bool sent_behind_final_ = false;    // and something that the park sent after it
  bool ended_ = false;
};

}  // namespace penstock
