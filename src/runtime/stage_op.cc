// SPDX-License-Identifier: Apache-2.0
#include "runtime/stage_op.h"

#include <algorithm>

#include "runtime/chain_task.h"
#include "state/store.h"

namespace penstock {

StageOp::StageOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index,
                 std::unique_ptr<Stage> stage, bool snapshots, bool whole_lane,
                 uint32_t task_index, uint64_t seed)
    : ChainOp(task, plan, stage_index),
      stage_(std::move(stage)),
      park_(plan.retry, key(), whole_lane, seed),
      snapshots_(snapshots),
      task_index_(task_index) {}

void StageOp::batch(Batch batch) {
  count_in(batch);
  compute_keys(batch, [&](const Record& record, const Error& error) {
    reject_record(record, batch.epoch(), error);
  });
  park_.divert(batch);
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
  if (!batch.empty()) return process(std::move(batch));
  forget_keys();
  flush_dead_letters();
}

void StageOp::process(Batch batch) {
  input_epoch_ = batch.epoch();
  stage_->process(std::move(batch), *this);
  forget_keys();
  call_ended();
}

void StageOp::call_begins() {
  // What a stage lets go of its own accord may stem from anything that it held.
  input_epoch_ = std::min(stage_->floor(), task_.open_epoch());
}

void StageOp::call_ended() {
  flush_dead_letters();
  // What waits for a retry is not late for its own stage either.
  const int64_t due = std::min(pending_watermark_us_, park_.oldest_event_time_us());
  if (due > told_watermark_us_) {
    told_watermark_us_ = due;
    call_begins();
    stage_->on_watermark(due, *this);
    flush_dead_letters();
  }
  const int64_t watermark = std::min(due, stage_->oldest_event_time_us());
  if (watermark > passed_watermark_us_) {
    passed_watermark_us_ = watermark;
    counters_.watermark_us.store(watermark, std::memory_order_relaxed);
    dead_letter_control(Element::watermark(watermark));
    router_.watermark(watermark);
  }
  if (ending_ && !ended_ && stage_->floor() == kNoEpoch && park_.empty()) {
    ended_ = true;
    counters_.ended.store(true);
    dead_letter_control(Element::end());
    router_.end();
  }
}

void StageOp::barrier(const Barrier& barrier) {
  if (ended_) return router_.barrier_behind_end(barrier);
  call_begins();
  stage_->on_barrier(barrier, *this);
  call_ended();
  if (barrier.checkpoint && snapshots_) {
    SnapshotWriter writer;
    stage_->snapshot(writer);
    task_.add_snapshot({stage_index_, task_index_, writer.take()});
  }
  dead_letter_control(Element::barrier(barrier.epoch, barrier.checkpoint));
  router_.barrier(barrier);
}

void StageOp::watermark(int64_t us) {
  pending_watermark_us_ = us;
  call_ended();
}

void StageOp::idle() {
  dead_letter_control(Element::idle());
  router_.idle();
}

void StageOp::chunk(uint64_t id, bool start) {
  call_begins();
  stage_->on_chunk(id, start, *this);
  call_ended();
  router_.chunk(id, start);
}

void StageOp::end() {
  ending_ = true;
  call_begins();
  stage_->on_end(*this);
  call_ended();
}

void StageOp::on_time(int64_t now_ns) {
  if (ended_) return;
  if (park_.next_ns() <= now_ns) {
    park_.release(now_ns, task_.pool(), [&](Batch batch) {
      compute_keys(batch, [&](const Record& record, const Error& error) {
        reject_record(record, batch.epoch(), error);
      });
      process(std::move(batch));
    });
    // process() was synchronous: what did not come back through retry() is done.
    park_.settled();
    counters_.parked.store(park_.size(), std::memory_order_relaxed);
  }
  call_begins();
  stage_->on_timer(now_ns, *this);
  call_ended();
}

int64_t StageOp::next_ns() const {
  return ended_ ? kNever : std::min(stage_->next_timer_ns(), park_.next_ns());
}

void StageOp::flush_holds() {
  if (ended_) return;
  call_begins();
  stage_->flush(*this);
  call_ended();
}

void StageOp::emit(Batch batch, uint32_t port) {
  if (batch.empty()) return;
  if (batch.epoch() == kNoEpoch) batch.set_epoch(input_epoch_);
  count_out(batch);
  router_.batch(std::move(batch), port);
}

void StageOp::reject(const Record& record, Epoch epoch, const Error& error) {
  reject_record(record, epoch == kNoEpoch ? input_epoch_ : epoch, error);
}

void StageOp::retry_untried(Batch batch, const Error&) {
  if (batch.epoch() == kNoEpoch) batch.set_epoch(input_epoch_);
  park_.add_untried(batch, task_.clock().monotonic_ns());
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
}

void StageOp::retry(Batch batch, const Error& error) {
  if (batch.epoch() == kNoEpoch) batch.set_epoch(input_epoch_);
  OpCounters::add(counters_.retried, batch.size());
  park_.add(batch, task_.clock().monotonic_ns(),
            [&](const Record& record, Epoch epoch) { reject_record(record, epoch, error); });
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
}

}  // namespace penstock
