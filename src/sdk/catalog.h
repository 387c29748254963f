// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/located.h"
#include "config/schema.h"
#include "sdk/sink.h"
#include "sdk/source.h"
#include "sdk/stage.h"

namespace penstock {

enum class ComponentKind : uint8_t { kSource, kStage, kSink };

/// What a component can promise: `plan` computes the guarantee of each path from these.
struct Traits {
  // Sources.
  bool replayable = true;  ///< after a restart it can read again from a committed position
  bool remembers = true;   ///< its positions are worth keeping between runs
  /// It tells who sent a record only after delivery, and they send again what it did not.
  bool acknowledges = false;
  /// Its positions are offsets: a number of records, perhaps with a check behind a '/'.
  bool offsets = false;
  /// No two records that it ever gives have the same position and event time, whatever the number
  /// of tasks; one that it gives again has those it had.
  bool identifies = false;
  // Sinks.
  bool confirms = true;    ///< delivered() means that the outside has it
  bool two_phase = false;  ///< prepare/commit/recover: exactly once
  bool drops_repeats = false;  ///< by ids, for a while, if TakesIdentities knows them
  // Stages.
  bool keyed = false;      ///< needs `key:`; state or order by key
  bool stateful = false;   ///< has snapshot() and restore()
  bool holds = false;      ///< keeps records past a barrier without durable state
  bool clocked = false;    ///< its output depends on the clock or on arrival order
  /// What it emits are the batches that it is given, or selections of them, in the call that gives
  /// them and when it is done with looking at payloads.
  bool passes_batches = false;
  bool one_to_one = false; ///< makes at most one of each record, at its position
  // Stages and sinks.
  bool retries = false;    ///< hands records to retry(): records of other keys overtake them
  bool unordered = false;  ///< works on several records at once: any may come out first
  // All.
  bool single_task = false;  ///< `threads` above 1 is refused
  std::string limit = {};    ///< one line for the guarantee table, if something limits it
};

/// What a component of a broker reads or writes when its options name no broker. The planner puts a
/// channel inside the process in its place, or the durable log of this machine (plan/local_topics).
struct LocalTopic {
  std::vector<std::string> topics;  ///< topics, subjects or streams: a source's; a sink has one
  std::string group;      ///< sources: those of one group share the records; "" = one of its own
  bool latest = false;    ///< sources: without a position, only what comes from now on
  bool durable = false;   ///< the options ask for the log
};

/// A component with its options bound: what the planner keeps and the runtime instantiates.
/// Exactly one of the factories is set.
struct Bound {
  Traits traits;
  std::unique_ptr<SourceFactory> source;
  std::unique_ptr<StageFactory> stage;
  std::unique_ptr<SinkFactory> sink;
  std::vector<std::string> ports;  ///< named outputs that the options make (route); may be empty
  std::optional<LocalTopic> local = {};  ///< the options name no broker; the factory is not used
};

/// One entry of the catalog: everything that can be known of a component without running it.
struct Component {
  std::string type;     ///< its name in files: "file_source"
  ComponentKind kind = ComponentKind::kStage;
  std::string summary;  ///< one line
  std::string folder;   ///< "connectors/file": where README.md and example.yaml stand
  const SchemaBase* schema = nullptr;
  Traits traits;        ///< as far as they do not depend on options
  /// Parses and checks the options, all problems into `diagnostics`; null if there were errors.
  std::function<std::shared_ptr<const Bound>(const Node& config, Diagnostics& diagnostics)> bind;
};

/// All components of a program, filled by a function that can be read (apps/penstock/catalog.cc).
class Catalog {
 public:
  /// REQUIRES: the (type, kind) is new. One type may name a source and a sink ("file").
  void add(Component component);
  const Component* find(std::string_view type, ComponentKind kind) const;
  /// All kinds under a type name.
  std::vector<const Component*> find(std::string_view type) const;
  /// Sorted by type, then kind.
  const std::vector<Component>& all() const { return components_; }

  /// Makes what computes a key that is an expression; null if it cannot be used, all problems are
  /// in the diagnostics then.
  using KeyCompiler = std::function<std::shared_ptr<const KeyProgram>(
      const Located<std::string>& text, std::string_view dialect, Diagnostics& diagnostics)>;
  void set_key_compiler(KeyCompiler compiler) { key_compiler_ = std::move(compiler); }
  /// May be empty: then keys cannot be expressions.
  const KeyCompiler& key_compiler() const { return key_compiler_; }

 private:
  std::vector<Component> components_;
  KeyCompiler key_compiler_;
};

const char* to_string(ComponentKind kind);

/// A factory that constructs `Instance` from its shared options.
template <class Base, class Made, class O, class Instance>
class InstanceFactory final : public Base {
 public:
  explicit InstanceFactory(std::shared_ptr<const O> options) : options_(std::move(options)) {}
  std::unique_ptr<Made> create() const override { return std::make_unique<Instance>(options_); }

 private:
  std::shared_ptr<const O> options_;
};

/// A Component whose bind() parses `O` by `schema` and lets `fill(Bound&, shared_ptr<const O>)` set
/// the factory (and adjust traits and ports to the options).
template <class O, class Fill>
Component component(ComponentKind kind, std::string type, std::string folder, std::string summary,
                    Traits traits, const Schema<O>& schema, Fill fill) {
  Component c{std::move(type), kind, std::move(summary), std::move(folder), &schema, traits, {}};
  c.bind = [&schema, traits, fill](const Node& config,
                                   Diagnostics& diagnostics) -> std::shared_ptr<const Bound> {
    const size_t before = diagnostics.error_count();
    auto options = std::make_shared<const O>(schema.parse(&config, diagnostics));
    if (diagnostics.error_count() > before) return nullptr;
    auto bound = std::make_shared<Bound>();
    bound->traits = traits;
    fill(*bound, std::move(options));
    return bound;
  };
  return c;
}

/// The usual case: `Instance` is constructed from `std::shared_ptr<const O>`.
template <class O, class Instance>
Component source_component(std::string type, std::string folder, std::string summary, Traits traits,
                           const Schema<O>& schema) {
  return component<O>(ComponentKind::kSource, std::move(type), std::move(folder),
                      std::move(summary), traits, schema,
                      [](Bound& bound, std::shared_ptr<const O> options) {
                        bound.source =
                            std::make_unique<InstanceFactory<SourceFactory, Source, O, Instance>>(
                                std::move(options));
                      });
}
template <class O, class Instance>
Component stage_component(std::string type, std::string folder, std::string summary, Traits traits,
                          const Schema<O>& schema) {
  return component<O>(ComponentKind::kStage, std::move(type), std::move(folder), std::move(summary),
                      traits, schema, [](Bound& bound, std::shared_ptr<const O> options) {
                        bound.stage =
                            std::make_unique<InstanceFactory<StageFactory, Stage, O, Instance>>(
                                std::move(options));
                      });
}
template <class O, class Instance>
Component sink_component(std::string type, std::string folder, std::string summary, Traits traits,
                         const Schema<O>& schema) {
  return component<O>(ComponentKind::kSink, std::move(type), std::move(folder), std::move(summary),
                      traits, schema, [](Bound& bound, std::shared_ptr<const O> options) {
                        bound.sink =
                            std::make_unique<InstanceFactory<SinkFactory, Sink, O, Instance>>(
                                std::move(options));
                      });
}

}  // namespace penstock
