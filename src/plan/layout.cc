// SPDX-License-Identifier: Apache-2.0
#include "plan/layout.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "config/value_type.h"

namespace penstock {
namespace {

void add_once(std::vector<uint32_t>& list, uint32_t value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

bool reads(const StageSpec& stage, const std::string& queue) {
  const auto is_queue = [&queue](const InputRef& input) { return input.queue == queue; };
  return std::any_of(stage.inputs.begin(), stage.inputs.end(), is_queue);
}

/// A keyed stage beside others on one queue would get only part of each key's records.
void check_competition(const Spec& spec, const QueueSpec& queue, Diagnostics& diagnostics) {
  std::vector<const StageSpec*> readers;
  for (const StageSpec& stage : spec.stages) {
    if (reads(stage, queue.name)) readers.push_back(&stage);
  }
  if (readers.size() < 2) return;
  for (const StageSpec* reader : readers) {
    if (queue.broadcast || reader->key.kind == KeySpec::Kind::kNone) continue;
    const StageSpec* rival = readers[reader == readers[0] ? 1 : 0];
    diagnostics.error("keyed-competition", reader->key.position,
                      "stage " + shown(reader->name) + " has a key, but shares the queue " +
                          shown(queue.name) + " with stage " + shown(rival->name) +
                          ": records of one key would go to both",
                      "give each stage a queue of its own, or set broadcast: true on the queue");
  }
  for (const StageSpec& stage : spec.stages) {
    if (!queue.broadcast || stage.dead_letter != queue.name) continue;
    diagnostics.error("broadcast-dead-letters", stage.dead_letter_position,
                      "stage " + shown(stage.name) + " sends dead letters to the queue " +
                          shown(queue.name) + ", which several stages read as a broadcast",
                      "let one stage read the dead letters");
  }
}

/// Rejecting a dead letter would need a third place to put it; records must end somewhere.
void check_dead_letters(const Spec& spec, Diagnostics& diagnostics) {
  std::set<std::string> queues;  // that carry dead letters, or what is made of them
  for (const StageSpec& stage : spec.stages) {
    if (!stage.dead_letter.empty()) queues.insert(stage.dead_letter);
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const StageSpec& stage : spec.stages) {
      const auto is_dead = [&](const InputRef& input) { return queues.contains(input.queue); };
      if (std::none_of(stage.inputs.begin(), stage.inputs.end(), is_dead)) continue;
      for (const OutputRef& output : stage.outputs) grew |= queues.insert(output.queue).second;
    }
  }
  for (const StageSpec& stage : spec.stages) {
    const auto dead =
        std::find_if(stage.inputs.begin(), stage.inputs.end(),
                     [&](const InputRef& input) { return queues.contains(input.queue); });
    if (stage.dead_letter.empty() || dead == stage.inputs.end()) continue;
    diagnostics.error("dead-letter-chain", stage.dead_letter_position,
                      "stage " + shown(stage.name) + " takes dead letters (from the queue " +
                          shown(dead->queue) + ") and has dead letters of its own",
                      "remove its dead_letter: what takes dead letters tries again until it can");
  }
}

/// The edges of each queue, by name. Of a broadcast queue one for each consumer.
std::map<std::string, std::vector<uint32_t>> lay_queues(Plan& plan) {
  std::map<std::string, std::vector<uint32_t>> of_queue;
  for (const QueueSpec& queue : plan.spec.queues) {
    std::vector<uint32_t> consumers;
    for (uint32_t i = 0; i < plan.stages.size(); ++i) {
      if (reads(plan.spec.stages[i], queue.name)) consumers.push_back(i);
    }
    const size_t edges = queue.broadcast ? consumers.size() : consumers.empty() ? 0 : 1;
    for (size_t e = 0; e < edges; ++e) {
      PlanEdge edge;
      edge.queue = queue.name;
      edge.consumers = queue.broadcast ? std::vector{consumers[e]} : consumers;
      edge.capacity_records = queue.capacity;
      edge.capacity_bytes = queue.capacity_bytes.bytes;
      edge.ordering = queue.ordering;
      if (plan.stages[edge.consumers[0]].key.is_set()) edge.mode = EdgeMode::kKeyed;
      const uint32_t index = static_cast<uint32_t>(plan.edges.size());
      for (const uint32_t consumer : edge.consumers) plan.stages[consumer].inputs.push_back(index);
      of_queue[queue.name].push_back(index);
      plan.edges.push_back(std::move(edge));
    }
  }
  return of_queue;
}

/// Whether an edge may be a plain call: nothing is divided, joined or set apart there.
bool can_forward(const Plan& plan, const PlanEdge& edge) {
  if (edge.dead_letters || edge.producers.size() != 1 || edge.consumers.size() != 1) return false;
  const PlanStage& from = plan.stages[edge.producers[0]];
  const PlanStage& to = plan.stages[edge.consumers[0]];
  if (to.inputs.size() != 1 || from.tasks != to.tasks) return false;
  if (!plan.spec.stages[edge.producers[0]].chain) return false;
  if (!plan.spec.stages[edge.consumers[0]].chain) return false;
  if (from.cpu_pinning != to.cpu_pinning || from.realtime_priority != to.realtime_priority) {
    return false;
  }
  return edge.mode == EdgeMode::kShared || to.tasks == 1;
}

bool can_combine(const Plan& plan, const PlanStage& stage) {
  if (stage.kind != ComponentKind::kStage || stage.inputs.empty()) return false;
  // A combiner cannot put aside the records whose key cannot be computed.
  if (stage.key.is_computed() && stage.dead_letter) return false;
  const auto exchanged = [&plan](uint32_t edge) {
    return plan.edges[edge].mode == EdgeMode::kKeyed && !plan.edges[edge].dead_letters;
  };
  return std::all_of(stage.inputs.begin(), stage.inputs.end(), exchanged) &&
         stage.bound->stage->create_combiner() != nullptr;
}

}  // namespace

void check_queues(const Spec& spec, Diagnostics& diagnostics) {
  for (const QueueSpec& queue : spec.queues) check_competition(spec, queue, diagnostics);
  check_dead_letters(spec, diagnostics);
}

std::vector<uint32_t> edges_out(const PlanStage& stage) {
  std::vector<uint32_t> out;
  for (const PlanPort& port : stage.ports) {
    out.insert(out.end(), port.edges.begin(), port.edges.end());
  }
  if (stage.dead_letter) out.push_back(*stage.dead_letter);
  return out;
}

void make_edges(Plan& plan) {
  const auto of_queue = lay_queues(plan);
  for (uint32_t i = 0; i < plan.stages.size(); ++i) {
    const StageSpec& spec = plan.spec.stages[i];
    PlanStage& stage = plan.stages[i];
    for (const OutputRef& output : spec.outputs) {
      const auto port =
          std::find_if(stage.ports.begin(), stage.ports.end(),
                       [&output](const PlanPort& each) { return each.name == output.port; });
      CHECK(port != stage.ports.end());
      for (const uint32_t edge : of_queue.at(output.queue)) {
        port->edges.push_back(edge);
        add_once(plan.edges[edge].producers, i);
      }
    }
    if (spec.dead_letter.empty()) continue;
    stage.dead_letter = of_queue.at(spec.dead_letter).at(0);
    plan.edges[*stage.dead_letter].dead_letters = true;
    add_once(plan.edges[*stage.dead_letter].producers, i);
  }
}

std::vector<uint32_t> flow_order(const Plan& plan) {
  std::vector<size_t> waiting(plan.stages.size(), 0);  // producers that have not had their turn
  for (const PlanEdge& edge : plan.edges) {
    for (const uint32_t consumer : edge.consumers) waiting[consumer] += edge.producers.size();
  }
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < plan.stages.size(); ++i) {
    if (waiting[i] == 0) order.push_back(i);
  }
  for (size_t at = 0; at < order.size(); ++at) {
    std::vector<uint32_t> edges = edges_out(plan.stages[order[at]]);
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    for (const uint32_t edge : edges) {
      for (const uint32_t consumer : plan.edges[edge].consumers) {
        if (--waiting[consumer] == 0) order.push_back(consumer);
      }
    }
  }
  CHECK_EQ(order.size(), plan.stages.size());
  return order;
}

void make_chains(Plan& plan) {
  for (PlanEdge& edge : plan.edges) {
    if (can_forward(plan, edge)) edge.mode = EdgeMode::kForward;
  }
  const auto is_head = [&plan](const PlanStage& stage) {
    return stage.inputs.empty() || plan.edges[stage.inputs[0]].mode != EdgeMode::kForward;
  };
  for (uint32_t i = 0; i < plan.stages.size(); ++i) {
    PlanStage& stage = plan.stages[i];
    stage.combined = can_combine(plan, stage);
    if (!is_head(stage)) continue;
    stage.chain = static_cast<uint32_t>(plan.chains.size());
    plan.chains.push_back({{i}, stage.tasks});
  }
  for (const uint32_t i : flow_order(plan)) {
    PlanStage& stage = plan.stages[i];
    if (is_head(stage)) continue;
    stage.chain = plan.stages[plan.edges[stage.inputs[0]].producers[0]].chain;
    plan.chains[stage.chain].stages.push_back(i);
  }
}

void make_regions(Plan& plan) {
  std::vector<uint32_t> root(plan.stages.size());  // union-find; the root is the first in the file
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&root](uint32_t stage) {
    while (root[stage] != stage) stage = root[stage] = root[root[stage]];
    return stage;
  };
  for (const PlanEdge& edge : plan.edges) {
    std::vector<uint32_t> ends = edge.producers;
    ends.insert(ends.end(), edge.consumers.begin(), edge.consumers.end());
    for (const uint32_t end : ends) {
      const uint32_t a = find(ends[0]), b = find(end);
      root[std::max(a, b)] = std::min(a, b);
    }
  }
  for (uint32_t i = 0; i < plan.stages.size(); ++i) {
    PlanStage& stage = plan.stages[i];
    if (find(i) == i) {
      stage.region = static_cast<uint32_t>(plan.regions.size());
      plan.regions.push_back({stage.name, {}, {}});
    } else {
      stage.region = plan.stages[find(i)].region;
    }
    plan.regions[stage.region].stages.push_back(i);
  }
  // State is found again by this name, so it should not change when stages change places.
  for (PlanRegion& region : plan.regions) {
    const auto source = std::find_if(
        region.stages.begin(), region.stages.end(),
        [&](uint32_t i) { return plan.stages[i].kind == ComponentKind::kSource; });
    if (source != region.stages.end()) region.name = plan.stages[*source].name;
  }
  for (uint32_t c = 0; c < plan.chains.size(); ++c) {
    plan.regions[plan.stages[plan.chains[c].stages[0]].region].chains.push_back(c);
  }
}

}  // namespace penstock
