// SPDX-License-Identifier: Apache-2.0
#include "spec/wiring.h"

#include <map>

#include "config/suggest.h"
#include "config/value_type.h"
#include "spec/limits.h"

namespace penstock {
namespace {

std::string in_line(const Position& at) { return " (line " + std::to_string(at.line) + ")"; }

/// Reports the second and later uses of a name. `kind` is "stage" or "queue".
void check_unique(const char* kind, const std::string& name, const Position& at,
                  std::map<std::string, Position>& seen, Diagnostics& diagnostics) {
  if (name.empty()) return;  // reported by the dialect
  const auto [first, is_new] = seen.emplace(name, at);
  if (is_new) return;
  diagnostics.error("duplicate-name", at,
                    std::string("there is already a ") + kind + " " + shown(name) +
                        in_line(first->second),
                    "give each its own name");
}

void check_counts(const Spec& spec, Diagnostics& diagnostics) {
  if (spec.stages.empty()) {
    diagnostics.error("no-stages", spec.position, "the flow has no stage",
                      "a flow has at least a source and a sink");
  }
  if (spec.stages.size() > kStagesMax) {
    diagnostics.error("too-many", spec.stages[kStagesMax].position,
                      "the flow has " + std::to_string(spec.stages.size()) +
                          " stages; at most " + std::to_string(kStagesMax) + " are allowed");
  }
  if (spec.queues.size() > kQueuesMax) {
    diagnostics.error("too-many", spec.queues[kQueuesMax].position,
                      "the flow has " + std::to_string(spec.queues.size()) +
                          " queues; at most " + std::to_string(kQueuesMax) + " are allowed");
  }
}

void check_queue(const StageSpec& stage, const std::string& queue, const char* verb,
                 const Position& at, const std::vector<std::string>& names,
                 const std::map<std::string, Position>& known, Diagnostics& diagnostics) {
  if (known.contains(queue)) return;
  std::string hint = "list it under queues:";
  if (!names.empty()) hint = diagnostics.full() ? "" : suggestion(queue, names);
  diagnostics.error("unknown-queue", at,
                    "stage " + shown(stage.name) + " " + verb + " " + shown(queue) +
                        ", but there is no such queue",
                    hint);
}

/// Who writes and who reads each queue.
struct Ends {
  std::vector<const StageSpec*> writers, readers;
};

std::map<std::string, Ends> ends_of(const Spec& spec) {
  std::map<std::string, Ends> out;
  for (const StageSpec& stage : spec.stages) {
    for (const InputRef& input : stage.inputs) out[input.queue].readers.push_back(&stage);
    for (const OutputRef& output : stage.outputs) out[output.queue].writers.push_back(&stage);
    if (!stage.dead_letter.empty()) out[stage.dead_letter].writers.push_back(&stage);
  }
  return out;
}

/// Finds records' ways back. Depth-first, without recursion: flows may be long chains.
class Cycles {
 public:
  Cycles(const Spec& spec, const std::map<std::string, Ends>& ends) : spec_(spec), ends_(ends) {}

  void report(Diagnostics& diagnostics) {
    for (const StageSpec& stage : spec_.stages) {
      if (state_[&stage] == kNew && found_ < kReportedMax) walk(stage, diagnostics);
    }
  }

 private:
  static constexpr size_t kReportedMax = 10;  // a dense graph has more circles than one can read
  enum State { kNew, kOpen, kDone };
  struct Step {
    const StageSpec* stage;
    std::vector<const StageSpec*> next;
    size_t taken = 0;
  };

  /// The stages that read what this one writes, each once.
  std::vector<const StageSpec*> after(const StageSpec& stage) const {
    std::vector<const StageSpec*> out;
    std::vector<bool> taken(spec_.stages.size());
    const auto add = [&](const std::string& queue) {
      const auto found = ends_.find(queue);
      if (found == ends_.end()) return;
      for (const StageSpec* reader : found->second.readers) {
        const auto index = static_cast<size_t>(reader - spec_.stages.data());
        if (!taken[index]) out.push_back(reader);
        taken[index] = true;
      }
    };
    for (const OutputRef& output : stage.outputs) add(output.queue);
    if (!stage.dead_letter.empty()) add(stage.dead_letter);
    return out;
  }

  void walk(const StageSpec& start, Diagnostics& diagnostics) {
    std::vector<Step> path{{&start, after(start)}};
    state_[&start] = kOpen;
    while (!path.empty() && found_ < kReportedMax) {
      Step& top = path.back();
      if (top.taken == top.next.size()) {
        state_[top.stage] = kDone;
        path.pop_back();
        continue;
      }
      const StageSpec* next = top.next[top.taken++];
      if (state_[next] == kOpen) {
        report_one(path, next, diagnostics);
        ++found_;
      } else if (state_[next] == kNew) {
        state_[next] = kOpen;
        path.push_back({next, after(*next)});
      }
    }
  }

  static void report_one(const std::vector<Step>& path, const StageSpec* back,
                         Diagnostics& diagnostics) {
    std::string way;
    bool inside = false;
    for (const Step& step : path) {
      inside = inside || step.stage == back;
      if (inside) way += step.stage->name + " → ";
    }
    diagnostics.error("flow-cycle", back->position,
                      "records would run in a circle: " + way + back->name,
                      "end the flow in a topic or file and read that in a flow of its own");
  }

  const Spec& spec_;
  const std::map<std::string, Ends>& ends_;
  std::map<const StageSpec*, State> state_;
  size_t found_ = 0;
};

}  // namespace

void check_references(const Spec& spec, Diagnostics& diagnostics) {
  check_counts(spec, diagnostics);
  if (spec.stages.size() > kStagesMax || spec.queues.size() > kQueuesMax) return;
  std::map<std::string, Position> queues, stages;
  std::vector<std::string> names;
  for (const QueueSpec& queue : spec.queues) {
    check_unique("queue", queue.name, queue.position, queues, diagnostics);
    if (!queue.name.empty()) names.push_back(queue.name);
  }
  for (const StageSpec& stage : spec.stages) {
    check_unique("stage", stage.name, stage.name_position, stages, diagnostics);
    for (const InputRef& input : stage.inputs) {
      check_queue(stage, input.queue, "reads", input.position, names, queues, diagnostics);
    }
    for (const OutputRef& output : stage.outputs) {
      check_queue(stage, output.queue, "writes", output.position, names, queues, diagnostics);
    }
    if (!stage.dead_letter.empty()) {
      check_queue(stage, stage.dead_letter, "sends dead letters to", stage.dead_letter_position,
                  names, queues, diagnostics);
    }
    if (stage.key.kind != KeySpec::Kind::kNone && stage.inputs.empty()) {
      diagnostics.error("key-without-input", stage.key.position,
                        "stage " + shown(stage.name) + " has a key but reads no queue",
                        "a key decides which task of the reading stage gets a record: set it "
                        "there");
    }
  }
}

void check_shape(const Spec& spec, Diagnostics& diagnostics) {
  const std::map<std::string, Ends> ends = ends_of(spec);
  for (const QueueSpec& queue : spec.queues) {
    const auto found = ends.find(queue.name);
    if (found == ends.end()) {
      diagnostics.warning("unused-queue", queue.position,
                          "no stage uses the queue " + shown(queue.name), "remove it");
    } else if (found->second.writers.empty()) {
      diagnostics.error("queue-without-writer", queue.position,
                        "stage " + shown(found->second.readers[0]->name) + " reads the queue " +
                            shown(queue.name) + ", but no stage writes it",
                        "set output_queue: " + queue.name + " on the stage that fills it");
    } else if (found->second.readers.empty()) {
      diagnostics.error("queue-without-reader", queue.position,
                        "stage " + shown(found->second.writers[0]->name) + " writes the queue " +
                            shown(queue.name) + ", but no stage reads it",
                        "set input_queue: " + queue.name + " on the stage that empties it");
    }
  }
  for (const StageSpec& stage : spec.stages) {
    if (!stage.inputs.empty() || !stage.outputs.empty()) continue;
    diagnostics.error("unconnected-stage", stage.position,
                      "stage " + shown(stage.name) + " neither reads nor writes a queue",
                      "set input_queue or output_queue");
  }
  Cycles(spec, ends).report(diagnostics);
}

}  // namespace penstock
