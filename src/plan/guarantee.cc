// SPDX-License-Identifier: Apache-2.0
#include "plan/guarantee.h"

#include <algorithm>

#include "config/value_type.h"
#include "plan/identity.h"
#include "plan/layout.h"
#include "plan/ordering.h"

namespace penstock {
namespace {

std::string described(const PlanStage& stage) {
  return shown(stage.name) + " (" + stage.type + ")";
}

/// "use one of: a, b" for components of a kind that fulfil `fits`.
std::string alternatives(const Catalog& catalog, ComponentKind kind,
                         bool (*fits)(const Traits& traits)) {
  constexpr size_t kNamedMax = 6;
  std::string names;
  size_t count = 0;
  for (const Component& component : catalog.all()) {
    if (component.kind != kind || !fits(component.traits) || ++count > kNamedMax) continue;
    names += (names.empty() ? "" : ", ") + component.type;
  }
  const std::string weaker = "set guarantee: at_least_once";
  if (names.empty()) return weaker;
  return "use another " + std::string(to_string(kind)) + " (" + names +
         (count > kNamedMax ? ", …" : "") + "), or " + weaker;
}

bool reads_again(const Traits& traits) { return traits.replayable && traits.remembers; }
bool commits_once(const Traits& traits) { return traits.confirms && traits.two_phase; }

void check_stage(const PlanStage& stage, const Position& at, const Catalog& catalog,
                 Diagnostics& diagnostics) {
  const Traits& traits = stage.bound->traits;
  switch (stage.kind) {
    case ComponentKind::kSource:
      if (reads_again(traits)) return;
      diagnostics.error(
          "exactly-once-source", at,
          "source " + described(stage) +
              (traits.replayable ? " does not remember its positions between runs"
                                 : " cannot read again what was in flight at a crash") +
              ", so nothing behind it is exactly once",
          alternatives(catalog, stage.kind, reads_again));
      return;
    case ComponentKind::kStage:
      if (!traits.holds) return;
      diagnostics.error(
          "exactly-once-stage", at,
          "stage " + described(stage) + " keeps records across a checkpoint without saving them",
          "remove it, or set guarantee: at_least_once");
      return;
    case ComponentKind::kSink:
      if (commits_once(traits)) return;
      diagnostics.error(
          "exactly-once-sink", at,
          "sink " + described(stage) + " can neither undo what it wrote nor join the commit point",
          alternatives(catalog, stage.kind, commits_once));
      return;
  }
}

/// Which stages a walk from `start` meets, along the flow or against it.
std::vector<bool> reachable(const Plan& plan, uint32_t start, bool forwards) {
  std::vector<bool> seen(plan.stages.size(), false);
  std::vector<uint32_t> open{start};
  seen[start] = true;
  while (!open.empty()) {
    const PlanStage& stage = plan.stages[open.back()];
    open.pop_back();
    for (const uint32_t e : forwards ? edges_out(stage) : stage.inputs) {
      const PlanEdge& edge = plan.edges[e];
      for (const uint32_t next : forwards ? edge.consumers : edge.producers) {
        if (seen[next]) continue;
        seen[next] = true;
        open.push_back(next);
      }
    }
  }
  return seen;
}

/// What at-least-once state does not promise; exactly-once state is aligned with the positions.
void add_state_limits(const Plan& plan, const PlanStage& source, const PlanStage& stage,
                      std::vector<std::string>& limits) {
  if (!stage.bound->traits.stateful || plan.spec.guarantee == Guarantee::kExactlyOnce) return;
  if (reads_again(source.bound->traits)) {
    limits.push_back("after a crash stage " + shown(stage.name) +
                     " may count records twice; exactly_once does not");
  } else {
    limits.push_back("source " + shown(source.name) + " does not go on where it was, but stage " +
                     shown(stage.name) + " keeps its state");
  }
}

PlanPath path_between(const Plan& plan, uint32_t from, uint32_t to, const PathOrder& order) {
  const PlanStage& source = plan.stages[from];
  const PlanStage& sink = plan.stages[to];
  const Traits& in = source.bound->traits;
  const Traits& out = sink.bound->traits;
  PlanPath path{from, to, {}, order.text(), to_string(plan.spec.durability), {}};
  if (plan.spec.guarantee == Guarantee::kExactlyOnce) {
    path.guarantee = "exactly once";  // or check_exactly_once() has refused
  } else if (!out.confirms) {
    path.guarantee = "best effort";
    path.durability = "none";
    path.limits.push_back("sink " + shown(sink.name) + " cannot confirm: what it took may be lost");
  } else {
    path.guarantee = in.replayable || in.acknowledges ? "at least once" : "at most once";
  }
  if (!in.replayable && in.acknowledges) {
    path.limits.push_back("source " + shown(source.name) +
                          " cannot read again: its senders repeat what was not acknowledged");
  } else if (!in.replayable) {
    path.durability = "none";
    path.limits.push_back("source " + shown(source.name) +
                          " cannot read again: what is in flight is lost in a crash");
  } else if (!in.remembers) {
    path.limits.push_back("source " + shown(source.name) +
                          " starts from its beginning at every run");
  }
  const std::vector<bool> behind = reachable(plan, from, true);
  const std::vector<bool> ahead = reachable(plan, to, false);
  for (uint32_t i = 0; i < plan.stages.size(); ++i) {
    if (!behind[i] || !ahead[i]) continue;
    const PlanStage& stage = plan.stages[i];
    add_state_limits(plan, source, stage, path.limits);
    const std::string& limit = stage.bound->traits.limit;
    if (!limit.empty()) path.limits.push_back(shown(stage.name) + ": " + limit);
  }
  if (out.drops_repeats) {
    path.limits.push_back(
        identities_of(plan, to).empty()
            ? "sink " + shown(sink.name) + " cannot tell records apart: repeats are kept"
            : "sink " + shown(sink.name) + " gives records ids: repeats are dropped for a while");
  }
  path.limits.insert(path.limits.end(), order.limits.begin(), order.limits.end());
  return path;
}

}  // namespace

void check_exactly_once(const Plan& plan, const Catalog& catalog, Diagnostics& diagnostics) {
  if (plan.spec.guarantee != Guarantee::kExactlyOnce) return;
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    const StageSpec& spec = plan.spec.stages[i];
    const Position& at = spec.type_position.line > 0 ? spec.type_position : spec.position;
    check_stage(plan.stages[i], at, catalog, diagnostics);
  }
}

std::vector<PlanPath> guarantee_table(const Plan& plan) {
  std::vector<PlanPath> paths;
  for (uint32_t from = 0; from < plan.stages.size(); ++from) {
    if (plan.stages[from].kind != ComponentKind::kSource) continue;
    const std::vector<PathOrder> orders = orders_of(plan, from);
    for (uint32_t to = 0; to < plan.stages.size(); ++to) {
      if (plan.stages[to].kind != ComponentKind::kSink || !orders[to].reached()) continue;
      paths.push_back(path_between(plan, from, to, orders[to]));
    }
  }
  return paths;
}

}  // namespace penstock
