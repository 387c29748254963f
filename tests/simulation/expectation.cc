// SPDX-License-Identifier: Apache-2.0
#include "expectation.h"

#include <algorithm>

#include "identity.h"

namespace penstock::simulation {

Expectation::Expectation(const Scenario& scenario) : scenario_(scenario) {
  std::map<std::string, uint32_t> writers;  // of a queue that have not had their turn
  std::map<std::string, bool> queue_ends;
  for (const QueueSpec& queue : scenario.spec.queues) {
    readers_[queue.name];
    broadcast_[queue.name] = queue.broadcast;
    queue_ends[queue.name] = true;
  }
  for (const StageSpec& stage : scenario.spec.stages) {
    for (const InputRef& input : stage.inputs) readers_[input.queue].push_back(&stage);
    for (const std::string& queue : written(stage)) ++writers[queue];
  }
  while (order_.size() < scenario.spec.stages.size()) {
    for (const StageSpec& stage : scenario.spec.stages) {
      const bool ready = std::all_of(stage.inputs.begin(), stage.inputs.end(),
                                     [&](auto& input) { return writers[input.queue] == 0; });
      if (!ready || ends_.contains(stage.name)) continue;
      order_.push_back(&stage);
      bool ends = !stage.inputs.empty() || scenario.behaviour(stage.name).ends;
      for (const InputRef& input : stage.inputs) ends = ends && queue_ends[input.queue];
      ends_[stage.name] = ends;
      for (const std::string& queue : written(stage)) {
        --writers[queue];
        queue_ends[queue] = queue_ends[queue] && ends;
      }
    }
  }
}

std::vector<std::string> Expectation::written(const StageSpec& stage) {
  std::vector<std::string> queues;
  for (const OutputRef& output : stage.outputs) queues.push_back(output.queue);
  if (!stage.dead_letter.empty()) queues.push_back(stage.dead_letter);
  return queues;
}

Item Expectation::read_item(const StageSpec& source, uint32_t partition, uint64_t offset) const {
  const std::string text = origin_text(source.name, partition, offset);
  return {text, {}, key_of(scenario_.behaviour(source.name), text)};
}

Item Expectation::total_item(const std::string& stage, const std::string& key) {
  return {total_text(stage, key), {}, key};
}

std::vector<std::pair<std::string, Item>> Expectation::sent(const StageSpec& stage,
                                                            const Item& item) const {
  std::vector<std::pair<std::string, Item>> out;
  for (const OutputRef& output : stage.outputs) out.push_back({output.queue, item});
  return out;
}

Outcome Expectation::dead_letter(const StageSpec& stage, const Item& item) const {
  Item dead = item;
  dead.rejects += "!" + stage.name;
  return {false, false, {{stage.dead_letter, dead}}};
}

std::vector<Outcome> Expectation::outcomes(const StageSpec& stage, const Item& item) const {
  const Behaviour& b = scenario_.behaviour(stage.name);
  if (stage.type == "sim_total") return {Outcome{false, true, {}}};
  const Fate what = fate(b, stage.name, item.id());
  std::vector<Outcome> out;
  if (b.may_give_up) out.push_back(dead_letter(stage, item));
  if (what == Fate::kDrop) {
    out.push_back({false, true, {}});
    return out;
  }
  if (what == Fate::kReject) {
    if (out.empty()) out.push_back(dead_letter(stage, item));
    return out;
  }
  Outcome pass;
  pass.delivered = stage.outputs.empty();
  const bool maps = stage.type == "sim_map" || stage.type == "sim_route";
  const uint32_t n = maps ? copies(b, stage.name, item.id()) : 1;
  const std::string port =
      stage.type != "sim_route" ? ""
      : port_of(b, stage.name, item.id(), item.key) == 0 ? "a" : "b";
  for (uint32_t copy = 0; copy < n; ++copy) {
    Item made{made_by(item.path, stage.name, copy), item.rejects,
              maps && b.rekey ? rekeyed(stage.name, item.key) : item.key};
    for (const OutputRef& output : stage.outputs) {
      if (output.port == port) pass.next.push_back({output.queue, made});
    }
  }
  pass.unseen = !pass.delivered && pass.next.empty();
  out.push_back(std::move(pass));
  return out;
}

}  // namespace penstock::simulation
