// SPDX-License-Identifier: Apache-2.0
#include "plan/fake_catalog.h"

namespace penstock {
namespace {

struct NoOptions {};
struct PathOptions {
  std::string path;
};

const Schema<NoOptions>& no_options() {
  static const Schema<NoOptions> schema({});
  return schema;
}
const Schema<PathOptions>& path_options() {
  static const Schema<PathOptions> schema({field("path", &PathOptions::path).required()});
  return schema;
}

class FakeSource final : public SourceFactory {
  std::unique_ptr<Source> create() const override { return nullptr; }
};
class FakeCombiner final : public Stage {
  Result<void> open(const TaskContext&) override { return {}; }
  void process(Batch, Output&) override {}
};
class FakeStage final : public StageFactory {
 public:
  explicit FakeStage(bool combines) : combines_(combines) {}
  std::unique_ptr<Stage> create() const override { return nullptr; }
  std::unique_ptr<Stage> create_combiner() const override {
    return combines_ ? std::make_unique<FakeCombiner>() : nullptr;
  }

 private:
  bool combines_;
};
class FakeSink final : public SinkFactory {
  std::unique_ptr<Sink> create() const override { return nullptr; }
};

void add_source(Catalog& catalog, const char* type, Traits traits = {}) {
  catalog.add(component<NoOptions>(ComponentKind::kSource, type, "", "", traits, no_options(),
                                   [](Bound& bound, std::shared_ptr<const NoOptions>) {
                                     bound.source = std::make_unique<FakeSource>();
                                   }));
}
void add_stage(Catalog& catalog, const char* type, Traits traits = {}, bool combines = false,
               std::vector<std::string> ports = {}) {
  catalog.add(component<NoOptions>(ComponentKind::kStage, type, "", "", traits, no_options(),
                                   [=](Bound& bound, std::shared_ptr<const NoOptions>) {
                                     bound.stage = std::make_unique<FakeStage>(combines);
                                     bound.ports = ports;
                                   }));
}
template <class Options = NoOptions>
void add_sink(Catalog& catalog, const char* type, Traits traits, const Schema<Options>& schema) {
  catalog.add(component<Options>(ComponentKind::kSink, type, "", "", traits, schema,
                                 [](Bound& bound, std::shared_ptr<const Options>) {
                                   bound.sink = std::make_unique<FakeSink>();
                                 }));
}

Position at(int line) { return {"flow.yaml", line, 1}; }

}  // namespace

const Catalog& fake_catalog() {
  static const Catalog catalog = [] {
    Catalog c;
    add_source(c, "source");
    add_source(c, "both");
    add_source(c, "pushed", {.replayable = false, .limit = "it hears each record once"});
    add_source(c, "asked", {.replayable = false, .remembers = false, .acknowledges = true});
    add_source(c, "forgetful", {.remembers = false});
    add_source(c, "again", {.remembers = false, .unordered = true});
    add_source(c, "numbered", {.remembers = false, .identifies = true});
    add_stage(c, "copy");
    add_stage(c, "pass", {.one_to_one = true});
    add_stage(c, "fork", {.one_to_one = true}, false, {"a", "b"});
    add_stage(c, "both");
    add_stage(c, "single", {.single_task = true});
    add_stage(c, "count", {.keyed = true, .stateful = true}, true);
    add_stage(c, "sum", {.stateful = true});
    add_stage(c, "hold", {.holds = true});
    add_stage(c, "route", {}, false, {"a", "b"});
    add_sink(c, "sink", {}, no_options());
    add_sink(c, "both", {}, no_options());
    add_sink(c, "file", {.two_phase = true}, no_options());
    add_sink(c, "deaf", {.confirms = false}, no_options());
    add_sink(c, "post", {.retries = true}, no_options());
    add_sink(c, "crowd", {.unordered = true}, no_options());
    add_sink(c, "knows", {.drops_repeats = true}, no_options());
    add_sink(c, "picky", {}, path_options());
    return c;
  }();
  return catalog;
}

FlowBuilder::FlowBuilder() {
  spec.name = "test";
  spec.file = "flow.yaml";
  spec.position = at(1);
}

FlowBuilder& FlowBuilder::stage(std::string name, std::string type, std::vector<std::string> in,
                                std::vector<std::string> out, uint32_t threads) {
  const int line = 10 * static_cast<int>(spec.stages.size() + 1);
  StageSpec stage;
  stage.name = std::move(name);
  stage.type = std::move(type);
  stage.threads = threads;
  stage.position = stage.name_position = stage.config.position = at(line);
  stage.type_position = at(line + 1);
  stage.threads_position = at(line + 2);
  stage.dead_letter_position = at(line + 3);
  stage.key.position = at(line + 4);
  for (const std::string& each : in) stage.inputs.push_back({queue(each).name, at(line + 5)});
  for (const std::string& each : out) {
    const size_t colon = each.find(':');
    const std::string port = colon == std::string::npos ? "" : each.substr(0, colon);
    const std::string to = colon == std::string::npos ? each : each.substr(colon + 1);
    stage.outputs.push_back({port, queue(to).name, at(line + 6)});
  }
  spec.stages.push_back(std::move(stage));
  return *this;
}

FlowBuilder& FlowBuilder::keyed(KeySpec::Kind kind, std::string header) {
  last().key.kind = kind;
  last().key.header = std::move(header);
  return *this;
}

QueueSpec& FlowBuilder::queue(const std::string& name) {
  for (QueueSpec& queue : spec.queues) {
    if (queue.name == name) return queue;
  }
  QueueSpec queue;
  queue.name = name;
  queue.position = at(1000 + static_cast<int>(spec.queues.size()));
  spec.queues.push_back(queue);
  return spec.queues.back();
}

Planned planned(const FlowBuilder& flow) {
  Diagnostics diagnostics;
  Planned out;
  out.plan = make_plan(flow.spec, fake_catalog(), diagnostics);
  for (const Diagnostic& each : diagnostics.all()) out.messages.push_back(to_string(each));
  return out;
}

std::string rows(const FlowBuilder& flow) {
  const Planned made = planned(flow);
  std::string out;
  if (made.plan == nullptr) {
    for (const std::string& message : made.messages) out += message + "\n";
    return out;
  }
  for (const PlanPath& path : made.plan->paths) {
    out += made.plan->stages[path.source].name + " → " + made.plan->stages[path.sink].name + ": " +
           path.guarantee + ", " + path.ordering + ", " + path.durability + "\n";
    for (const std::string& limit : path.limits) out += "- " + limit + "\n";
  }
  return out;
}

FlowBuilder direct(const char* source, const char* sink) {
  FlowBuilder flow;
  flow.stage("in", source, {}, {"q"}).stage("out", sink, {"q"}, {});
  return flow;
}

}  // namespace penstock
