// SPDX-License-Identifier: Apache-2.0
#include "penstock/dlq_replay.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/hash.h"
#include "sdk/catalog.h"

namespace penstock {
namespace {

struct RestoreOptions {
  std::vector<std::string> stages;  // whose letters are wanted; each is a port, if `by_stage`
  bool by_stage = true;
  std::string code;
};

const Schema<RestoreOptions>& restore_options() {
  using O = RestoreOptions;
  static const Schema<O> schema({field("stages", &O::stages), field("by_stage", &O::by_stage),
                                 field("code", &O::code)});
  return schema;
}

/// Takes the headers off that a rejection put on, and sends each letter to its stage.
class Restore final : public Stage {
 public:
  explicit Restore(std::shared_ptr<const RestoreOptions> options) : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context) override {
    for (size_t i = 0; i < (options_->by_stage ? options_->stages.size() + 1 : 1); ++i) {
      ports_.push_back(std::make_unique<BatchBuilder>(*context.pool));
    }
    return {};
  }
  void process(Batch batch, Output& out) override {
    batch.for_each([&](const Record& record) {
      const std::optional<Letter> letter = letter_of(record);
      if (!letter || (!options_->code.empty() && letter->code != options_->code)) return;
      const auto& stages = options_->stages;
      const auto found = std::find(stages.begin(), stages.end(), letter->stage);
      if (found == stages.end()) return;
      const auto port =
          options_->by_stage ? static_cast<uint32_t>(found - stages.begin()) + 1 : 0;
      Record restored = record;
      restored.headers = letter->headers.empty() ? nullptr : letter->headers.data();
      restored.headers_size = static_cast<uint32_t>(letter->headers.size());
      ports_[port]->append_copy(restored);
      if (ports_[port]->full()) send(port, batch.epoch(), out);
    });
    for (uint32_t port = 0; port < ports_.size(); ++port) send(port, batch.epoch(), out);
  }

 private:
  void send(uint32_t port, Epoch epoch, Output& out) {
    if (ports_[port]->empty()) return;
    Batch made = ports_[port]->take();
    made.set_epoch(epoch);
    out.emit(std::move(made), port);
  }

  const std::shared_ptr<const RestoreOptions> options_;
  std::vector<std::unique_ptr<BatchBuilder>> ports_;
};

Node scalar(std::string text, bool quoted) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

Node map_of(std::vector<std::pair<std::string, Node>> entries) {
  Node node;
  node.kind = Node::Kind::kMap;
  for (auto& [key, value] : entries) node.entries.push_back({key, {}, std::move(value)});
  return node;
}

Node list_of(const std::vector<std::string>& texts) {
  Node node;
  node.kind = Node::Kind::kList;
  for (const std::string& text : texts) node.items.push_back(scalar(text, true));
  return node;
}

QueueSpec queue_named(std::string name) {
  QueueSpec queue;
  queue.name = std::move(name);
  queue.capacity = 1024;
  return queue;
}

/// Builds the document.
class Replay {
 public:
  Replay(const Plan& plan, const LetterPlace& place, const ReplayWish& wish)
      : plan_(plan), place_(place), wish_(wish) {
    to_ = plan.spec;
    to_.name = (plan.spec.name.empty() ? "flow" : plan.spec.name) + ".replay";
    to_.mode = Mode::kJob;
    to_.stages.clear();
    to_.queues.clear();
  }

  Result<Spec> through(std::vector<std::string>& left_out) {
    std::vector<std::string> stages;
    for (const uint32_t s : place_.rejecting) {
      const PlanStage& stage = plan_.stages[s];
      if (!wish_.filter.stage.empty() && stage.name != wish_.filter.stage) continue;
      if (stage.inputs.empty()) left_out.push_back(stage.name);
      else stages.push_back(stage.name);
    }
    if (stages.empty()) {
      return stop_error("bad-argument", "no letters of a stage that reads a queue are kept there",
                        "--to SOURCE hands them to the topic that a source reads");
    }
    for (const std::string& name : stages) keep(name);
    for (const std::string& name : kept_) {
      const auto stage = std::find_if(plan_.stages.begin(), plan_.stages.end(),
                                      [&](const PlanStage& s) { return s.name == name; });
      if (!stage->bound->traits.stateful) continue;
      return stop_error("replay-state",
                        "stage '" + name + "' keeps state, which belongs to the pipeline's own run",
                        "hand them to the topic that a source reads: --to SOURCE");
    }
    add_letters(stages, true);
    for (const StageSpec& stage : plan_.spec.stages) {
      if (kept_.contains(stage.name)) add(stage, stages);
    }
    return std::move(to_);
  }

  Result<Spec> to_source(const Catalog& catalog) {
    const StageSpec* source = plan_.spec.find_stage(wish_.to);
    if (source == nullptr || !source->inputs.empty()) {
      return stop_error("bad-argument", "there is no source '" + wish_.to + "'");
    }
    const Component* sink = catalog.find(source->type, ComponentKind::kSink);
    const Component* from = catalog.find(source->type, ComponentKind::kSource);
    if (sink == nullptr || from == nullptr || source->config.find("topic") == nullptr) {
      return stop_error("bad-argument",
                        "'" + source->type + "' of the source '" + wish_.to +
                            "' is nothing that records can be handed back to",
                        "leave --to out: they go through the flow");
    }
    std::vector<std::string> stages;
    for (const uint32_t s : place_.rejecting) {
      const std::string& name = plan_.stages[s].name;
      if (wish_.filter.stage.empty() || name == wish_.filter.stage) stages.push_back(name);
    }
    add_letters(stages, false);
    to_.queues.push_back(queue_named("replay.records"));
    to_.stages.back().outputs = {{"", "replay.records", {}}};
    StageSpec made;
    made.name = "replay.to";
    made.type = source->type;
    made.inputs = {{"replay.records", {}}};
    made.config.kind = Node::Kind::kMap;
    for (const Node::Entry& entry : source->config.entries) {
      // What both know is the address: topic, folder, brokers, credentials.
      if (sink->schema->find(entry.key) != nullptr) made.config.entries.push_back(entry);
    }
    to_.stages.push_back(std::move(made));
    return std::move(to_);
  }

 private:
  /// The stage and all behind it.
  void keep(const std::string& name) {
    if (!kept_.insert(name).second) return;
    const StageSpec* stage = plan_.spec.find_stage(name);
    for (const StageSpec& reader : plan_.spec.stages) {
      for (const InputRef& input : reader.inputs) {
        const bool reads = std::any_of(stage->outputs.begin(), stage->outputs.end(),
                                       [&](const OutputRef& o) { return o.queue == input.queue; });
        if (reads || stage->dead_letter == input.queue) keep(reader.name);
      }
    }
  }

  bool is_written(const std::string& queue) const {
    return std::any_of(kept_.begin(), kept_.end(), [&](const std::string& name) {
      const StageSpec* stage = plan_.spec.find_stage(name);
      return stage->dead_letter == queue ||
             std::any_of(stage->outputs.begin(), stage->outputs.end(),
                         [&](const OutputRef& o) { return o.queue == queue; });
    });
  }

  void add_letters(const std::vector<std::string>& stages, bool by_stage) {
    StageSpec source;
    source.name = "replay";
    source.type = "topic";
    const std::string folder = place_.folder.substr(0, place_.folder.rfind('/'));
    source.config = map_of({{"topic", scalar(place_.topic, true)},
                            {"folder", scalar(folder, true)},
                            {"group", scalar(replay_group(wish_), true)},
                            {"follow", scalar("false", false)},
                            {"lost", scalar("skip", true)}});
    source.outputs = {{"", "replay.letters", {}}};
    to_.queues.push_back(queue_named("replay.letters"));
    StageSpec restore;
    restore.name = "replay.restore";
    restore.type = kRestoreType;
    restore.config = map_of({{"stages", list_of(stages)},
                             {"by_stage", scalar(by_stage ? "true" : "false", false)},
                             {"code", scalar(wish_.filter.code, true)}});
    restore.inputs = {{"replay.letters", {}}};
    if (by_stage) {
      for (const std::string& stage : stages) {
        to_.queues.push_back(queue_named("replay." + stage));
        restore.outputs.push_back({stage, "replay." + stage, {}});
      }
    }
    to_.stages.push_back(std::move(source));
    to_.stages.push_back(std::move(restore));
  }

  void add(const StageSpec& stage, const std::vector<std::string>& fed) {
    StageSpec made = stage;
    made.inputs.clear();
    for (const InputRef& input : stage.inputs) {
      if (!is_written(input.queue)) continue;
      made.inputs.push_back(input);
      if (to_.find_queue(input.queue) == nullptr) {
        to_.queues.push_back(*plan_.spec.find_queue(input.queue));
      }
    }
    if (std::find(fed.begin(), fed.end(), stage.name) != fed.end()) {
      made.inputs.push_back({"replay." + stage.name, {}});
    }
    to_.stages.push_back(std::move(made));
  }

  const Plan& plan_;
  const LetterPlace& place_;
  const ReplayWish& wish_;
  Spec to_;
  std::set<std::string> kept_;
};

}  // namespace

void register_restore(Catalog& catalog) {
  catalog.add(component<RestoreOptions>(
      ComponentKind::kStage, kRestoreType, "", "Gives dead letters back what they were.", {},
      restore_options(), [](Bound& bound, std::shared_ptr<const RestoreOptions> options) {
        if (options->by_stage) bound.ports = options->stages;
        using Factory = InstanceFactory<StageFactory, Stage, RestoreOptions, Restore>;
        bound.stage = std::make_unique<Factory>(std::move(options));
      }));
}

std::string replay_group(const ReplayWish& wish) {
  if (wish.filter.stage.empty() && wish.filter.code.empty()) return "replay";
  char text[32];
  std::snprintf(text, sizeof text, "replay-%08x",
                static_cast<unsigned>(hash64(wish.filter.stage + "\n" + wish.filter.code)));
  return text;
}

Result<Spec> make_replay(const Plan& plan, const Catalog& catalog, const LetterPlace& place,
                         const ReplayWish& wish, std::vector<std::string>& left_out) {
  Replay replay(plan, place, wish);
  return wish.to.empty() ? replay.through(left_out) : replay.to_source(catalog);
}

}  // namespace penstock
