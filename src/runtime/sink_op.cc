// SPDX-License-Identifier: Apache-2.0
#include "runtime/sink_op.h"

#include <algorithm>

#include "runtime/chain_task.h"

namespace penstock {

SinkOp::SinkOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index, uint32_t sink_node,
               std::unique_ptr<Sink> sink, bool two_phase, bool whole_lane, uint64_t seed)
    : Op(task, plan, stage_index),
      sink_(std::move(sink)),
      park_(plan.retry, plan.key, whole_lane, seed),
      sink_node_(sink_node),
      two_phase_(two_phase) {}

void SinkOp::batch(Batch batch) {
  count_in(batch);
  park_.divert(batch);
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
  if (batch.empty()) return;
  sink_->write(std::move(batch), *this);
  flush_dead_letters();
}

void SinkOp::barrier(const Barrier& barrier) {
  if (ending_) return;  // the last barrier stands for all
  open_.push_back(barrier);
  sink_->barrier(barrier, *this);
  flush_dead_letters();
}

void SinkOp::watermark(int64_t us) {
  counters_.watermark_us.store(us, std::memory_order_relaxed);
}

void SinkOp::end() {
  ending_ = true;
  sink_->end(*this);
  final_barrier();
}

void SinkOp::final_barrier() {
  if (final_open_ || ended_ || !park_.empty()) return;
  final_open_ = true;
  const Barrier last{kFinalEpoch, true};
  open_.push_back(last);
  sink_->barrier(last, *this);
  flush_dead_letters();
}

void SinkOp::delivered(Epoch epoch) {
  if (epoch <= delivered_) return;
  // A sink may skip epochs: it stands for every barrier up to this one.
  bool checkpoint = false;
  while (!open_.empty() && open_.front().epoch <= epoch) {
    checkpoint = checkpoint || open_.front().checkpoint;
    flush_dead_letters();
    if (open_.front().epoch != kFinalEpoch) {
      dead_letter_control(Element::barrier(open_.front().epoch, open_.front().checkpoint));
    }
    open_.erase(open_.begin());
  }
  if (released_epoch_ <= epoch) {
    park_.settled();
    released_epoch_ = kNoEpoch;
  }
  if (epoch == kFinalEpoch) {
    final_open_ = false;
    if (!park_.empty()) {  // some came back with the last flush: once more after their retry
      return;
    }
    ended_ = true;
    counters_.ended.store(true);
    dead_letter_control(Element::end());
  }
  delivered_ = epoch;
  DeliveredReport report{sink_node_, epoch, park_.floor(), {}};
  if (checkpoint && two_phase_) report.handles = sink_->prepare(epoch);
  task_.reports().delivered(std::move(report));
}

void SinkOp::on_time(int64_t now_ns) {
  if (ended_) return;
  if (park_.next_ns() <= now_ns) {
    park_.release(now_ns, task_.pool(), [&](Batch batch) {
      released_epoch_ = task_.open_epoch();
      sink_->write(std::move(batch), *this);
    });
    counters_.parked.store(park_.size(), std::memory_order_relaxed);
    // Close the epoch soon, so that the keys of what was sent become free.
    task_.reports().activity(false);
  }
  sink_->on_wake(now_ns, *this);
  flush_dead_letters();
  if (ending_ && !ended_) {
    if (released_epoch_ != kNoEpoch && !final_open_ && park_.size() == 0) park_.settled();
    final_barrier();
  }
}

int64_t SinkOp::next_ns() const {
  return ended_ ? kNever : std::min(sink_->next_timer_ns(), park_.next_ns());
}

void SinkOp::emit(Batch, uint32_t) { CHECK(false); }  // a sink has no output

void SinkOp::reject(const Record& record, Epoch epoch, const Error& error) {
  reject_record(record, std::min(epoch, task_.open_epoch()), error);
}

void SinkOp::retry(Batch batch, const Error& error) {
  if (batch.epoch() == kNoEpoch) batch.set_epoch(delivered_ + 1);
  OpCounters::add(counters_.retried, batch.size());
  park_.add(batch, task_.clock().monotonic_ns(),
            [&](const Record& record, Epoch epoch) { reject_record(record, epoch, error); });
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
}

}  // namespace penstock
