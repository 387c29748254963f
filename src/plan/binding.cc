// SPDX-License-Identifier: Apache-2.0
#include "plan/binding.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "config/suggest.h"
#include "config/value_type.h"

namespace penstock {
namespace {

std::string described(const StageSpec& spec) { return shown(spec.name) + " (" + spec.type + ")"; }

ComponentKind wired_kind(const StageSpec& spec) {
  if (spec.inputs.empty()) return ComponentKind::kSource;
  return spec.outputs.empty() ? ComponentKind::kSink : ComponentKind::kStage;
}

std::string used_as(ComponentKind kind) {
  switch (kind) {
    case ComponentKind::kSource:
      return "a source: it reads no queue";
    case ComponentKind::kStage:
      return "a stage: it reads and writes queues";
    case ComponentKind::kSink:
      return "a sink: it writes no queue";
  }
  return "";
}

/// What to change so that a stage wired as `used` is wired as `is`.
std::string rewire_hint(ComponentKind used, ComponentKind is) {
  const bool add_input = used == ComponentKind::kSource;
  const bool drop_input = is == ComponentKind::kSource && !add_input;
  const bool add_output = used == ComponentKind::kSink && is != ComponentKind::kSink;
  const bool drop_output = is == ComponentKind::kSink && used != ComponentKind::kSink;
  std::string hint;
  const auto say = [&hint](bool needed, const char* what) {
    if (needed) hint += (hint.empty() ? "" : " and ") + std::string(what);
  };
  say(add_input, "set its input_queue");
  say(drop_input, "remove its input_queue");
  say(add_output, "set its output_queue");
  say(drop_output, "remove its output_queue");
  return hint;
}

void report_no_component(const StageSpec& spec, ComponentKind used, const Catalog& catalog,
                         Diagnostics& diagnostics) {
  const auto others = catalog.find(spec.type);
  if (!others.empty()) {
    std::string kinds;
    for (const Component* other : others) {
      kinds += (kinds.empty() ? "a " : " or a ") + std::string(to_string(other->kind));
    }
    diagnostics.error("wrong-kind", spec.type_position,
                      shown(spec.type) + " is " + kinds + ", but stage " + shown(spec.name) +
                          " uses it as " + used_as(used),
                      rewire_hint(used, others.front()->kind));
    return;
  }
  std::vector<std::string> fitting, all;
  for (const Component& component : catalog.all()) {
    if (component.kind == used) fitting.push_back(component.type);
    if (all.empty() || all.back() != component.type) all.push_back(component.type);
  }
  const bool misspelt_other =
      closest(spec.type, fitting).empty() && !closest(spec.type, all).empty();
  diagnostics.error("unknown-type", spec.type_position,
                    "there is no " + std::string(to_string(used)) + " of type " + shown(spec.type),
                    suggestion(spec.type, misspelt_other ? all : fitting));
}

KeySelector key_of(const KeySpec& spec, const Catalog& catalog, Diagnostics& diagnostics) {
  switch (spec.kind) {
    case KeySpec::Kind::kExpression: {
      KeySelector key{KeySelector::Kind::kComputed};
      if (catalog.key_compiler()) {
        key.program = catalog.key_compiler()(spec.expression, spec.dialect, diagnostics);
      } else {
        diagnostics.error("bad-stage-key", spec.position, "keys cannot be expressions here");
      }
      return key;
    }
    case KeySpec::Kind::kNone:
      return {};
    case KeySpec::Kind::kPayload:
      return {KeySelector::Kind::kPayload, {}};
    case KeySpec::Kind::kRecordKey:
      return {KeySelector::Kind::kRecordKey, {}};
    case KeySpec::Kind::kHeader:
      return {KeySelector::Kind::kHeader, spec.header};
  }
  return {};
}

RetryPolicy retry_of(const std::optional<RetrySpec>& spec) {
  RetryPolicy policy;
  if (spec) {
    policy.attempts_max = spec->max_attempts;
    policy.initial = spec->initial;
    policy.max = spec->max;
    policy.jitter = spec->jitter;
  }
  return policy;
}

/// Where a message about the number of tasks points.
const Position& threads_place(const StageSpec& spec) {
  return spec.threads_position.line > 0 ? spec.threads_position : spec.position;
}

void check_tasks(const StageSpec& spec, const Traits& traits, Diagnostics& diagnostics) {
  const bool keyed = spec.key.kind != KeySpec::Kind::kNone;
  if (traits.keyed && !keyed) {
    diagnostics.error("key-needed", spec.position,
                      "stage " + described(spec) + " works by key, but has none",
                      "say what the key is: key: payload, key: record_key, "
                      "key: {header: NAME} or key: {expression: TEXT}");
  }
  if (spec.threads <= 1) return;
  if (traits.single_task) {
    diagnostics.error(
        "single-task", threads_place(spec),
        "stage " + described(spec) + " runs as one task only, not " + std::to_string(spec.threads),
        "set threads: 1");
  } else if (traits.stateful && !keyed && !traits.keyed) {
    diagnostics.error("state-needs-key", threads_place(spec),
                      "stage " + described(spec) +
                          " keeps state but has no key, so its state cannot be divided among " +
                          std::to_string(spec.threads) + " tasks",
                      "set threads: 1, or a key");
  }
  if (keyed && spec.threads > kKeyGroups) {
    diagnostics.error("too-many-tasks", threads_place(spec),
                      "stage " + shown(spec.name) + " has a key, which divides among at most " +
                          std::to_string(kKeyGroups) + " tasks, not " +
                          std::to_string(spec.threads),
                      "set threads to " + std::to_string(kKeyGroups) + " or less");
  }
}

void check_ports(const StageSpec& spec, const std::vector<std::string>& ports,
                 Diagnostics& diagnostics) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const OutputRef& output : spec.outputs) {
    if (!seen.emplace(output.port, output.queue).second) {
      diagnostics.error("duplicate-output", output.position,
                        "stage " + shown(spec.name) + " writes every record twice into the queue " +
                            shown(output.queue),
                        "name the queue once");
    }
    if (output.port.empty()) continue;
    if (std::find(ports.begin(), ports.end(), output.port) != ports.end()) continue;
    diagnostics.error("unknown-port", output.position,
                      "stage " + described(spec) + " has no output " + shown(output.port),
                      ports.empty() ? "it has only the plain output: use output_queue"
                                    : suggestion(output.port, ports));
  }
  for (const std::string& port : ports) {
    const auto connected = [&port](const OutputRef& output) { return output.port == port; };
    if (std::any_of(spec.outputs.begin(), spec.outputs.end(), connected)) continue;
    diagnostics.warning("unconnected-port", spec.position,
                        "no queue takes the output " + shown(port) + " of stage " +
                            shown(spec.name) + ": records sent there are dropped",
                        "connect it under outputs:, to a blackhole if they are not wanted");
  }
}

PlanStage bind_stage(const StageSpec& spec, const Catalog& catalog, Diagnostics& diagnostics) {
  PlanStage stage;
  stage.name = spec.name;
  stage.type = spec.type;
  stage.kind = wired_kind(spec);
  stage.tasks = std::max(spec.threads, 1u);
  stage.key = key_of(spec.key, catalog, diagnostics);
  stage.retry = retry_of(spec.retry);
  stage.cpu_pinning = spec.cpu_pinning;
  stage.realtime_priority = spec.realtime_priority;
  stage.position = spec.position;
  stage.component = catalog.find(spec.type, stage.kind);
  if (stage.component == nullptr) {
    report_no_component(spec, stage.kind, catalog, diagnostics);
    return stage;
  }
  if (!spec.plugin.empty()) {
    diagnostics.warning("plugin-ignored", spec.position,
                        shown(spec.type) + " of stage " + shown(spec.name) +
                            " is built in: its plugin " + shown(spec.plugin) + " is not loaded",
                        "remove plugin:");
  }
  stage.bound = stage.component->bind(spec.config, diagnostics);
  check_tasks(spec, stage.bound ? stage.bound->traits : stage.component->traits, diagnostics);
  if (stage.bound == nullptr) return stage;
  CHECK(stage.kind != ComponentKind::kSource || stage.bound->source != nullptr);
  CHECK(stage.kind != ComponentKind::kStage || stage.bound->stage != nullptr);
  CHECK(stage.kind != ComponentKind::kSink || stage.bound->sink != nullptr);
  check_ports(spec, stage.bound->ports, diagnostics);
  stage.ports.push_back({"", {}});
  for (const std::string& port : stage.bound->ports) stage.ports.push_back({port, {}});
  return stage;
}

}  // namespace

void bind_stages(Plan& plan, const Catalog& catalog, Diagnostics& diagnostics) {
  plan.stages.reserve(plan.spec.stages.size());
  for (const StageSpec& spec : plan.spec.stages) {
    plan.stages.push_back(bind_stage(spec, catalog, diagnostics));
  }
}

}  // namespace penstock
