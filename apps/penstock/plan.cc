// SPDX-License-Identifier: Apache-2.0
#include "plan/explain.h"

#include "penstock/commands.h"
#include "penstock/pipeline_file.h"
#include "penstock/plan_json.h"
#include "penstock/problems.h"

namespace penstock {
namespace {

enum class Format { kText, kDot, kMermaid, kJson };

struct PlanArguments {
  std::string path;
  Format format = Format::kText;
};

std::string formatted(const Plan& plan, Format format) {
  switch (format) {
    case Format::kText: return to_text(plan);
    case Format::kDot: return to_dot(plan);
    case Format::kMermaid: return to_mermaid(plan);
    case Format::kJson: return plan_json(plan);
  }
  return {};
}

}  // namespace

Command plan_command() {
  Command c;
  c.name = "plan";
  c.summary = "Show how a pipeline would run: tasks, queues, and what each path guarantees.";
  auto a = std::make_shared<PlanArguments>();
  c.positional("FILE", &a->path, "A pipeline file.", Complete::kFile);
  c.choice("--format", {"text", "dot", "mermaid", "json"}, &a->format, "How to print it.");
  c.example("penstock plan pipeline.yaml", "A table of stages, queues and guarantees.");
  c.example("penstock plan --format dot pipeline.yaml | dot -Tsvg > pipeline.svg", "A picture.");
  c.run = [a](Program& program) {
    Diagnostics diagnostics;
    const auto plan = load_plan(a->path, *program.catalog, diagnostics);
    write_all(program.err, problems_text(diagnostics));
    if (plan == nullptr) return kExitBadInput;
    write_all(program.out, formatted(*plan, a->format));
    return kExitDone;
  };
  return c;
}

}  // namespace penstock
