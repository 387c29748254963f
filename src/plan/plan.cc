// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

#include <algorithm>

#include "plan/binding.h"
#include "plan/guarantee.h"
#include "plan/layout.h"
#include "plan/local_topics.h"
#include "plan/ordering.h"
#include "spec/wiring.h"

namespace penstock {
namespace {

/// Documents are checked when they are loaded; a Spec made by hand was not. True if it is sound.
bool check_wiring(const Spec& spec, Diagnostics& diagnostics) {
  Diagnostics found;
  check_references(spec, found);
  if (!found.has_errors()) check_shape(spec, found);
  if (!found.has_errors()) return true;  // warnings were given at loading
  for (const Diagnostic& each : found.all()) diagnostics.add(each);
  return false;
}

std::string key_text(const KeySelector& key) {
  switch (key.kind) {
    case KeySelector::Kind::kNone:
      return "none";
    case KeySelector::Kind::kPayload:
      return "payload";
    case KeySelector::Kind::kRecordKey:
      return "record_key";
    case KeySelector::Kind::kHeader:
      return "header " + key.header;
    case KeySelector::Kind::kComputed:
      return "expression " + key.program->text();
  }
  return "";
}

}  // namespace

const char* to_string(EdgeMode mode) {
  switch (mode) {
    case EdgeMode::kForward:
      return "chained";
    case EdgeMode::kShared:
      return "shared";
    case EdgeMode::kKeyed:
      return "keyed";
  }
  return "";
}

std::unique_ptr<const Plan> make_plan(Spec spec, const Catalog& catalog, Diagnostics& diagnostics) {
  const size_t before = diagnostics.error_count();
  auto plan = std::make_unique<Plan>();
  plan->spec = std::move(spec);
  if (!check_wiring(plan->spec, diagnostics)) return nullptr;
  bind_stages(*plan, catalog, diagnostics);
  if (diagnostics.error_count() == before) replace_brokers(*plan, catalog, diagnostics);
  check_queues(plan->spec, diagnostics);
  if (diagnostics.error_count() > before) return nullptr;
  make_edges(*plan);
  make_chains(*plan);
  make_regions(*plan);
  check_ordering(*plan, diagnostics);
  check_exactly_once(*plan, catalog, diagnostics);
  if (diagnostics.error_count() > before) return nullptr;
  plan->paths = guarantee_table(*plan);
  return plan;
}

std::string state_signature(const Plan& plan, uint32_t region) {
  std::vector<std::string> names;
  for (const uint32_t i : plan.regions[region].stages) {
    const PlanStage& stage = plan.stages[i];
    if (!stage.bound->traits.stateful) continue;
    names.push_back(stage.name + " (" + stage.type + ", key " + key_text(stage.key) + ")");
  }
  std::sort(names.begin(), names.end());  // moving a stage in the file changes nothing
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : "; ") + name;
  return out;
}

}  // namespace penstock
