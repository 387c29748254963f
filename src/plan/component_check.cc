// SPDX-License-Identifier: Apache-2.0
#include "plan/component_check.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "plan/binding.h"

namespace penstock {
namespace {

using Place = std::pair<size_t, size_t>;  // line, column

Place place_of(const Position& at) {
  return {static_cast<size_t>(at.line), static_cast<size_t>(at.column)};
}

/// After one of these in a stage it is not known what the stage reads, writes or sets.
constexpr std::string_view kBlurring[] = {"unknown-field", "wrong-type",  "missing-field",
                                          "empty-value",   "duplicate-field", "duplicate-key",
                                          "unconnected-stage"};

/// These leave no doubt about the stage as a whole.
constexpr std::string_view kHarmless[] = {"unknown-queue", "duplicate-name", "bad-integer"};

bool is_among(const std::string& code, std::span<const std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// What the document's own errors say about each stage.
class StageErrors {
 public:
  StageErrors(const Spec& spec, const Diagnostics& found) {
    for (const StageSpec& stage : spec.stages) begins_.insert(place_of(stage.position));
    for (const QueueSpec& queue : spec.queues) begins_.insert(place_of(queue.position));
    for (const Diagnostic& d : found.all()) {
      if (d.severity != Severity::kError) continue;
      places_.insert(place_of(d.position));
      auto begin = begins_.upper_bound(place_of(d.position));
      if (begin == begins_.begin()) continue;
      --begin;
      if (!is_among(d.code, kHarmless)) wrong_.insert(*begin);
      if (is_among(d.code, kBlurring)) blurred_.insert(*begin);
    }
  }
  bool wrong(const StageSpec& stage) const { return wrong_.contains(place_of(stage.position)); }
  bool blurred(const StageSpec& stage) const { return blurred_.contains(place_of(stage.position)); }
  bool at(const Position& position) const { return places_.contains(place_of(position)); }

 private:
  std::set<Place> begins_;   // of stages and queues
  std::set<Place> places_;   // of errors
  std::set<Place> wrong_;    // stages with errors that may be the cause of others
  std::set<Place> blurred_;  // of those, the ones that are not known well enough
};

/// As the planner does, for one stage.
void bind_alone(const StageSpec& stage, const Catalog& catalog, Diagnostics& diagnostics) {
  Plan plan;
  plan.spec.stages.push_back(stage);
  bind_stages(plan, catalog, diagnostics);
}

/// A stage whose wiring is not known: its type, and its options if they are known.
void check_blurred(const StageSpec& stage, const Catalog& catalog, Diagnostics& diagnostics) {
  const auto components = catalog.find(stage.type);
  if (components.empty()) return bind_alone(stage, catalog, diagnostics);  // there is no such type
  if (components.size() == 1 && !stage.config.is_null()) {
    components.front()->bind(stage.config, diagnostics);
  }
}

}  // namespace

void check_components(const Spec& spec, const Catalog& catalog, Diagnostics& diagnostics) {
  const StageErrors errors(spec, diagnostics);
  Diagnostics found;
  for (const StageSpec& stage : spec.stages) {
    if (stage.type.empty()) continue;
    Diagnostics own;
    if (errors.blurred(stage)) check_blurred(stage, catalog, own);
    else bind_alone(stage, catalog, own);
    for (const Diagnostic& d : own.all()) {
      const bool about_the_whole = place_of(d.position) == place_of(stage.position);
      if (errors.at(d.position) || (about_the_whole && errors.wrong(stage))) continue;
      found.add(d);
    }
  }
  diagnostics.append(found);
}

}  // namespace penstock
