// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_run.h"

#include <filesystem>

#include "config/suggest.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/test_compare.h"
#include "penstock/test_stages.h"
#include "runtime/engine.h"
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

/// Messages as a test writes them: without the file's name, without blanks at the end.
std::string without_file(const Diagnostics& diagnostics, const std::string& file) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    std::string text = to_string(diagnostic);
    if (text.starts_with(file + ":")) text = text.substr(file.size() + 1);
    out += text + (text.ends_with("\n") ? "" : "\n");
  }
  return out;
}

std::vector<std::string> names_of(const Plan& plan, ComponentKind kind) {
  std::vector<std::string> names;
  for (const PlanStage& stage : plan.stages) {
    if (stage.kind == kind) names.push_back(stage.name);
  }
  return names;
}

/// A case with what it needs while it runs.
class CaseRun {
 public:
  CaseRun(const TestFile& file, const TestCase& test, const FlowText& flow,
          const std::string& path, const Program& program)
      : file_(file), test_(test), flow_(flow), path_(path), program_(program) {}

  /// What went wrong, or nothing.
  std::string run() {
    Diagnostics diagnostics;
    const CaseSources sources(test_.environment);
    std::optional<Spec> spec = load_text(flow_.text, flow_.file, diagnostics, sources);
    std::shared_ptr<const Plan> plan;
    if (spec) plan = make_plan(*spec, *program_.catalog, diagnostics);
    diagnostics.sort();
    if (!test_.problems.empty()) return compare_problems(diagnostics);
    if (plan == nullptr) return "the pipeline is refused:\n" + to_string(diagnostics);
    Catalog catalog = *program_.catalog;
    if (const std::string wrong = replace_ends(*plan, *spec, catalog); !wrong.empty()) return wrong;
    Diagnostics changed;
    plan = make_plan(*std::move(spec), catalog, changed);
    if (plan == nullptr) return "the pipeline is refused:\n" + to_string(changed);
    return execute(std::move(plan));
  }

 private:
  std::string compare_problems(const Diagnostics& diagnostics) const {
    const std::string got = without_file(diagnostics, flow_.file);
    std::string wanted = test_.problems;
    if (!wanted.ends_with("\n")) wanted += "\n";
    return got == wanted ? "" : "expected these messages:\n" + wanted + "got:\n" +
                                    (got.empty() ? "none\n" : got);
  }

  /// Puts the case's records in the place of the sources, and keepers in that of the sinks.
  std::string replace_ends(const Plan& plan, Spec& spec, Catalog& catalog) {
    Diagnostics problems;
    const auto sources = names_of(plan, ComponentKind::kSource);
    const auto sinks = names_of(plan, ComponentKind::kSink);
    auto inputs = read_inputs(test_.input, sources, path_, problems);
    expected_ = read_expected(test_.expect, sinks, path_, problems);
    for (size_t i = 0; i < spec.stages.size(); ++i) {
      StageSpec& stage = spec.stages[i];
      const auto threads = test_.threads.find(stage.name);
      if (threads != test_.threads.end()) stage.threads = threads->second;
      if (plan.stages[i].kind == ComponentKind::kSource && !inputs[stage.name].real) {
        catalog.add(case_source("test source " + stage.name,
                                std::make_shared<const CaseInput>(std::move(inputs[stage.name]))));
        stage.type = "test source " + stage.name;
        stage.threads = 1;
        stage.config = Node{};
      } else if (plan.stages[i].kind == ComponentKind::kSink) {
        const auto faults = test_.sinks.find(stage.name);
        catalog.add(case_sink("test sink " + stage.name, plan.stages[i].bound->traits,
                              std::make_shared<const CaseFaults>(
                                  faults == test_.sinks.end() ? CaseFaults{} : faults->second),
                              kept_[stage.name] = std::make_shared<SinkRecords>()));
        stage.type = "test sink " + stage.name;
        stage.config = Node{};
      }
    }
    spec.mode = Mode::kJob;
    check_names(plan, problems);
    return problems.has_errors() ? to_string(problems) : "";
  }

  void check_names(const Plan& plan, Diagnostics& problems) const {
    std::vector<std::string> all;
    for (const PlanStage& stage : plan.stages) all.push_back(stage.name);
    const auto check = [&](const std::string& name, const char* what) {
      if (std::find(all.begin(), all.end(), name) != all.end()) return;
      problems.error("bad-test", file_.flow.position,
                     std::string(what) + " names \"" + name + "\", which is no stage",
                     suggestion(name, all));
    };
    for (const auto& [name, count] : test_.threads) check(name, "threads:");
    for (const auto& [name, faults] : test_.sinks) {
      check(name, "sinks:");
    }
  }

  std::string execute(std::shared_ptr<const Plan> plan) {
    Logger log(program_.err, LogLevel::kOff, LogFormat::kText, *program_.clock);
    const std::unique_ptr<Disk> disk = make_system_disk();
    const EngineServices services{program_.clock, &log, disk.get(), 2, 1};
    const auto engine = Engine::create(std::move(plan), {}, services);
    if (const Result<void> begun = engine->start(); !begun) {
      if (test_.outcome == CaseOutcome::kFailed) return check_error(to_string(begun.error()));
      return "it could not start: " + to_string(begun.error()) + "\n";
    }
    Outcome outcome = Outcome::kFailed;
    if (!engine->wait_for_ns(file_.timeout.ns(), &outcome)) {
      engine->stop();
      engine->stop();
      engine->wait();
      return "it did not end within " + to_string(file_.timeout) + "\n" + compare_sinks();
    }
    const EngineStatus status = engine->status();
    if (test_.outcome == CaseOutcome::kFailed) {
      if (outcome != Outcome::kFailed) return "it was expected to fail, and did not\n";
      return check_error(status.error) + compare_sinks();
    }
    if (outcome != Outcome::kDelivered) return "it failed: " + status.error + "\n";
    return compare_sinks();
  }

  std::string check_error(const std::string& error) const {
    if (error.find(test_.error) != std::string::npos) return {};
    return "its error was expected to contain \"" + test_.error + "\"\n  got: " + error + "\n";
  }

  std::string compare_sinks() {
    std::string out;
    for (const auto& [sink, expected] : expected_) {
      const std::string differs = difference(expected, kept_[sink]->take());
      if (!differs.empty()) out += "sink " + sink + ": " + differs;
    }
    return out;
  }

  const TestFile& file_;
  const TestCase& test_;
  const FlowText& flow_;
  const std::string& path_;
  const Program& program_;
  std::map<std::string, CaseExpected> expected_;
  std::map<std::string, std::shared_ptr<SinkRecords>> kept_;
};

}  // namespace

CaseResult run_case(const TestFile& file, const TestCase& test, const FlowText& flow,
                    const std::string& path, const Program& program) {
  CaseResult result;
  result.name = test.name;
  const int64_t begun_ns = program.clock->monotonic_ns();
  result.failure = CaseRun(file, test, flow, path, program).run();
  result.took_ns = program.clock->monotonic_ns() - begun_ns;
  return result;
}

}  // namespace penstock
