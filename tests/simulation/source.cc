// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "components.h"

namespace penstock::simulation {
namespace {

/// Reads numbered records of its partitions, in any interleaving, with pauses.
class SimSource final : public Source {
 public:
  explicit SimSource(World& world) : world_(world) {}

  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;
  void committed(const Positions& positions) override;
  void stop() override { stopped_ = true; }

 private:
  struct Partition {
    uint32_t number = 0;
    uint64_t next = 0;
    uint64_t told = 0;      // committed() said so
    bool touched = false;   // read since it was opened
  };
  Pull pause();
  void emit_some(Partition& partition, SourceOutput& out);
  void say_watermark(SourceOutput& out);
  bool finished(const Partition& p) const { return about_->ends && p.next == about_->records; }

  World& world_;
  TaskContext context_;
  const Behaviour* about_ = nullptr;
  std::vector<Partition> partitions_;
  bool remembers_ = true;
  bool stopped_ = false;
};

Result<void> SimSource::open(const TaskContext& context, const Positions& restored) {
  context_ = context;
  about_ = &world_.behaviour(context.stage);
  world_.protocol().source_opened(context.stage, context.task);
  const StageSpec& spec = *world_.scenario().spec.find_stage(context.stage);
  remembers_ = spec.type != "sim_forgetful";
  if (restored != world_.durable(context.stage)) {
    world_.fail(context.stage + " was not given the positions of the commit point");
  }
  for (uint32_t p = context.task; p < about_->partitions; p += context.tasks) {
    const auto at = restored.find(std::to_string(p));
    const uint64_t next = at == restored.end() ? 0 : std::stoull(at->second.value);
    if (at != restored.end() && at->second.finished && next != about_->records) {
      world_.fail(context.stage + " was given a finished partition that has records left");
    }
    partitions_.push_back({p, next, next, false});
    world_.set_read_to(context.stage, p, next);
  }
  if (world_.crash_while(Moment::kOpening)) return crashed_error();
  return {};
}

Result<Pull> SimSource::pull(SourceOutput& out) {
  if (stopped_) world_.fail(context_.stage + " was pulled after its stop");
  if (world_.chance(about_->idle)) return pause();
  std::vector<Partition*> left;
  for (Partition& partition : partitions_) {
    if (partition.next < about_->records) left.push_back(&partition);
  }
  if (left.empty()) {
    if (!about_->ends) return Pull::idle();
    world_.protocol().source_ended(context_.stage, context_.task);
    world_.trace(context_.stage + "/" + std::to_string(context_.task) + " ends");
    return Pull::end();
  }
  emit_some(*left[world_.random().below(left.size())], out);
  if (about_->watermarks && world_.chance(30)) say_watermark(out);
  if (about_->demands && world_.chance(5)) out.request_epoch();
  return Pull::more();
}

Pull SimSource::pause() {
  if (world_.chance(50)) {
    // Someone else wakes it, like a thread that fills a queue.
    context_.blocking->submit([waker = context_.waker] { waker->wake(); });
    return Pull::idle();
  }
  const uint64_t wait = world_.random().below(world_.chance(10) ? 500'000'000 : 5'000'000);
  return Pull::idle(context_.clock->monotonic_ns() + static_cast<int64_t>(wait));
}

void SimSource::emit_some(Partition& partition, SourceOutput& out) {
  BatchBuilder builder(*context_.pool);
  const uint64_t most = std::min<uint64_t>({8, context_.batch_records_max,
                                            about_->records - partition.next});
  const uint64_t n = 1 + world_.random().below(most);
  for (uint64_t i = 0; i < n; ++i) {
    const std::string text = origin_text(context_.stage, partition.number, partition.next);
    Record& record = builder.append(text + std::string(about_->padding, '~'));
    record.position = static_cast<int64_t>(partition.next);
    record.event_time_us = static_cast<int64_t>(partition.next) * 1000;
    builder.set_key(record, key_of(*about_, text));
    world_.read(context_.stage, partition.number, partition.next);
    ++partition.next;
  }
  partition.touched = true;
  world_.set_read_to(context_.stage, partition.number, partition.next);
  if (world_.traced()) {
    world_.trace(context_.stage + "/" + std::to_string(context_.task) + " reads partition " +
                 std::to_string(partition.number) + " up to " + std::to_string(partition.next));
  }
  out.emit(builder.take());
}

/// The earliest event time that may still come.
void SimSource::say_watermark(SourceOutput& out) {
  int64_t earliest = kEndOfTime;
  for (const Partition& partition : partitions_) {
    if (partition.next == about_->records) continue;
    earliest = std::min(earliest, static_cast<int64_t>(partition.next) * 1000);
  }
  if (earliest != kEndOfTime) out.watermark(earliest);
}

Positions SimSource::positions() {
  world_.protocol().source_passed(context_.stage, context_.task);
  Positions positions;
  for (const Partition& partition : partitions_) {
    if (!partition.touched && !about_->reports_all && !finished(partition)) continue;
    positions[std::to_string(partition.number)] = {std::to_string(partition.next),
                                                   finished(partition)};
  }
  return positions;
}

void SimSource::committed(const Positions& positions) {
  world_.protocol().source_told(context_.stage);
  for (const auto& [name, position] : positions) {
    const uint64_t to = std::stoull(position.value);
    const auto own = std::find_if(partitions_.begin(), partitions_.end(), [&](auto& partition) {
      return std::to_string(partition.number) == name;
    });
    const std::string what = context_.stage + "/" + std::to_string(context_.task) +
                             " was told that partition " + name + " is committed to " +
                             position.value;
    if (own == partitions_.end()) {
      world_.fail(what + ", which is another task's");
      continue;
    }
    if (to > own->next) world_.fail(what + ", which it has not read");
    if (to < own->told) world_.fail(what + ", after " + std::to_string(own->told));
    world_.told(context_.stage, own->number, to);
    own->told = to;
    if (!remembers_) continue;
    const Positions& durable = world_.durable(context_.stage);
    const auto at = durable.find(name);
    if (to > 0 && (at == durable.end() || std::stoull(at->second.value) < to)) {
      world_.fail(what + ", but the commit point does not say so");
    }
  }
}

}  // namespace

namespace {

Component make_entry(World& world, std::string type, bool remembers) {
  Traits traits;
  traits.remembers = remembers;
  return world_component(ComponentKind::kSource, std::move(type), traits, [&world](Bound& bound) {
    bound.source = std::make_unique<WorldFactory<SourceFactory, Source, SimSource>>(world);
  });
}

}  // namespace

Component source_entry(World& world) { return make_entry(world, "sim_source", true); }
Component forgetful_entry(World& world) { return make_entry(world, "sim_forgetful", false); }

}  // namespace penstock::simulation
