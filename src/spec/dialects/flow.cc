// SPDX-License-Identifier: Apache-2.0
#include "spec/dialects/flow.h"

#include <set>

#include "config/suggest.h"
#include "spec/dialects/flow_codecs.h"
#include "spec/dialects/flow_document.h"
#include "spec/dialects/flow_no_effect.h"
#include "spec/limits.h"

namespace penstock {
namespace {

/// A whole Flow message rather than its spec.
bool is_envelope(const Node& root) {
  const Node* spec = root.find("spec");
  return spec && spec->is_map() && !root.find("stages") && !root.find("queues");
}

constexpr char kKeyHint[] = "write payload, record_key, none, {header: NAME} or {expression: TEXT}";

/// A key that is a map.
struct KeyMap {
  Located<std::string> header;
  Located<std::string> expression;
  std::string dialect = "penstock";
};

const Schema<KeyMap>& key_schema() {
  using K = KeyMap;
  static const Schema<K> schema(
      {field("header", &K::header).not_empty().example("customer"),
       field("expression", &K::expression).not_empty().example("order.customer"),
       field("dialect", &K::dialect).one_of({"penstock", "argo"})});
  return schema;
}

/// `payload`, `record_key`, `none`, `{header: NAME}` or `{expression: TEXT}`.
KeySpec read_key(const Node& node, const std::string& path, Diagnostics& diagnostics) {
  KeySpec key;
  key.position = node.position;
  if (node.is_null()) return key;
  if (node.is_map()) {
    const size_t before = diagnostics.error_count();
    const KeyMap map = key_schema().parse(&node, diagnostics, path);
    if (diagnostics.error_count() > before) return key;
    if (map.header.set == map.expression.set) {
      diagnostics.error("bad-stage-key", node.position,
                        path + (map.header.set ? " has both a header and an expression"
                                               : " has neither a header nor an expression"),
                        kKeyHint);
      return key;
    }
    key.kind = map.header.set ? KeySpec::Kind::kHeader : KeySpec::Kind::kExpression;
    key.header = map.header.value;
    key.expression = map.expression;
    key.dialect = map.dialect;
    return key;
  }
  if (node.text == "payload") key.kind = KeySpec::Kind::kPayload;
  else if (node.text == "record_key") key.kind = KeySpec::Kind::kRecordKey;
  else if (!node.is_scalar() || node.text != "none") {
    diagnostics.error("bad-stage-key", node.position,
                      path + (node.is_scalar() ? " cannot be " + shown(node, {})
                                               : std::string(" cannot be a list")),
                      kKeyHint);
  }
  return key;
}

class FlowReader {
 public:
  explicit FlowReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Spec read(const Node& root);

 private:
  StageSpec stage(const Located<FlowStage>& from, const std::string& path);
  void inputs(const FlowStage& from, StageSpec& to);
  void outputs(const FlowStage& from, StageSpec& to);
  void retry(const FlowStage& from, const std::string& path, StageSpec& to);
  QueueSpec queue(const Located<FlowQueue>& from);
  void pin(const FlowDocument& from, Spec& to);
  void environment(const FlowDocument& from, Spec& to);
  void cron(const FlowDocument& from);

  Diagnostics& diagnostics_;
};

void FlowReader::inputs(const FlowStage& from, StageSpec& to) {
  const Located<std::string>& one = from.input_queue;
  if (one.set) to.inputs.push_back({one.value, one.position});
  for (const Located<std::string>& input : from.inputs) {
    to.inputs.push_back({input.value, input.position});
  }
  for (const FlowInputQueue& input : from.input_queues) {
    if (input.queue.set) to.inputs.push_back({input.queue.value, input.queue.position});
  }
  std::set<std::string> seen;
  for (const InputRef& input : to.inputs) {
    if (seen.insert(input.queue).second) continue;
    diagnostics_.error("duplicate-input", input.position,
                       "stage " + shown(to.name) + " reads the queue " + shown(input.queue) +
                           " twice",
                       "name each queue once, in input_queue or in inputs");
  }
}

void FlowReader::outputs(const FlowStage& from, StageSpec& to) {
  if (from.output_queue.set) {
    to.outputs.push_back({"", from.output_queue.value, from.output_queue.position});
  }
  for (const auto& [port, queue] : from.outputs) {
    if (queue.set) to.outputs.push_back({port, queue.value, queue.position});
  }
}

void FlowReader::retry(const FlowStage& from, const std::string& path, StageSpec& to) {
  if (!from.retry.set) return;
  to.retry = from.retry.value;
  to.retry->position = from.retry.position;
  if (to.retry->initial <= to.retry->max) return;
  diagnostics_.error("bad-retry", from.retry.position,
                     path + ".retry: the first pause (" + to_string(to.retry->initial) +
                         ") is longer than the longest (" + to_string(to.retry->max) + ")",
                     "raise max or lower initial");
}

StageSpec FlowReader::stage(const Located<FlowStage>& from, const std::string& path) {
  const FlowStage& f = from.value;
  StageSpec to;
  to.position = from.position;
  to.name = f.name.value;
  to.type = f.type.value;
  to.threads = f.threads.value;
  const auto place = [&](const auto& field) { return field.set ? field.position : from.position; };
  to.name_position = place(f.name);
  to.type_position = place(f.type);
  to.threads_position = place(f.threads);
  inputs(f, to);
  outputs(f, to);
  to.key = read_key(f.key, path + ".key", diagnostics_);
  retry(f, path, to);
  to.dead_letter = f.dead_letter.value;
  to.dead_letter_position = place(f.dead_letter);
  to.config = f.config;
  if (to.config.is_null()) to.config.position = from.position;
  if (!to.config.is_null() && !to.config.is_map()) {
    diagnostics_.error("wrong-type", to.config.position, path + ".config must be a map",
                       "write the component's options as `name: value` lines");
  }
  to.plugin = f.plugin;
  if (f.realtime_priority.set) to.realtime_priority = f.realtime_priority.value;
  to.realtime_priority_position = place(f.realtime_priority);
  to.chain = f.chain;
  return to;
}

QueueSpec FlowReader::queue(const Located<FlowQueue>& from) {
  const FlowQueue& f = from.value;
  QueueSpec to;
  to.position = f.name.set ? f.name.position : from.position;
  to.name = f.name.value;
  if (f.capacity > 0) to.capacity = f.capacity;
  to.capacity_bytes = f.capacity_bytes;
  to.broadcast = f.broadcast;
  to.ordering = f.ordering;
  if (f.schema.set) {
    to.schema = f.schema.value;
    to.schema->position = f.schema.position;
    diagnostics_.warning("schema-unchecked", f.schema.position,
                         "the records of the queue " + shown(to.name) +
                             " are not checked against its schema",
                         "there is no schema registry to ask");
  }
  return to;
}

/// kubernetes.cpu_pinning stands by stage name; here it moves to the stages.
void FlowReader::pin(const FlowDocument& from, Spec& to) {
  if (to.stages.size() > kStagesMax) return;  // reported with the references
  std::vector<std::string> names;
  for (const StageSpec& stage : to.stages) names.push_back(stage.name);
  for (const auto& [stage_name, cpus] : from.kubernetes.cpu_pinning) {
    StageSpec* stage = nullptr;
    for (StageSpec& each : to.stages) {
      if (each.name == stage_name) stage = &each;
    }
    if (!stage) {
      diagnostics_.error("unknown-stage", cpus.key_position,
                         "kubernetes.cpu_pinning names " + shown(stage_name) +
                             ", but there is no such stage",
                         diagnostics_.full() ? "" : suggestion(stage_name, names));
      continue;
    }
    std::set<uint32_t> seen;
    for (uint32_t cpu : cpus.value.cpu) {
      if (seen.insert(cpu).second) continue;
      diagnostics_.error("duplicate-cpu", cpus.position,
                         "CPU " + std::to_string(cpu) + " stands twice in the cpu_pinning of " +
                             shown(stage_name),
                         "name each CPU once");
    }
    stage->cpu_pinning = cpus.value.cpu;
    stage->cpu_pinning_position = cpus.position;
  }
}

void FlowReader::environment(const FlowDocument& from, Spec& to) {
  for (const auto& [variable, value] : from.env) {
    if (variable.find('=') != std::string::npos) {
      diagnostics_.error("bad-environment", value.key_position,
                         shown(variable) + " is not the name of an environment variable",
                         "a name has no =");
    }
    to.env.emplace(variable, value.value);
  }
}

void FlowReader::cron(const FlowDocument& from) {
  const auto& cron = from.kubernetes_options.cron;
  if (!cron.set || from.execution.mode == Mode::kJob) return;
  diagnostics_.warning("cron-without-job", cron.position,
                       "kubernetes_options.cron has no effect on a streaming flow",
                       "set execution: {mode: EXECUTION_MODE_JOB}");
}

Spec FlowReader::read(const Node& root) {
  const Node* body = &root;
  FlowEnvelope envelope;
  if (is_envelope(root)) {
    envelope = flow_envelope_schema().parse(&root, diagnostics_);
    body = &envelope.spec;
  }
  const FlowDocument from = flow_schema().parse(body, diagnostics_);
  Spec to;
  to.dialect = "flow";
  to.position = root.position;
  to.name = from.name.empty() ? envelope.name : from.name;
  to.version = from.version > 0 ? from.version : envelope.version;
  to.mode = from.execution.mode;
  to.guarantee = from.guarantee.value;
  to.guarantee_position = from.guarantee.set ? from.guarantee.position : root.position;
  to.durability = from.durability.value;
  to.durability_position = from.durability.set ? from.durability.position : root.position;
  to.epoch_interval = from.epoch_interval;
  to.checkpoint_interval = from.checkpoint_interval.value;
  to.drain_timeout = from.drain_timeout;
  if (!from.checkpoint_interval.set && to.checkpoint_interval < to.epoch_interval) {
    to.checkpoint_interval = to.epoch_interval;
  } else if (to.checkpoint_interval < to.epoch_interval) {
    diagnostics_.error("bad-interval", from.checkpoint_interval.position,
                       "checkpoint_interval (" + to_string(to.checkpoint_interval) +
                           ") is shorter than epoch_interval (" + to_string(to.epoch_interval) +
                           ")",
                       "every checkpoint is an epoch: make it a longer time");
  }
  to.labels = from.labels;
  environment(from, to);
  to.observability = from.observability.value;
  warn_of_exports(from.observability, diagnostics_);
  to.kubernetes = from.kubernetes;
  to.kubernetes.options = from.kubernetes_options;
  cron(from);
  for (size_t i = 0; i < from.stages.size(); ++i) {
    to.stages.push_back(stage(from.stages[i], "stages[" + std::to_string(i) + "]"));
  }
  for (const Located<FlowQueue>& each : from.queues) to.queues.push_back(queue(each));
  pin(from, to);
  add_codec_stages(from, to, diagnostics_);
  return to;
}

}  // namespace

bool is_flow(const Node& root) {
  if (root.find("stages") || root.find("queues")) return true;
  const Node* spec = root.find("spec");
  return spec && !root.find("apiVersion") && !root.find("kind");
}

Node* flow_environment(Node& root) {
  Node* body = &root;
  for (Node::Entry& entry : root.entries) {
    if (entry.key == "spec" && is_envelope(root)) body = &entry.value;
  }
  for (Node::Entry& entry : body->entries) {
    if (entry.key == "env") return &entry.value;
  }
  return nullptr;
}

Spec read_flow(const Node& root, Diagnostics& diagnostics) {
  return FlowReader(diagnostics).read(root);
}

const SchemaBase& flow_fields() { return flow_schema(); }

}  // namespace penstock
