// SPDX-License-Identifier: Apache-2.0
#include "runtime/sink_op.h"

#include <algorithm>

#include "runtime/chain_task.h"

namespace penstock {

SinkOp::SinkOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index, uint32_t sink_node,
               std::unique_ptr<Sink> sink, bool two_phase, bool whole_lane, uint64_t seed)
    : ChainOp(task, plan, stage_index),
      sink_(std::move(sink)),
      park_(plan.retry, key(), whole_lane, seed),
      sink_node_(sink_node),
      two_phase_(two_phase) {}

void SinkOp::batch(Batch batch) {
  count_in(batch);
  compute_keys(batch, [&](const Record& record, const Error& error) {
    reject(record, batch.epoch(), error);
  });
  park_.divert(batch);
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
  if (!batch.empty()) sink_->write(std::move(batch), *this);
  forget_keys();
  flush_dead_letters();
}

void SinkOp::barrier(const Barrier& barrier) {
  if (ended_) return;  // the last barrier stands for all
  if (ending_) {
    late_.push_back(barrier);
    return pass_late();
  }
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

/// The last barrier, as soon as nothing waits for its time; and before that whenever something was
/// sent, because no other barrier will tell what became of it.
void SinkOp::final_barrier() {
  if (final_open_ || ended_ || (all_confirmed_ && !park_.empty())) return;
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
  Epoch newest = delivered_;  // but for the last one
  while (!open_.empty() && open_.front().epoch <= epoch) {
    reject_early();
    checkpoint = checkpoint || open_.front().checkpoint;
    flush_dead_letters();
    if (open_.front().epoch != kFinalEpoch) {
      newest = open_.front().epoch;
      dead_letter_control(Element::barrier(newest, open_.front().checkpoint));
    }
    open_.erase(open_.begin());
  }
  reject_early();
  if (epoch != kFinalEpoch) {
    park_.settled(epoch);
  } else if (!settle_all()) {
    if (newest == delivered_) return pass_late();
    epoch = newest;
  }
  delivered_ = epoch;
  DeliveredReport report{sink_node_, epoch, park_.floor(), {}};
  if (checkpoint && two_phase_) report.handles = sink_->prepare(epoch);
  task_.reports().delivered(std::move(report));
  if (ending_) pass_late();
}

/// Behind the end the sink is told of the last barrier only. Once it has confirmed that, the others
/// pass without it while something waits for its time: nothing else is on its way. A two-phase sink
/// has no handles for them: what is parked keeps every such checkpoint from being published.
void SinkOp::pass_late() {
  if (late_.empty() || ended_ || !all_confirmed_) return;
  for (const Barrier& barrier : late_) {
    dead_letter_control(Element::barrier(barrier.epoch, barrier.checkpoint));
  }
  delivered_ = late_.back().epoch;
  late_.clear();
  task_.reports().delivered({sink_node_, delivered_, park_.floor(), {}});
}

/// The last barrier is confirmed. False if there must be another one: something came back with it,
/// or was sent again behind it.
bool SinkOp::settle_all() {
  final_open_ = false;
  all_confirmed_ = !sent_behind_final_;
  if (std::exchange(sent_behind_final_, false)) return false;
  park_.settled();
  if (!park_.empty()) return false;
  ended_ = true;
  counters_.ended.store(true);
  dead_letter_control(Element::end());
  return true;
}

void SinkOp::on_time(int64_t now_ns) {
  if (ended_) return;
  if (park_.next_ns() <= now_ns) {
    sent_behind_final_ = sent_behind_final_ || final_open_;
    all_confirmed_ = false;
    const auto send = [&](Batch batch) { sink_->write(std::move(batch), *this); };
    park_.release(now_ns, task_.pool(), send, task_.open_epoch());
    counters_.parked.store(park_.size(), std::memory_order_relaxed);
    // Close the epoch soon, so that the keys of what was sent become free.
    task_.reports().activity(false);
  }
  sink_->on_wake(now_ns, *this);
  flush_dead_letters();
  if (ending_) final_barrier();
}

int64_t SinkOp::next_ns() const {
  return ended_ ? kNever : std::min(sink_->next_timer_ns(), park_.next_ns());
}

void SinkOp::emit(Batch, uint32_t) { CHECK(false); }  // a sink has no output

void SinkOp::reject(const Record& record, Epoch epoch, const Error& error) {
  reject_behind(record, std::min(epoch, task_.open_epoch()), error);
}

/// Under exactly once a dead letter belongs behind the barriers of the epochs before its own; they
/// pass on when they are delivered, and a record may be rejected earlier than that.
void SinkOp::reject_behind(const Record& record, Epoch epoch, const Error& error) {
  if (!two_phase_ || open_.empty() || epoch <= open_.front().epoch) {
    return reject_record(record, epoch, error);
  }
  early_.push_back({std::string(record.payload_view()), std::string(record.key_view()),
                    std::string(record.headers_view()), record, epoch, error});
}

void SinkOp::reject_early() {
  const Epoch upto = open_.empty() ? kNoEpoch : open_.front().epoch;
  std::vector<Early> all = std::exchange(early_, {});
  for (Early& early : all) {
    if (early.epoch > upto) {
      early_.push_back(std::move(early));
      continue;
    }
    early.head.payload = early.payload.data();
    early.head.key = early.head.key == nullptr ? nullptr : early.key.data();
    early.head.headers = early.headers.data();
    reject_record(early.head, early.epoch, early.error);
  }
}

void SinkOp::request_commit() { task_.reports().activity(false); }

void SinkOp::retry_untried(Batch batch, const Error&) {
  if (batch.epoch() == kNoEpoch) batch.set_epoch(delivered_ + 1);
  park_.add_untried(batch, task_.clock().monotonic_ns());
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
}

void SinkOp::retry(Batch batch, const Error& error) {
  if (batch.epoch() == kNoEpoch) batch.set_epoch(delivered_ + 1);
  OpCounters::add(counters_.retried, batch.size());
  park_.add(batch, task_.clock().monotonic_ns(),
            [&](const Record& record, Epoch epoch) { reject_behind(record, epoch, error); });
  counters_.parked.store(park_.size(), std::memory_order_relaxed);
}

}  // namespace penstock
