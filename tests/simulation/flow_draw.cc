// SPDX-License-Identifier: Apache-2.0
#include "flow_draw.h"

#include <algorithm>

namespace penstock::simulation {

void FlowDraw::draw() {
  queues_.reserve(256);  // references to queues stay good
  const uint64_t sources = 1 + random_.below(3);
  for (uint64_t i = 0; i < sources; ++i) draw_source();
  const uint64_t stages = random_.below(5);
  for (uint64_t i = 0; i < stages; ++i) draw_stage();
  while (!unread().empty()) draw_sink();
  if (chance(20)) draw_sink();
  while (!unread().empty()) draw_sink();  // of dead letters
  finish_queues();
}

FlowDraw::Queue& FlowDraw::new_queue(bool dead) {
  Queue queue;
  queue.name = "q" + std::to_string(queues_.size());
  queue.dead = dead;
  queues_.push_back(queue);
  return queues_.back();
}

FlowDraw::Queue& FlowDraw::queue(const std::string& name) {
  return *std::find_if(queues_.begin(), queues_.end(),
                       [&](const Queue& each) { return each.name == name; });
}

std::vector<std::string> FlowDraw::unread() const {
  std::vector<std::string> names;
  for (const Queue& each : queues_) {
    if (each.readers == 0) names.push_back(each.name);
  }
  return names;
}

StageSpec& FlowDraw::new_stage(const std::string& kind, const std::string& type) {
  StageSpec stage;
  stage.name = kind + std::to_string(scenario_.spec.stages.size());
  stage.type = type;
  stage.threads = chance(50) ? 1 : 1 + static_cast<uint32_t>(random_.below(3));
  stage.chain = chance(80);
  scenario_.spec.stages.push_back(std::move(stage));
  return scenario_.spec.stages.back();
}

void FlowDraw::output(StageSpec& stage, const std::string& port, bool dead) {
  const uint64_t queues = chance(15) ? 2 : 1;
  for (uint64_t i = 0; i < queues; ++i) {
    Queue& to = new_queue(dead);
    to.writer = stage.name;
    stage.outputs.push_back({port, to.name, {}});
  }
}

/// Makes the stage a reader of the queue, if the queue can have it.
bool FlowDraw::read(StageSpec& stage, const std::string& name) {
  Queue& from = queue(name);
  for (const InputRef& input : stage.inputs) {
    if (input.queue == name) return false;
    // By two queues it would get the same record twice.
    if (!from.writer.empty() && queue(input.queue).writer == from.writer) return false;
  }
  const bool keyed = stage.key.kind != KeySpec::Kind::kNone;
  if (from.readers > 0 && !from.broadcast) {
    // A second reader: everything to both, or they compete.
    if (from.readers > 1 && keyed) return false;
    const bool broadcast = from.readers == 1 && (from.keyed || keyed || chance(50));
    if (broadcast && from.takes_rejects) return false;
    if (!broadcast && from.keyed) return false;
    from.broadcast = broadcast;
  }
  ++from.readers;
  from.keyed = from.keyed || keyed;
  stage.inputs.push_back({name, {}});
  return true;
}

bool FlowDraw::draw_inputs(StageSpec& stage) {
  std::vector<std::string> open = unread();
  bool dead = false;
  const auto take = [&](const std::string& name) {
    if (read(stage, name)) dead = dead || queue(name).dead;
  };
  if (!open.empty()) take(open[random_.below(open.size())]);
  open = unread();
  if (!open.empty() && chance(30)) take(open[random_.below(open.size())]);
  if (stage.inputs.empty() || chance(15)) take(queues_[random_.below(queues_.size())].name);
  if (stage.inputs.empty()) {  // the first queue takes any reader without a key
    stage.key.kind = KeySpec::Kind::kNone;
    take(queues_[0].name);
  }
  return dead;
}

void FlowDraw::draw_trouble(StageSpec& stage, Behaviour& behaviour, bool dead) {
  if (chance(35)) behaviour.transient = 5 + static_cast<uint32_t>(random_.below(20));
  if (!dead && chance(35)) behaviour.reject = 3 + static_cast<uint32_t>(random_.below(12));
  if (!dead && behaviour.transient > 0 && chance(40)) behaviour.may_give_up = true;
  if (behaviour.transient > 0) {
    RetrySpec retry;
    retry.max_attempts = behaviour.may_give_up ? 1 + static_cast<uint32_t>(random_.below(4)) : 0;
    retry.initial = milliseconds(1 + static_cast<int64_t>(random_.below(200)));
    retry.max = milliseconds(1 + static_cast<int64_t>(random_.below(2000)));
    stage.retry = retry;
  }
  if (behaviour.reject == 0 && !behaviour.may_give_up) return;
  if (dead_queue_.empty() || chance(20)) {
    Queue& made = new_queue(true);
    made.takes_rejects = true;
    dead_queue_ = made.name;
  }
  stage.dead_letter = dead_queue_;
}

void FlowDraw::draw_source() {
  StageSpec& stage = new_stage("source", "sim_source");
  Behaviour behaviour;
  behaviour.partitions = 1 + static_cast<uint32_t>(random_.below(4));
  behaviour.records = random_.below(chance(10) ? 3 : 60);
  behaviour.ends = chance(60);
  behaviour.keys = 1 + static_cast<uint32_t>(random_.below(6));
  behaviour.idle = static_cast<uint32_t>(random_.below(60));
  behaviour.padding = chance(10) ? 20'000 : 0;
  behaviour.reports_all = chance(60);
  behaviour.demands = chance(20);
  behaviour.watermarks = chance(80);
  if (!exactly_once() && chance(10)) stage.type = "sim_forgetful";
  if (queues_.empty() || chance(70)) {
    output(stage, "", false);
  } else {
    stage.outputs.push_back({"", queues_[random_.below(queues_.size())].name, {}});
  }
  scenario_.stages[stage.name] = behaviour;
}

void FlowDraw::maybe_key(StageSpec& stage) {
  if (chance(50)) stage.key.kind = KeySpec::Kind::kRecordKey;
}

void FlowDraw::draw_stage() {
  Behaviour behaviour;
  const uint64_t pick = random_.below(100);
  const bool hold = pick < 20 && !exactly_once();
  const bool count = pick >= 20 && pick < 45 && !unread().empty();
  const bool route = pick >= 45 && pick < 60;
  StageSpec& stage = hold    ? new_stage("hold", "sim_hold")
                     : count ? new_stage("count", chance(40) ? "sim_total" : "sim_count")
                     : route ? new_stage("route", "sim_route")
                             : new_stage("map", "sim_map");
  if (count) stage.key.kind = KeySpec::Kind::kRecordKey;
  if (!count) maybe_key(stage);
  const bool dead = draw_inputs(stage);
  if (hold) {
    behaviour.hold_records = 1 + static_cast<uint32_t>(random_.below(40));
    const uint64_t longest = chance(30) ? 3'000'000'000 : 300'000'000;
    behaviour.hold_ns = static_cast<int64_t>(random_.below(longest));
    behaviour.one_by_one = chance(50);
    behaviour.end_by_timer = chance(50);
  } else if (count) {
    behaviour.totals = stage.type == "sim_total";
  } else {
    draw_trouble(stage, behaviour, dead);
    behaviour.drop = chance(40) ? static_cast<uint32_t>(random_.below(50)) : 0;
    behaviour.copies = chance(40) ? 1 + static_cast<uint32_t>(random_.below(4)) : 1;
    behaviour.rekey = chance(20);
    behaviour.by_key = chance(50);
  }
  if (route) {
    if (chance(85)) output(stage, "a", dead);
    output(stage, "b", dead);
  } else {
    output(stage, "", dead);
  }
  scenario_.stages[stage.name] = behaviour;
}

void FlowDraw::draw_sink() {
  StageSpec& stage = new_stage("sink", exactly_once() ? "sim_file" : "sim_sink");
  maybe_key(stage);
  Behaviour behaviour;
  const bool dead = draw_inputs(stage);
  draw_trouble(stage, behaviour, dead);
  behaviour.pending_max = 1 + static_cast<uint32_t>(random_.below(32));
  behaviour.flight_max = 1 + static_cast<uint32_t>(random_.below(16));
  behaviour.flights_max = chance(30) ? 1 + static_cast<uint32_t>(random_.below(4)) : 1;
  behaviour.linger_ns = chance(30) ? static_cast<int64_t>(random_.below(300'000'000)) : 0;
  behaviour.rejects_late = chance(50);
  behaviour.skips_epochs = chance(30) && !exactly_once();
  if (chance(25)) {
    behaviour.stuck_from_ns = static_cast<int64_t>(random_.below(1'000'000'000));
    behaviour.stuck_until_ns =
        behaviour.stuck_from_ns + static_cast<int64_t>(random_.below(5'000'000'000));
  }
  scenario_.stages[stage.name] = behaviour;
}

void FlowDraw::finish_queues() {
  for (const Queue& each : queues_) {
    QueueSpec queue;
    queue.name = each.name;
    queue.broadcast = each.broadcast;
    queue.capacity = chance(50) ? 1 + static_cast<uint32_t>(random_.below(16)) : 128;
    if (chance(20)) queue.capacity_bytes = ByteSize{200 + random_.below(4000)};
    if (chance(10)) queue.ordering = Ordering::kNone;
    if (chance(15)) queue.ordering = Ordering::kPartition;  // where the plan can have it
    scenario_.spec.queues.push_back(queue);
  }
}

}  // namespace penstock::simulation
