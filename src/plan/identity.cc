// SPDX-License-Identifier: Apache-2.0
#include "plan/identity.h"

#include <algorithm>

namespace penstock {
namespace {

size_t ports_to(const PlanStage& stage, uint32_t edge) {
  size_t count = 0;
  for (const PlanPort& port : stage.ports) {
    count += static_cast<size_t>(std::count(port.edges.begin(), port.edges.end(), edge));
  }
  return count;
}

}  // namespace

std::vector<std::string> identities_of(const Plan& plan, uint32_t sink) {
  std::vector<std::string> names(plan.stages.size());
  std::vector<bool> seen(plan.stages.size(), false);
  // Against the flow. Met twice means two ways: the same record may come on both.
  std::vector<uint32_t> open{sink};
  seen[sink] = true;
  while (!open.empty()) {
    const uint32_t at = open.back();
    const PlanStage& stage = plan.stages[at];
    open.pop_back();
    const Traits& traits = stage.bound->traits;
    if (stage.kind == ComponentKind::kSource) {
      if (!traits.identifies) return {};
      names[at] = plan.spec.name + "/" + stage.name;
      continue;
    }
    if (stage.kind == ComponentKind::kStage && !traits.one_to_one) return {};
    for (const uint32_t e : stage.inputs) {
      const PlanEdge& edge = plan.edges[e];
      // A record may be rejected more than once on its way.
      if (edge.dead_letters) return {};
      for (const uint32_t producer : edge.producers) {
        if (seen[producer] || ports_to(plan.stages[producer], e) > 1) return {};
        seen[producer] = true;
        open.push_back(producer);
      }
    }
  }
  return names;
}

}  // namespace penstock
