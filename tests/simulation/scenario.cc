// SPDX-License-Identifier: Apache-2.0
#include "scenario.h"

#include "flow_draw.h"

namespace penstock::simulation {

Scenario draw_scenario(uint64_t seed) {
  Random random(seed);
  Scenario s;
  s.seed = seed;
  s.spec.name = "sim";
  s.spec.file = "seed-" + std::to_string(seed);
  s.spec.guarantee = random.chance(40, 100) ? Guarantee::kExactlyOnce : Guarantee::kAtLeastOnce;
  s.spec.durability = random.chance(1, 2) ? Durability::kPower : Durability::kKill;
  s.spec.epoch_interval = milliseconds(1 + static_cast<int64_t>(random.below(100)));
  s.spec.checkpoint_interval = milliseconds(1 + static_cast<int64_t>(random.below(1000)));
  FlowDraw(s, random).draw();

  s.pace.hurry = static_cast<uint32_t>(random.below(random.chance(1, 4) ? 200 : 20));
  s.pace.blocking = static_cast<uint32_t>(random.below(4));
  s.pace.turn_ns_max = random.chance(1, 5) ? 2'000'000 : 20'000;
  s.power = s.spec.durability == Durability::kPower && random.chance(2, 3);
  s.crashes = static_cast<uint32_t>(random.below(6));
  s.resets = random.chance(1, 2) ? static_cast<uint32_t>(random.below(4)) : 0;
  s.reconfigurations = random.chance(1, 2) ? static_cast<uint32_t>(random.below(3)) : 0;
  s.clock_jumps = static_cast<uint32_t>(random.below(3));
  if (random.chance(1, 3)) {
    s.disk_faults.full = static_cast<uint32_t>(random.below(100));
    s.disk_faults.failed = static_cast<uint32_t>(random.below(10));
    s.disk_faults.torn = static_cast<uint32_t>(random.below(20));
    s.disk_faults.failed_but_done = static_cast<uint32_t>(random.below(20));
  }
  return s;
}

void redraw_tasks(Spec& spec, Random& random) {
  for (StageSpec& stage : spec.stages) {
    if (random.chance(1, 2)) stage.threads = 1 + static_cast<uint32_t>(random.below(3));
  }
}

std::string describe(const Scenario& scenario) {
  std::string out = std::string(to_string(scenario.spec.guarantee)) + ", durability " +
                    to_string(scenario.spec.durability) + "\n";
  for (const StageSpec& stage : scenario.spec.stages) {
    const Behaviour& b = scenario.behaviour(stage.name);
    out += "  " + stage.name + " (" + stage.type + ") x" + std::to_string(stage.threads);
    if (stage.key.kind != KeySpec::Kind::kNone) out += " by key";
    out += ":";
    for (const InputRef& input : stage.inputs) out += " " + input.queue;
    out += " ->";
    for (const OutputRef& to : stage.outputs) {
      out += " " + (to.port.empty() ? to.queue : to.port + ":" + to.queue);
    }
    if (!stage.dead_letter.empty()) out += " dead:" + stage.dead_letter;
    if (stage.inputs.empty()) {
      out += "  " + std::to_string(b.partitions) + " x " + std::to_string(b.records) +
             (b.ends ? " records" : " records, then silence");
    }
    if (b.reject > 0) out += "  reject " + std::to_string(b.reject) + " %";
    if (b.transient > 0) {
      out += "  fail " + std::to_string(b.transient) + " % (" +
             std::to_string(stage.retry ? stage.retry->max_attempts : 0) + " attempts)";
    }
    if (b.drop > 0) out += "  drop " + std::to_string(b.drop) + " %";
    if (b.copies > 1) out += "  up to " + std::to_string(b.copies) + " copies";
    if (b.rekey) out += "  rekey";
    if (b.flights_max > 1) out += "  " + std::to_string(b.flights_max) + " flights";
    out += "\n";
  }
  for (const QueueSpec& queue : scenario.spec.queues) {
    out += "  " + queue.name + ": " + std::to_string(queue.capacity) + " records, " +
           std::to_string(queue.capacity_bytes.bytes) + " bytes" +
           (queue.broadcast ? ", broadcast" : "") +
           (queue.ordering == Ordering::kNone        ? ", no order"
            : queue.ordering == Ordering::kPartition ? ", in order"
                                                     : "") +
           "\n";
  }
  out += "  crashes " + std::to_string(scenario.crashes) + (scenario.power ? " (power)" : "") +
         ", resets " + std::to_string(scenario.resets) + ", reconfigurations " +
         std::to_string(scenario.reconfigurations) + "\n";
  return out;
}

}  // namespace penstock::simulation
