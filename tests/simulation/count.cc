// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "components.h"
#include "punctual.h"

namespace penstock::simulation {
namespace {

/// Counts records by key. Says the count with each record, or all counts at the end.
class SimCount final : public Stage {
 public:
  explicit SimCount(World& world) : world_(world) {}
  Result<void> open(const TaskContext& context) override {
    context_ = context;
    totals_ = world_.behaviour(context.stage).totals;
    return {};
  }
  void process(Batch batch, Output& out) override;
  void on_watermark(int64_t us, Output&) override {
    punctual_.watermark(world_, context_.stage, us);
  }
  void on_end(Output& out) override;
  void snapshot(StateWriter& writer) override;
  Result<void> restore(StateReader& reader) override;

 private:
  void add(const Record& record, BatchBuilder& builder);

  World& world_;
  TaskContext context_;
  Punctual punctual_;
  bool totals_ = false;
  std::map<std::string, uint64_t> counts_;
};

void SimCount::process(Batch batch, Output& out) {
  BatchBuilder builder(*context_.pool);
  const auto send = [&] {
    Batch made = builder.take();
    made.set_epoch(batch.epoch());
    out.emit(std::move(made));
  };
  batch.for_each([&](const Record& record) {
    add(record, builder);
    if (builder.full()) send();
  });
  if (!builder.empty()) send();
}

void SimCount::add(const Record& record, BatchBuilder& builder) {
  punctual_.record(world_, context_.stage, record);
  const std::string key(record.key_view());
  const std::string_view payload = record.payload_view();
  if (context_.combined) {  // a combiner's: the number it found
    counts_[key] += std::stoull(std::string(payload.substr(payload.find('+') + 1)));
    return;
  }
  const uint64_t n = ++counts_[key];
  if (totals_) return;
  const std::string_view text = without_padding(payload);
  const std::string name = context_.stage + "." + key;
  Record& made = builder.append(counted_as(made_by(text, context_.stage, 0), name, n) +
                                std::string(payload.substr(text.size())));
  made.event_time_us = record.event_time_us;
  builder.set_key(made, key);
  if (record.headers_size > 0) builder.set_headers(made, record.headers_view());
}

void SimCount::on_end(Output& out) {
  if (!totals_) return;
  BatchBuilder builder(*context_.pool);
  for (const auto& [key, n] : counts_) {
    const std::string text = total_text(context_.stage, key);
    builder.set_key(builder.append(counted_as(text, text.substr(1), n)), key);
    if (builder.full()) out.emit(builder.take());
  }
  if (!builder.empty()) out.emit(builder.take());
}

void SimCount::snapshot(StateWriter& writer) {
  world_.protocol().snapshot_taken(context_.stage);
  for (const auto& [key, n] : counts_) writer.put(key, std::to_string(n));
}

Result<void> SimCount::restore(StateReader& reader) {
  auto done = reader.for_each([&](std::string_view key, std::string_view n) -> Result<void> {
    counts_[std::string(key)] += std::stoull(std::string(n));
    return {};
  });
  if (done && world_.crash_while(Moment::kRestoring)) return crashed_error();
  return done;
}

/// Counts before the exchange: what it has so far goes on at each barrier, or when it is much.
class SimCombiner final : public Stage {
 public:
  explicit SimCombiner(World& world) : world_(world) {}
  Result<void> open(const TaskContext& context) override {
    context_ = context;
    return {};
  }
  void process(Batch batch, Output& out) override {
    epoch_ = std::min(epoch_, batch.epoch());
    batch.for_each([&](const Record& record) { ++counts_[std::string(record.key_view())]; });
    if (world_.chance(20)) send(out);
  }
  void on_barrier(const Barrier&, Output& out) override { send(out); }
  void on_end(Output& out) override { send(out); }
  void flush(Output& out) override { send(out); }
  Epoch floor() const override { return epoch_; }

 private:
  void send(Output& out) {
    if (counts_.empty()) return;
    BatchBuilder builder(*context_.pool);
    for (const auto& [key, n] : counts_) {
      builder.set_key(builder.append(key + "+" + std::to_string(n)), key);
    }
    Batch batch = builder.take();
    batch.set_epoch(epoch_);
    counts_.clear();
    epoch_ = kNoEpoch;
    out.emit(std::move(batch));
  }

  World& world_;
  TaskContext context_;
  std::map<std::string, uint64_t> counts_;
  Epoch epoch_ = kNoEpoch;
};

class CountFactory final : public StageFactory {
 public:
  CountFactory(World& world, bool combines) : world_(world), combines_(combines) {}
  std::unique_ptr<Stage> create() const override { return std::make_unique<SimCount>(world_); }
  std::unique_ptr<Stage> create_combiner() const override {
    return combines_ ? std::make_unique<SimCombiner>(world_) : nullptr;
  }

 private:
  World& world_;
  bool combines_;
};

Component counting_entry(World& world, std::string type, bool combines) {
  Traits traits;
  traits.keyed = true;
  traits.stateful = true;
  return world_component(ComponentKind::kStage, std::move(type), traits,
                         [&world, combines](Bound& bound) {
                           bound.stage = std::make_unique<CountFactory>(world, combines);
                         });
}

}  // namespace

Component count_entry(World& world) { return counting_entry(world, "sim_count", false); }
Component total_entry(World& world) { return counting_entry(world, "sim_total", true); }

}  // namespace penstock::simulation
