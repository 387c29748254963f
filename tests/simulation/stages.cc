// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <set>

#include "components.h"
#include "punctual.h"

namespace penstock::simulation {
namespace {

/// Appends what a stage made of a record: its payload with the stage's name, padding kept.
Record& append_made(BatchBuilder& builder, const Record& record, std::string_view stage,
                    uint32_t copy) {
  const std::string_view payload = record.payload_view();
  const std::string_view text = without_padding(payload);
  Record& made =
      builder.append(made_by(text, stage, copy) + std::string(payload.substr(text.size())));
  made.event_time_us = record.event_time_us;
  made.position = record.position;
  builder.set_key(made, record.key_view());
  if (record.headers_size > 0) builder.set_headers(made, record.headers_view());
  return made;
}

/// Drops, multiplies, rejects, fails for a while; and sends to one of two ports, if it has them.
class SimMap final : public Stage {
 public:
  explicit SimMap(World& world) : world_(world) {}
  Result<void> open(const TaskContext& context) override {
    context_ = context;
    about_ = &world_.behaviour(context.stage);
    routes_ = world_.scenario().spec.find_stage(context.stage)->type == "sim_route";
    return {};
  }
  void process(Batch batch, Output& out) override;
  void on_watermark(int64_t us, Output&) override {
    punctual_.watermark(world_, context_.stage, us);
  }

 private:
  void one(const Record& record, Epoch epoch, Output& out);
  void send(Output& out, Epoch epoch);

  World& world_;
  TaskContext context_;
  Punctual punctual_;
  const Behaviour* about_ = nullptr;
  bool routes_ = false;
  std::vector<BatchBuilder> made_;  // by port
  std::unique_ptr<BatchBuilder> again_;
  std::set<std::string> waiting_keys_;  // a record of this batch waits for its retry
};

void SimMap::process(Batch batch, Output& out) {
  if (made_.empty()) {
    for (int port = 0; port < 3; ++port) made_.emplace_back(*context_.pool, 256);
    again_ = std::make_unique<BatchBuilder>(*context_.pool);
  }
  waiting_keys_.clear();
  batch.for_each([&](const Record& record) {
    one(record, batch.epoch(), out);
    for (const BatchBuilder& port : made_) {
      if (port.full()) return send(out, batch.epoch());
    }
  });
  send(out, batch.epoch());
  if (again_->empty()) return;
  Batch again = again_->take();
  again.set_epoch(batch.epoch());
  out.retry(std::move(again), retry_error("sim-busy", "try again"));
}

void SimMap::send(Output& out, Epoch epoch) {
  for (uint32_t port = 0; port < made_.size(); ++port) {
    if (made_[port].empty()) continue;
    Batch batch = made_[port].take();
    // The engine fills in the epoch of the input; a stage may also say it.
    if (world_.chance(50)) batch.set_epoch(epoch);
    out.emit(std::move(batch), port);
  }
}

void SimMap::one(const Record& record, Epoch epoch, Output& out) {
  punctual_.record(world_, context_.stage, record);
  const std::string id = identity(record);
  const std::string key(record.key_view());
  // What follows a record that waits must wait behind it.
  const std::string waiting = world_.kept_back(context_.stage, key);
  if (waiting_keys_.contains(waiting) ||
      record.attempts < failures(*about_, context_.stage, id)) {
    again_->append_copy(record);
    waiting_keys_.insert(waiting);
    return;
  }
  switch (fate(*about_, context_.stage, id)) {
    case Fate::kDrop: return;
    case Fate::kReject:
      world_.protocol().rejected(context_.stage);
      return out.reject(record, epoch, reject_error("sim-poison", "cannot be processed"));
    case Fate::kPass: break;
  }
  const uint32_t port = routes_ ? 1 + port_of(*about_, context_.stage, id, key) : 0;
  const uint32_t n = copies(*about_, context_.stage, id);
  for (uint32_t copy = 0; copy < n; ++copy) {
    Record& made = append_made(made_[port], record, context_.stage, copy);
    if (about_->rekey) made_[port].set_key(made, rekeyed(context_.stage, key));
  }
}

/// Keeps records for a time or until there are enough, without durable state.
class SimHold final : public Stage {
 public:
  explicit SimHold(World& world) : world_(world) {}
  Result<void> open(const TaskContext& context) override {
    context_ = context;
    about_ = &world_.behaviour(context.stage);
    return {};
  }
  void process(Batch batch, Output& out) override;
  void on_watermark(int64_t us, Output&) override {
    punctual_.watermark(world_, context_.stage, us);
  }
  void on_timer(int64_t now_ns, Output& out) override;
  void flush(Output& out) override { let_go(held_.size(), out); }
  void on_end(Output& out) override {
    if (!about_->end_by_timer) flush(out);
  }
  int64_t next_timer_ns() const override { return held_.empty() ? kNever : held_.front().until_ns; }
  bool full() const override { return held_.size() >= 2 * about_->hold_records; }
  Epoch floor() const override;
  int64_t oldest_event_time_us() const override;

 private:
  struct Held {
    std::string payload, key, headers;
    Record head;
    Epoch epoch;
    int64_t until_ns;
  };
  void let_go(size_t n, Output& out);
  void tell() { world_.protocol().held(context_.stage, context_.task, !held_.empty()); }

  World& world_;
  TaskContext context_;
  Punctual punctual_;
  const Behaviour* about_ = nullptr;
  std::deque<Held> held_;
};

void SimHold::process(Batch batch, Output& out) {
  const int64_t until = context_.clock->monotonic_ns() + about_->hold_ns;
  batch.for_each([&](const Record& record) {
    punctual_.record(world_, context_.stage, record);
    held_.push_back({std::string(record.payload_view()), std::string(record.key_view()),
                     std::string(record.headers_view()), record, batch.epoch(), until});
  });
  if (!about_->one_by_one && held_.size() >= about_->hold_records) flush(out);
  tell();
}

void SimHold::on_timer(int64_t now_ns, Output& out) {
  size_t due = 0;
  while (due < held_.size() && held_[due].until_ns <= now_ns) ++due;
  if (due > 0) let_go(about_->one_by_one ? due : held_.size(), out);
}

void SimHold::let_go(size_t n, Output& out) {
  BatchBuilder builder(*context_.pool);
  Epoch epoch = kNoEpoch;
  const auto send = [&] {
    if (builder.empty()) return;
    Batch batch = builder.take();
    batch.set_epoch(std::exchange(epoch, kNoEpoch));
    out.emit(std::move(batch));
  };
  for (size_t i = 0; i < n; ++i) {
    Held& held = held_.front();
    held.head.payload = held.payload.data();
    held.head.key = held.key.data();
    held.head.headers = held.headers.data();
    append_made(builder, held.head, context_.stage, 0);
    epoch = std::min(epoch, held.epoch);
    held_.pop_front();
    if (builder.full()) send();
  }
  send();
  tell();
}

Epoch SimHold::floor() const {
  Epoch floor = kNoEpoch;
  for (const Held& held : held_) floor = std::min(floor, held.epoch);
  return floor;
}

int64_t SimHold::oldest_event_time_us() const {
  int64_t oldest = kEndOfTime;
  for (const Held& held : held_) {
    if (held.head.event_time_us == kNoEventTime) continue;
    oldest = std::min(oldest, held.head.event_time_us);
  }
  return oldest;
}

template <class Instance>
Component stage_entry(World& world, std::string type, Traits traits,
                      std::vector<std::string> ports = {}) {
  return world_component(ComponentKind::kStage, std::move(type), traits,
                         [&world, ports](Bound& bound) {
                           bound.ports = ports;
                           bound.stage =
                               std::make_unique<WorldFactory<StageFactory, Stage, Instance>>(world);
                         });
}

}  // namespace

Component map_entry(World& world) {
  Traits traits;
  traits.retries = true;
  return stage_entry<SimMap>(world, "sim_map", traits);
}

Component route_entry(World& world) {
  Traits traits;
  traits.retries = true;
  return stage_entry<SimMap>(world, "sim_route", traits, {"a", "b"});
}

Component hold_entry(World& world) {
  Traits traits;
  traits.holds = true;
  traits.clocked = true;
  return stage_entry<SimHold>(world, "sim_hold", traits);
}

}  // namespace penstock::simulation
