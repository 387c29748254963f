// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_flow.h"

#include <algorithm>

#include "config/suggest.h"
#include "penstock/pipeline_file.h"
#include "spec/load.h"

namespace penstock {
namespace {

/// The environment that a case names, and nothing else.
class CaseSources final : public LoadSources {
 public:
  explicit CaseSources(const std::map<std::string, std::string>& environment)
      : environment_(environment) {}
  std::optional<std::string> environment(const std::string& name) const override {
    const auto at = environment_.find(name);
    return at == environment_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  const std::map<std::string, std::string>& environment_;
};

std::vector<std::string> names_of(const Plan& plan, ComponentKind kind) {
  std::vector<std::string> names;
  for (const PlanStage& stage : plan.stages) {
    if (stage.kind == kind) names.push_back(stage.name);
  }
  return names;
}

void check_names(const TestFile& file, const TestCase& test, const Plan& plan,
                 Diagnostics& problems) {
  std::vector<std::string> all;
  for (const PlanStage& stage : plan.stages) all.push_back(stage.name);
  const auto check = [&](const std::string& name, const char* what) {
    if (std::find(all.begin(), all.end(), name) != all.end()) return;
    problems.error("bad-test", file.flow.position,
                   std::string(what) + " names \"" + name + "\", which is no stage",
                   suggestion(name, all));
  };
  for (const auto& [name, count] : test.threads) check(name, "threads:");
  for (const auto& [name, faults] : test.sinks) check(name, "sinks:");
}

}  // namespace

CaseFlow load_case(const TestCase& test, const FlowText& flow, const Catalog& catalog) {
  CaseFlow loaded;
  const CaseSources sources(test.environment);
  loaded.spec = read_text(flow.text, flow.file, loaded.problems, sources);
  loaded.plan = plan_of(loaded.spec, catalog, loaded.problems);
  return loaded;
}

std::string prepare_case(const TestFile& file, const TestCase& test, const std::string& path,
                         const CaseFlow& loaded, CaseEnds& ends, CasePlan& out) {
  Diagnostics problems;
  const Plan& plan = *loaded.plan;
  auto inputs = read_inputs(test.input, names_of(plan, ComponentKind::kSource), path, problems);
  out.expected = read_expected(test.expect, names_of(plan, ComponentKind::kSink), path, problems);
  Spec spec = *loaded.spec;
  for (size_t i = 0; i < spec.stages.size(); ++i) {
    StageSpec& stage = spec.stages[i];
    const auto threads = test.threads.find(stage.name);
    if (threads != test.threads.end()) stage.threads = threads->second;
    if (plan.stages[i].kind == ComponentKind::kSource && !inputs[stage.name].real) {
      ends.replace_source(stage, std::make_shared<const CaseInput>(std::move(inputs[stage.name])),
                          out.catalog);
    } else if (plan.stages[i].kind == ComponentKind::kSink) {
      const auto faults = test.sinks.find(stage.name);
      ends.replace_sink(stage, plan.stages[i].bound->traits,
                        std::make_shared<const CaseFaults>(
                            faults == test.sinks.end() ? CaseFaults{} : faults->second),
                        out.catalog);
    }
  }
  spec.mode = Mode::kJob;
  spec.env.insert(test.environment.begin(), test.environment.end());
  ends.adjust(spec, plan);
  check_names(file, test, plan, problems);
  if (problems.has_errors()) return to_string(problems);
  out.plan = make_plan(std::move(spec), out.catalog, problems);
  return out.plan == nullptr ? "the pipeline is refused:\n" + to_string(problems) : "";
}

}  // namespace penstock
