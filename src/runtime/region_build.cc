// SPDX-License-Identifier: Apache-2.0
// How a region is wired from its plan: edges, tasks, instances, and who reports to whom.
#include <algorithm>

#include "base/hash.h"
#include "runtime/region.h"

namespace penstock {

void Region::build_edges() {
  edges_.resize(plan_.edges.size());
  const auto tasks_of = [&](const std::vector<uint32_t>& stages) {
    uint32_t n = 0;
    for (const uint32_t stage : stages) n += plan_.stages[stage].tasks;
    return n;
  };
  for (uint32_t e = 0; e < plan_.edges.size(); ++e) {
    const PlanEdge& edge = plan_.edges[e];
    if (edge.mode == EdgeMode::kForward) continue;
    if (edge.producers.empty() || edge.consumers.empty()) continue;
    if (&plan_.regions[plan_.stages[edge.consumers[0]].region] != &region_) continue;
    edges_[e] = std::make_unique<Edge>(edge, *services_.scheduler, tasks_of(edge.producers),
                                       tasks_of(edge.consumers),
                                       plan_.spec.guarantee == Guarantee::kExactlyOnce);
  }
}

uint32_t Region::producer_index(uint32_t edge, uint32_t stage, uint32_t task) const {
  uint32_t before = 0;
  for (const uint32_t s : plan_.edges[edge].producers) {
    if (s == stage) return before + task;
    before += plan_.stages[s].tasks;
  }
  CHECK(false);
}

uint32_t Region::consumer_index(uint32_t edge, uint32_t stage, uint32_t task) const {
  uint32_t before = 0;
  for (const uint32_t s : plan_.edges[edge].consumers) {
    if (s == stage) return before + task;
    before += plan_.stages[s].tasks;
  }
  CHECK(false);
}

KeySelector Region::edge_key(uint32_t edge) const {
  if (plan_.edges[edge].mode != EdgeMode::kKeyed) return {};
  const PlanStage& consumer = plan_.stages[plan_.edges[edge].consumers[0]];
  // A combiner leaves the key on the record.
  if (consumer.combined) return KeySelector{KeySelector::Kind::kRecordKey, {}};
  return consumer.key;
}

Tap* Region::tap_of(uint32_t edge) const {
  return services_.taps == nullptr ? nullptr : &services_.taps->edge(edge);
}

void Region::build_task(const PlanChain& chain, uint32_t index) {
  const uint32_t node = static_cast<uint32_t>(tasks_.size());
  tasks_.push_back(std::make_unique<ChainTask>(
      node, *services_.scheduler, pool_,
      plan_.spec.guarantee == Guarantee::kExactlyOnce));
  ChainTask& task = *tasks_.back();
  Placement placement;
  for (const uint32_t stage : chain.stages) {
    const PlanStage& plan = plan_.stages[stage];
    if (!plan.cpu_pinning.empty()) placement.cpus = plan.cpu_pinning;
    if (plan.realtime_priority) placement.realtime_priority = plan.realtime_priority;
    nodes_[stage].push_back(node);
    add_instance(task, stage, index);
  }
  placements_.push_back(std::move(placement));
  connect(task, chain, index);
  const uint32_t head = chain.stages[0];
  for (const uint32_t e : plan_.stages[head].inputs) {
    if (edges_[e] == nullptr) continue;
    const uint32_t c = consumer_index(e, head, index);
    for (uint32_t p = 0; p < edges_[e]->producers(); ++p) task.add_lane(*edges_[e], p, c);
  }
}

void Region::add_instance(ChainTask& task, uint32_t stage, uint32_t index) {
  const PlanStage& plan = plan_.stages[stage];
  const uint64_t seed = services_.seed ^ hash64(plan.name) ^ (uint64_t{index} << 32);
  const bool whole_lane = std::any_of(plan.inputs.begin(), plan.inputs.end(), [&](uint32_t e) {
    return plan_.edges[e].ordering == Ordering::kPartition;
  });
  switch (plan.kind) {
    case ComponentKind::kSource: {
      auto op = std::make_unique<SourceOp>(task, plan, stage, plan.bound->source->create());
      sources_.push_back({op.get(), index});
      task.add_source(std::move(op));
      return;
    }
    case ComponentKind::kStage: {
      auto op = std::make_unique<StageOp>(task, plan, stage, plan.bound->stage->create(),
                                          plan.bound->traits.stateful, whole_lane, index, seed);
      if (plan.combined) op->take_record_keys();
      stages_.push_back({op.get(), index});
      task.add_op(std::move(op));
      return;
    }
    case ComponentKind::kSink: {
      const uint32_t sink_node = static_cast<uint32_t>(sinks_.size());
      const bool two_phase = plan.bound->traits.two_phase &&
                             plan_.spec.guarantee == Guarantee::kExactlyOnce;
      auto op = std::make_unique<SinkOp>(task, plan, stage, sink_node, plan.bound->sink->create(),
                                         two_phase, whole_lane, seed);
      sinks_.push_back({op.get(), index});
      task.add_op(std::move(op));
      return;
    }
  }
}

void Region::connect(ChainTask& task, const PlanChain& chain, uint32_t index) {
  const auto op_of = [&](uint32_t stage) -> ChainOp* {
    const auto at = std::find(chain.stages.begin(), chain.stages.end(), stage);
    CHECK(at != chain.stages.end());
    return task.ops()[static_cast<size_t>(at - chain.stages.begin())].get();
  };
  for (const uint32_t stage : chain.stages) {
    const PlanStage& plan = plan_.stages[stage];
    ChainOp& op = *op_of(stage);
    // In the order of the flow: who is ahead has had its turn.
    if (op.payloads() == nullptr) op.share_payloads(std::make_shared<SharedPayloads>());
    std::map<uint32_t, EdgeWriter*> writers;
    const auto writer = [&](uint32_t e) -> EdgeWriter* {
      EdgeWriter*& made = writers[e];
      if (made == nullptr) {
        made = &task.add_writer(*edges_[e], producer_index(e, stage, index), edge_key(e));
      }
      return made;
    };
    for (uint32_t port = 0; port < plan.ports.size(); ++port) {
      for (const uint32_t e : plan.ports[port].edges) {
        const PlanEdge& edge = plan_.edges[e];
        if (edge.mode == EdgeMode::kForward) {
          ChainOp& next = *op_of(edge.consumers[0]);
          op.router().connect(port, {&next, nullptr, tap_of(e)});
          if (plan.bound->traits.passes_batches) next.share_payloads(op.payloads());
        } else if (plan_.stages[edge.consumers[0]].combined) {
          op.router().connect(port, {&add_combiner(task, edge.consumers[0], index, writer(e)),
                                     nullptr, tap_of(e)});
        } else {
          op.router().connect(port, {nullptr, writer(e), tap_of(e)});
        }
      }
    }
    if (plan.dead_letter) {
      op.set_dead_letters(writer(*plan.dead_letter), tap_of(*plan.dead_letter));
    }
  }
}

ChainOp& Region::add_combiner(ChainTask& task, uint32_t stage, uint32_t index, EdgeWriter* writer) {
  const PlanStage& plan = plan_.stages[stage];
  auto op = std::make_unique<StageOp>(task, plan, stage, plan.bound->stage->create_combiner(),
                                      false, false, index, services_.seed);
  op->router().connect(kDefaultPort, {nullptr, writer, nullptr});
  combiners_.push_back(op.get());
  ChainOp& made = *op;
  task.add_op(std::move(op));
  return made;
}

void Region::reach(uint32_t stage, std::vector<bool>& stages) const {
  if (stages[stage]) return;
  stages[stage] = true;
  const auto follow = [&](uint32_t e) {
    for (const uint32_t consumer : plan_.edges[e].consumers) reach(consumer, stages);
  };
  for (const PlanPort& port : plan_.stages[stage].ports) {
    for (const uint32_t e : port.edges) follow(e);
  }
  if (plan_.stages[stage].dead_letter) follow(*plan_.stages[stage].dead_letter);
}

LedgerLayout Region::layout() const {
  LedgerLayout layout;
  layout.tasks = static_cast<uint32_t>(tasks_.size());
  layout.sinks = static_cast<uint32_t>(sinks_.size());
  for (const uint32_t stage : region_.stages) {
    if (plan_.stages[stage].kind != ComponentKind::kSource) continue;
    LedgerLayout::Source source;
    source.name = plan_.stages[stage].name;
    source.tasks = nodes_[stage];
    source.with_checkpoints = plan_.spec.guarantee == Guarantee::kExactlyOnce;
    std::vector<bool> stages(plan_.stages.size());
    reach(stage, stages);
    std::vector<bool> nodes(tasks_.size());
    for (uint32_t s = 0; s < stages.size(); ++s) {
      if (!stages[s]) continue;
      if (plan_.stages[s].kind == ComponentKind::kStage && plan_.stages[s].bound->traits.stateful) {
        source.with_checkpoints = true;
      }
      for (const uint32_t node : nodes_[s]) nodes[node] = true;
    }
    for (uint32_t node = 0; node < nodes.size(); ++node) {
      if (nodes[node]) source.reach_tasks.push_back(node);
    }
    for (const auto& [sink, index] : sinks_) {
      if (stages[sink->stage_index()]) source.reach_sinks.push_back(sink->sink_node());
    }
    layout.sources.push_back(std::move(source));
  }
  return layout;
}

std::vector<std::pair<std::string, uint32_t>> Region::states_behind(uint32_t source) const {
  std::vector<bool> stages(plan_.stages.size());
  reach(source, stages);
  std::vector<std::pair<std::string, uint32_t>> states;
  for (uint32_t s = 0; s < stages.size(); ++s) {
    const PlanStage& stage = plan_.stages[s];
    if (!stages[s] || stage.kind != ComponentKind::kStage || !stage.bound->traits.stateful)
        continue;
    for (uint32_t task = 0; task < stage.tasks; ++task) states.push_back({stage.name, task});
  }
  return states;
}

CoordinatorSetup Region::coordinator_setup() const {
  CoordinatorSetup setup;
  setup.layout = layout();
  setup.task_names.resize(tasks_.size());
  for (const auto& task : tasks_) setup.tasks.push_back(task.get());
  for (const PlanStage& stage : plan_.stages) setup.stage_names.push_back(stage.name);
  for (const uint32_t stage : region_.stages) {
    for (uint32_t i = 0; i < nodes_[stage].size(); ++i) {
      std::string& name = setup.task_names[nodes_[stage][i]];
      if (name.empty()) name = plan_.stages[stage].name + "/" + std::to_string(i);
    }
    const PlanStage& plan = plan_.stages[stage];
    if (plan.kind == ComponentKind::kSource) {
      setup.remembers.push_back(plan.bound->traits.remembers && plan.bound->traits.replayable);
      setup.states.push_back(states_behind(stage));
      setup.shares.emplace_back();
      for (const auto& [op, task] : sources_) {
        if (op->stage_index() != stage) continue;
        setup.shares.back().push_back(dynamic_cast<SharesCommit*>(&op->source()));
      }
    }
    if (plan.kind == ComponentKind::kStage && plan.bound->traits.stateful) setup.has_state = true;
  }
  setup.exactly_once = plan_.spec.guarantee == Guarantee::kExactlyOnce;
  setup.commit_point = commit_point_;
  setup.outside_alone = commit_point_ != nullptr;
  for (const auto& [sink, index] : sinks_) {
    setup.sinks.push_back({&sink->sink(), sink->plan().name});
    setup.two_phase.push_back(setup.exactly_once && sink->plan().bound->traits.two_phase);
    if (!commits_outside(*sink)) setup.outside_alone = false;
  }
  setup.epoch_interval = plan_.spec.epoch_interval;
  setup.checkpoint_interval = plan_.spec.checkpoint_interval;
  setup.signature = state_signature(plan_, static_cast<uint32_t>(&region_ - plan_.regions.data()));
  setup.scheduler = services_.scheduler;
  setup.blocking = const_cast<CountedBlocking*>(&commits_);
  setup.store = services_.store;
  setup.log = services_.log;
  setup.changed = services_.changed;
  return setup;
}

}  // namespace penstock
