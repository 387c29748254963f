// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_run.h"

#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/test_compare.h"
#include "penstock/test_flow.h"
#include "penstock/test_stages.h"
#include "runtime/engine.h"

namespace penstock {
namespace {

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

/// Sources that give the case's records, sinks that keep what they are given.
class KeepingEnds final : public CaseEnds {
 public:
  void replace_source(StageSpec& stage, std::shared_ptr<const CaseInput> input,
                      Catalog& catalog) override {
    stage.type = "test source " + stage.name;
    catalog.add(case_source(stage.type, std::move(input)));
    stage.threads = 1;
    stage.config = Node{};
  }
  void replace_sink(StageSpec& stage, const Traits& traits,
                    std::shared_ptr<const CaseFaults> faults, Catalog& catalog) override {
    stage.type = "test sink " + stage.name;
    catalog.add(case_sink(stage.type, traits, std::move(faults),
                          kept_[stage.name] = std::make_shared<SinkRecords>()));
    stage.config = Node{};
  }
  std::vector<SinkRecord> take(const std::string& sink) { return kept_[sink]->take(); }

 private:
  std::map<std::string, std::shared_ptr<SinkRecords>> kept_;
};

/// A case with what it needs while it runs.
class CaseRun {
 public:
  CaseRun(const TestFile& file, const TestCase& test, const FlowText& flow,
          const std::string& path, const Program& program)
      : file_(file), test_(test), flow_(flow), path_(path), program_(program) {}

  /// What went wrong, or nothing.
  std::string run() {
    const CaseFlow loaded = load_case(test_, flow_, *program_.catalog);
    if (!test_.problems.empty()) return compare_problems(loaded.problems);
    if (loaded.plan == nullptr) {
      return "the pipeline is refused:\n" + to_string(loaded.problems);
    }
    case_.catalog = *program_.catalog;
    const std::string wrong = prepare_case(file_, test_, path_, loaded, ends_, case_);
    return wrong.empty() ? execute(case_.plan) : wrong;
  }

 private:
  std::string compare_problems(const Diagnostics& diagnostics) const {
    const std::string got = without_file(diagnostics, flow_.file);
    std::string wanted = test_.problems;
    if (!wanted.ends_with("\n")) wanted += "\n";
    return got == wanted ? "" : "expected these messages:\n" + wanted + "got:\n" +
                                    (got.empty() ? "none\n" : got);
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
    for (const auto& [sink, expected] : case_.expected) {
      const std::string differs = difference(expected, ends_.take(sink));
      if (!differs.empty()) out += "sink " + sink + ": " + differs;
    }
    return out;
  }

  const TestFile& file_;
  const TestCase& test_;
  const FlowText& flow_;
  const std::string& path_;
  const Program& program_;
  KeepingEnds ends_;
  CasePlan case_;
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
