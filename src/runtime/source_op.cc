// SPDX-License-Identifier: Apache-2.0
#include "runtime/source_op.h"

#include "runtime/chain_task.h"

namespace penstock {

SourceOp::SourceOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index,
                   std::unique_ptr<Source> source)
    : ChainOp(task, plan, stage_index), source_(std::move(source)) {}

bool SourceOp::pull() {
  if (idle_until_ns_ == kNever || idle_until_ns_ > task_.clock().monotonic_ns()) return false;
  Result<Pull> pulled = source_->pull(*this);
  flush_dead_letters();
  if (!pulled) {
    if (pulled.error().reaction == Reaction::kEndOfInput) {
      end();
    } else {
      ChainOp::fail(std::move(pulled).error());
    }
    return false;
  }
  switch (pulled->state) {
    case Pull::State::kMore: return true;
    case Pull::State::kIdle: idle_until_ns_ = pulled->wake_at_ns; return false;
    case Pull::State::kEnd: end(); return false;
  }
  return false;
}

void SourceOp::drain() {
  if (drained_) return;
  drained_ = true;
  source_->stop();
}

void SourceOp::batch(Batch) { CHECK(false); }

void SourceOp::barrier(const Barrier& barrier) {
  active_ = false;
  if (ended_) return router_.barrier_behind_end(barrier);
  dead_letter_control(Element::barrier(barrier.epoch, barrier.checkpoint));
  router_.barrier(barrier);
}

void SourceOp::watermark(int64_t us) {
  counters_.watermark_us.store(us, std::memory_order_relaxed);
  dead_letter_control(Element::watermark(us));
  router_.watermark(us);
}

void SourceOp::idle() {
  dead_letter_control(Element::idle());
  router_.idle();
}

void SourceOp::chunk(uint64_t id, bool start) { router_.chunk(id, start); }

void SourceOp::end() {
  if (ended_) return;
  ended_ = true;
  counters_.ended.store(true);
  dead_letter_control(Element::end());
  router_.watermark(kEndOfTime);
  router_.end();
}

void SourceOp::emit(Batch batch, uint32_t port) {
  if (batch.empty()) return;
  if (!active_) {
    active_ = true;
    task_.reports().activity(false);
  }
  batch.set_epoch(task_.open_epoch());
  batch.set_source(stage_index_);
  count_out(batch);
  router_.batch(std::move(batch), port);
}

void SourceOp::reject(const Record& record, Epoch, const Error& error) {
  if (!active_) {
    active_ = true;
    task_.reports().activity(false);
  }
  reject_record(record, task_.open_epoch(), error);
}

void SourceOp::retry(Batch, const Error& error) {
  // A source reads again by itself; asking the engine to is a bug of the component.
  ChainOp::fail(error);
}

void SourceOp::request_epoch() { task_.reports().activity(true); }

}  // namespace penstock
