// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <unistd.h>

#include <cstring>

#include "paced_ends.h"
#include "penstock/catalog.h"
#include "penstock/problems.h"
#include "penstock/program.h"
#include "penstock/test_compare.h"
#include "runtime/engine.h"

// One case of a scenario file as a process of its own, so that it can be killed; restart_test.py
// starts it. Arguments: list|run|compare FILE [CASE] [--option value]…

namespace penstock {
namespace {

constexpr int kExitRefused = 4;  // this case cannot be run so; why stands on stdout

struct Arguments {
  std::string verb, file, name;
  LifeOptions life;
};

std::optional<Arguments> read_arguments(int argc, char** argv) {
  Arguments a;
  if (argc < 3) return {};
  a.verb = argv[1], a.file = argv[2];
  if (argc > 3) a.name = argv[3];
  for (int i = 4; i + 1 < argc; i += 2) {
    const std::string option = argv[i], value = argv[i + 1];
    if (option == "--state") a.life.state = value;
    else if (option == "--out") a.life.out = value;
    else if (option == "--hold-percent") a.life.hold_percent = std::stoul(value);
    else if (option == "--threads") a.life.threads = std::stod(value);
    else if (option == "--workers") a.life.workers = static_cast<uint32_t>(std::stoul(value));
    else if (option == "--guarantee") a.life.exactly_once = value == "exactly_once";
    else return {};
  }
  return a;
}

const TestCase* find_case(const TestFile& file, const std::string& name) {
  for (const Located<TestCase>& test : file.tests) {
    if (test.value.name == name) return &test.value;
  }
  return nullptr;
}

int list(const TestFile& file) {
  JsonWriter json;
  json.open_list();
  for (const Located<TestCase>& test : file.tests) {
    json.open_object();
    json.key("name"), json.string(test.value.name);
    json.key("refused"), json.boolean(!test.value.problems.empty());
    json.key("failed"), json.boolean(test.value.outcome == CaseOutcome::kFailed);
    json.key("error"), json.string(test.value.error);
    json.key("faults"), json.boolean(!test.value.sinks.empty());
    json.close_object();
  }
  json.close_list();
  write_all(STDOUT_FILENO, one_line(json.finish()));
  return kExitDone;
}

bool all_of_order(const Node& expect, const CasePlan& plan, std::initializer_list<CaseOrder> some) {
  for (const auto& [sink, expected] : plan.expected) {
    if (std::find(some.begin(), some.end(), expected.order) == some.end()) return false;
  }
  return !expect.is_null();
}

int refuse(const std::string& why) {
  write_all(STDOUT_FILENO, "refused " + why + "\n");
  return kExitRefused;
}

/// Loads a case with ends that a process can lose and find again.
class CaseLife {
 public:
  CaseLife(const TestFile& file, const TestCase& test, const Arguments& a)
      : file_(file), test_(test), a_(a), catalog_(make_catalog()) {}

  /// What is wrong with it, or nothing.
  std::string prepare() {
    Diagnostics problems;
    const auto flow = flow_text(file_, a_.file, problems);
    if (!flow) return to_string(problems);
    loaded_ = load_case(test_, *flow, catalog_);
    if (loaded_.plan == nullptr) return to_string(loaded_.problems);
    // Once to learn which order each sink wants, and again with that many tasks.
    PacedEnds first(a_.life, false, false);
    CasePlan plain{catalog_, nullptr, {}};
    std::string wrong = prepare_case(file_, test_, a_.file, loaded_, first, plain);
    if (!wrong.empty()) return wrong;
    const bool any = all_of_order(test_.expect, plain, {CaseOrder::kAny});
    const bool key = all_of_order(test_.expect, plain, {CaseOrder::kAny, CaseOrder::kKey});
    ends_ = std::make_unique<PacedEnds>(a_.life, any, key);
    case_.catalog = catalog_;
    return prepare_case(file_, test_, a_.file, loaded_, *ends_, case_);
  }

  int run() {
    write_all(STDOUT_FILENO, "holding " + std::to_string(ends_->holding()) + "\n");
    SystemClock clock;
    Logger log(STDERR_FILENO, LogLevel::kWarn, LogFormat::kText, clock);
    const std::unique_ptr<Disk> disk = make_system_disk();
    const EngineServices services{&clock, &log, disk.get(), a_.life.workers, 1};
    EngineOptions options;
    options.state_folder = a_.life.state;
    options.rerun_if_done = false;  // a life may have come to the end before it was killed
    const auto engine = Engine::create(case_.plan, options, services);
    if (const Result<void> begun = engine->start(); !begun) {
      write_all(STDERR_FILENO, to_string(begun.error()) + "\n");
      return kExitFailed;
    }
    const Outcome outcome = engine->wait();
    write_all(STDERR_FILENO, engine->status().error + "\n");
    return static_cast<int>(outcome);
  }

  int compare() {
    std::string out;
    for (auto& [sink, expected] : case_.expected) {
      std::vector<SinkRecord> got = read_sink(a_.life, sink);
      if (a_.life.exactly_once) expect_payloads(expected);
      else got = without_repeats(std::move(got));
      const std::string differs = difference(expected, got);
      if (!differs.empty()) out += "sink " + sink + ": " + differs;
    }
    write_all(STDOUT_FILENO, out);
    return out.empty() ? kExitDone : kExitFailed;
  }

 private:
  /// As far as a file of lines can show it.
  static void expect_payloads(CaseExpected& expected) {
    if (expected.order == CaseOrder::kKey) expected.order = CaseOrder::kAny;
    for (CaseRecord& record : expected.records) {
      record.key.reset();
      record.headers.clear();
      record.event_time.reset();
    }
  }

  const TestFile& file_;
  const TestCase& test_;
  const Arguments& a_;
  const Catalog catalog_;
  CaseFlow loaded_;
  std::unique_ptr<PacedEnds> ends_;
  CasePlan case_;
};

int main_of(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const std::optional<Arguments> a = read_arguments(argc, argv);
  if (!a) return write_all(STDERR_FILENO, "list|run|compare FILE [CASE] [--option value]…\n"), 2;
  Diagnostics problems;
  const std::optional<TestFile> file = read_test_file(a->file, problems);
  if (!file) return write_all(STDERR_FILENO, to_string(problems)), kExitBadInput;
  if (a->verb == "list") return list(*file);
  const TestCase* test = find_case(*file, a->name);
  if (test == nullptr) return write_all(STDERR_FILENO, "no such case\n"), kExitBadInput;
  CaseLife life(*file, *test, *a);
  if (const std::string wrong = life.prepare(); !wrong.empty()) return refuse(wrong);
  return a->verb == "run" ? life.run() : life.compare();
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) { return penstock::main_of(argc, argv); }
