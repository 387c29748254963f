// SPDX-License-Identifier: Apache-2.0
#include "runtime/op.h"

#include <algorithm>

#include "runtime/chain_task.h"

namespace penstock {

void Router::connect(uint32_t port, Target target) {
  if (ports_.size() <= port) ports_.resize(port + 1);
  ports_[port].push_back(target);
}

void Router::batch(Batch batch, uint32_t port) {
  if (port >= ports_.size()) return;  // nobody reads this port
  std::vector<Target>& targets = ports_[port];
  for (size_t i = 0; i < targets.size(); ++i) {
    Batch one = i + 1 == targets.size() ? std::move(batch) : batch.share();
    if (targets[i].tap != nullptr && targets[i].tap->wanted()) targets[i].tap->offer(one);
    if (targets[i].op != nullptr) {
      targets[i].op->batch(std::move(one));
    } else {
      targets[i].writer->push(std::move(one));
    }
  }
}

template <class F, class G>
void Router::each(F&& to_op, G&& to_writer) {
  for (auto& port : ports_) {
    for (Target& target : port) {
      if (target.op != nullptr) {
        to_op(*target.op);
      } else {
        to_writer(*target.writer);
      }
    }
  }
}

void Router::barrier(const Barrier& barrier) {
  each([&](ChainOp& op) { op.barrier(barrier); },
       [&](EdgeWriter& w) { w.control(Element::barrier(barrier.epoch, barrier.checkpoint)); });
}
void Router::barrier_behind_end(const Barrier& barrier) {
  each([&](ChainOp& op) { op.barrier(barrier); }, [](EdgeWriter&) {});
}
void Router::watermark(int64_t us) {
  each([&](ChainOp& op) { op.watermark(us); },
       [&](EdgeWriter& w) { w.control(Element::watermark(us)); });
}
void Router::idle() {
  each([](ChainOp& op) { op.idle(); }, [](EdgeWriter& w) { w.control(Element::idle()); });
}
void Router::chunk(uint64_t id, bool start) {
  each([&](ChainOp& op) { op.chunk(id, start); },
       [&](EdgeWriter& w) { w.control(Element::chunk(id, start)); });
}
void Router::end() {
  each([](ChainOp& op) { op.end(); }, [](EdgeWriter& w) { w.control(Element::end()); });
}

ChainOp::ChainOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index)
    : task_(task), plan_(plan), key_(plan.key.for_task()), stage_index_(stage_index) {}

void ChainOp::wake() {
  woken_.store(true);
  task_.ring();
}

void ChainOp::count_in(const Batch& batch) {
  OpCounters::add(counters_.records_in, batch.size());
  OpCounters::add(counters_.bytes_in, batch.bytes());
}

void ChainOp::count_out(const Batch& batch) {
  OpCounters::add(counters_.records_out, batch.size());
  OpCounters::add(counters_.bytes_out, batch.bytes());
}

void ChainOp::reject_record(const Record& record, Epoch epoch, const Error& error) {
  OpCounters::add(counters_.rejected, 1);
  if (dead_letters_ == nullptr) {
    Error stop = error;
    stop.reaction = Reaction::kStopPipeline;
    if (stop.hint.empty()) {
      stop.hint = "set `dead_letter: <queue>` on stage " + plan_.name +
                  " to put such records aside and go on";
    }
    fail(std::move(stop));
    return;
  }
  OpCounters::add(counters_.dead_lettered, 1);
  if (dead_ == nullptr) dead_ = std::make_unique<BatchBuilder>(task_.pool());
  std::string headers(record.headers_view());
  append_header(headers, "penstock-error-code", error.code);
  append_header(headers, "penstock-error",
                error.detail.empty() ? error.message : error.message + " (" + error.detail + ")");
  append_header(headers, "penstock-stage", plan_.name);
  append_header(headers, "penstock-attempts", std::to_string(record.attempts + 1));
  Record with = record;
  with.headers = headers.data();
  with.headers_size = static_cast<uint32_t>(headers.size());
  with.attempts = 0;
  dead_->append_copy(with);
  dead_epoch_ = std::min(dead_epoch_, epoch);
  if (dead_->full()) flush_dead_letters();
}

void ChainOp::flush_dead_letters() {
  if (dead_ == nullptr || dead_->empty()) return;
  Batch batch = dead_->take();
  batch.set_epoch(std::exchange(dead_epoch_, kNoEpoch));
  if (dead_tap_ != nullptr && dead_tap_->wanted()) dead_tap_->offer(batch);
  dead_letters_->push(std::move(batch));
}

void ChainOp::dead_letter_control(const Element& element) {
  if (dead_letters_ == nullptr) return;
  flush_dead_letters();
  dead_letters_->control(element);
}

void ChainOp::fail(Error error) { task_.fail(stage_index_, std::move(error)); }

}  // namespace penstock
