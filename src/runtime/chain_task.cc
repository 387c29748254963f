// SPDX-License-Identifier: Apache-2.0
#include "runtime/chain_task.h"

#include <algorithm>

namespace penstock {

ChainTask::ChainTask(uint32_t node, Scheduler& scheduler, BatchPool& pool, bool exactly_once)
    : node_(node), scheduler_(scheduler), pool_(pool), exactly_once_(exactly_once) {}

ChainTask::~ChainTask() = default;

void ChainTask::start(Reports& reports, Epoch epoch) {
  reports_ = &reports;
  done_ = epoch;
  passed_.store(epoch);
  for (InputLane& lane : lanes_) lane.barrier = epoch;
}

EdgeWriter& ChainTask::add_writer(Edge& edge, uint32_t producer, KeySelector key) {
  edge.set_producer(producer, *this);
  writers_.push_back(std::make_unique<EdgeWriter>(edge, producer, std::move(key), pool_));
  return *writers_.back();
}

void ChainTask::add_lane(Edge& edge, uint32_t producer, uint32_t consumer) {
  edge.set_consumer(consumer, *this);
  InputLane lane;
  lane.edge = &edge;
  lane.producer = producer;
  lane.consumer = consumer;
  lanes_.push_back(std::move(lane));
}

void ChainTask::command(TaskCommand command) {
  {
    std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    commanded_.store(true);
  }
  ring();
}

int64_t ChainTask::run(int64_t now_ns, int64_t until_ns) {
  if (failed_) return kNever;
  take_commands();
  for (const auto& op : ops_) {
    if (op->take_woken() || op->next_ns() <= now_ns) op->on_time(now_ns);
  }
  bool again = false;
  while (!failed_ && can_go()) {
    if (!step()) break;
    if (clock().monotonic_ns() >= until_ns) {
      again = true;
      break;
    }
  }
  for (const auto& writer : writers_) writer->flush();
  if (!ops_.empty() && !end_reported_) report_end();
  if (inputs_ended_ && !inputs_ended_reported_ && !end_reported_) report_inputs_ended();
  const int64_t spent = clock().monotonic_ns() - now_ns;
  OpCounters::add(busy_ns_, static_cast<uint64_t>(spent));
  if (failed_) return kNever;
  return again ? kAgain : next_ns();
}

void ChainTask::take_commands() {
  if (!commanded_.load()) return;
  std::vector<TaskCommand> commands;
  {
    std::lock_guard lock(mutex_);
    commands.swap(commands_);
    commanded_.store(false);
  }
  for (TaskCommand& command : commands) {
    switch (command.kind) {
      case TaskCommand::Kind::kBarrier: barrier_command(command.barrier); break;
      case TaskCommand::Kind::kCommitted: source_->committed(command.positions); break;
      case TaskCommand::Kind::kDrain:
        draining_ = true;
        if (source_ != nullptr) source_->drain();
        [[fallthrough]];
      case TaskCommand::Kind::kFlushHolds:
        for (const auto& op : ops_) op->flush_holds();
        break;
    }
  }
}

void ChainTask::take_last_commits() {
  if (source_ == nullptr) return;
  std::lock_guard lock(mutex_);
  for (const TaskCommand& command : commands_) {
    if (command.kind == TaskCommand::Kind::kCommitted) source_->committed(command.positions);
  }
  commands_.clear();
}

void ChainTask::barrier_command(const Barrier& barrier) {
  if (end_reported_) return;  // the end already stands for this barrier
  CHECK_EQ(barrier.epoch, done_ + 1);
  pass(barrier);
}

bool ChainTask::can_go() {
  bool open = true;
  for (const auto& writer : writers_) {  // all are asked: each hands out what it kept back
    while (!writer->open()) {
      if (!writer->wait()) continue;
      open = false;
      break;
    }
  }
  if (!open) return false;
  for (const auto& op : ops_) {
    if (!op->ready()) return false;
  }
  return true;
}

bool ChainTask::step() {
  if (source_ != nullptr) return source_->pull();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    InputLane& lane = lanes_[next_lane_];
    next_lane_ = next_lane_ + 1 == lanes_.size() ? 0 : next_lane_ + 1;
    // Alignment: under exactly_once a lane that is ahead waits until the others are as far.
    if (lane.ended || (exactly_once_ && lane.barrier > done_)) continue;
    if (lane.front() == nullptr) continue;
    take(lane, lane.pop());
    return true;
  }
  return false;
}

void ChainTask::take(InputLane& lane, Element element) {
  switch (element.kind) {
    case Element::Kind::kBatch: {
      const uint64_t records = element.batch.size();
      const uint64_t weight = element.batch.weight();
      const int64_t start = lane.edge->one_waiting() ? clock().monotonic_ns() : 0;
      lane.idle = false;
      ops_[0]->batch(std::move(element.batch));
      if (start != 0) lane.edge->served(lane.consumer, records, clock().monotonic_ns() - start);
      lane.edge->budget().release(records, weight);
      lane.edge->progressed();
      return;
    }
    case Element::Kind::kBarrier:
      lane.barrier = static_cast<Epoch>(element.value);
      checkpoints_[lane.barrier] = element.checkpoint;
      return advance_barrier();
    case Element::Kind::kWatermark:
      lane.watermark_us = element.value;
      lane.idle = false;
      return advance_watermark();
    case Element::Kind::kIdle:
      lane.idle = true;
      return advance_watermark();
    case Element::Kind::kChunkStart:
    case Element::Kind::kChunkEnd:
      return ops_[0]->chunk(static_cast<uint64_t>(element.value),
                            element.kind == Element::Kind::kChunkStart);
    case Element::Kind::kEnd:
      lane.ended = true;
      lane.barrier = kFinalEpoch;
      lane.watermark_us = kEndOfTime;
      advance_barrier();
      advance_watermark();
      if (std::all_of(lanes_.begin(), lanes_.end(), [](auto& l) { return l.ended; })) {
        ops_[0]->end();
        inputs_ended_ = true;
      }
      return;
  }
}

void ChainTask::advance_barrier() {
  Epoch all = kFinalEpoch;
  for (const InputLane& lane : lanes_) all = std::min(all, lane.barrier);
  if (all == kFinalEpoch) {
    // Every lane has ended. The end of the others stands for a barrier that only some brought; it
    // passes all the same, because a checkpoint needs the state.
    while (!checkpoints_.empty()) {
      const auto [epoch, checkpoint] = *checkpoints_.begin();
      if (epoch > done_) {
        pass(Barrier{epoch, checkpoint});
      } else {
        checkpoints_.erase(epoch);
      }
    }
    return;
  }
  while (done_ < all) {
    const auto flag = checkpoints_.find(done_ + 1);
    CHECK(flag != checkpoints_.end());
    pass(Barrier{done_ + 1, flag->second});
  }
}

void ChainTask::pass(const Barrier& barrier) {
  PassedReport report;
  // The barrier stands behind everything of its epoch: let ops see the old open epoch.
  ops_[0]->barrier(barrier);
  report.node = node_;
  report.epoch = barrier.epoch;
  report.checkpoint = barrier.checkpoint;
  report.is_source = source_ != nullptr;
  if (source_ != nullptr) report.positions = source_->positions();
  for (const auto& op : ops_) report.floor = std::min(report.floor, op->floor());
  report.snapshots = std::move(snapshots_);
  snapshots_.clear();
  done_ = barrier.epoch;
  passed_.store(done_, std::memory_order_relaxed);
  checkpoints_.erase(checkpoints_.begin(), checkpoints_.upper_bound(done_));
  reports_->passed(std::move(report));
}

void ChainTask::advance_watermark() {
  int64_t all = kEndOfTime;
  bool some = false;
  for (const InputLane& lane : lanes_) {
    if (lane.idle && !lane.ended) continue;
    some = true;
    all = std::min(all, lane.watermark_us);
  }
  if (!some) {  // every lane is idle: so is this task
    if (!idle_passed_) ops_[0]->idle();
    idle_passed_ = true;
    return;
  }
  idle_passed_ = false;
  if (all <= watermark_us_) return;
  watermark_us_ = all;
  ops_[0]->watermark(all);
}

void ChainTask::report_end() {
  for (const auto& op : ops_) {
    if (!op->ended()) return;
  }
  end_reported_ = true;
  PassedReport report;
  report.node = node_;
  report.epoch = kFinalEpoch;
  report.is_source = source_ != nullptr;
  if (source_ != nullptr) report.positions = source_->positions();
  reports_->passed(std::move(report));
}

/// Something is held: whoever reads what this task writes still needs barriers from it.
void ChainTask::report_inputs_ended() {
  inputs_ended_reported_ = true;
  PassedReport report;
  report.node = node_;
  report.epoch = done_;
  report.inputs_ended = true;
  reports_->passed(std::move(report));
}

int64_t ChainTask::next_ns() const {
  int64_t next = kNever;
  for (const auto& op : ops_) next = std::min(next, op->next_ns());
  return next;
}

void ChainTask::fail(uint32_t stage, Error error) {
  failed_ = true;
  reports_->failed(stage, std::move(error));
}

}  // namespace penstock
