// SPDX-License-Identifier: Apache-2.0
#include "plan/local_topics.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>

#include "base/hash.h"
#include "plan/binding.h"
#include "spec/wiring.h"

namespace penstock {
namespace {

constexpr size_t kLogNameBytesMax = 180;

/// Who writes and who reads a topic: stages, by index.
struct Ends {
  std::vector<size_t> writers, readers;
  bool durable = false;
};

Node scalar(std::string text, const Position& at) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  node.quoted = true;
  node.position = at;
  return node;
}

Node options(const std::vector<std::pair<std::string, std::string>>& entries, const Position& at) {
  Node node;
  node.kind = Node::Kind::kMap;
  node.position = at;
  for (const auto& [key, value] : entries) {
    Node text = scalar(value, at);
    text.quoted = key == "topic" || key == "group";
    node.entries.push_back({key, at, std::move(text)});
  }
  return node;
}

/// Rewrites a document, given which topics are channels.
class Rewriter {
 public:
  Rewriter(const Spec& spec, const std::map<size_t, LocalTopic>& ends,
           const std::map<std::string, Ends>& topics, const std::set<std::string>& channels)
      : from_(spec), ends_(ends), topics_(topics), channels_(channels), to_(spec) {}

  Spec run() {
    to_.stages.clear();
    for (size_t i = 0; i < from_.stages.size(); ++i) {
      const auto end = ends_.find(i);
      if (end == ends_.end()) {
        to_.stages.push_back(from_.stages[i]);
      } else if (from_.stages[i].inputs.empty()) {
        replace_source(from_.stages[i], end->second);
      } else {
        replace_sink(from_.stages[i], end->second.topics.front());
      }
    }
    return std::move(to_);
  }

 private:
  /// Sources of one group share a channel; every other one has its own.
  std::string queue_of(const std::string& topic, const StageSpec& reader,
                       const LocalTopic& end) const {
    return "topic " + topic + " → " + (end.group.empty() ? reader.name : end.group);
  }

  void add_queue(const std::string& name, const StageSpec& at) {
    if (to_.find_queue(name) != nullptr) return;
    QueueSpec queue;
    queue.name = name;
    queue.capacity = 1024;
    queue.position = at.position;
    to_.queues.push_back(queue);
  }

  /// What its writer says, or as many as have a reader here.
  uint32_t partitions_of(const std::string& topic) const {
    const Ends& of = topics_.at(topic);
    for (const size_t writer : of.writers) {
      const Node* said = from_.stages[writer].config.find("partitions");
      uint32_t number = 0;
      if (said == nullptr) continue;
      const char* const end = said->text.data() + said->text.size();
      if (std::from_chars(said->text.data(), end, number).ptr == end && number > 0) return number;
    }
    uint32_t readers = 1;
    for (const size_t reader : of.readers) {
      readers = std::max(readers, from_.stages[reader].threads);
    }
    return readers;
  }

  void replace_sink(StageSpec stage, const std::string& topic) {
    if (!channels_.contains(topic)) {
      const uint32_t partitions = partitions_of(topic);
      stage.type = kLogType;
      stage.config = options({{"topic", log_name(topic)},
                              {"partitions", std::to_string(partitions)}}, stage.config.position);
      to_.stages.push_back(std::move(stage));
      return;
    }
    stage.type = kPassType;
    stage.config = options({}, stage.config.position);
    std::set<std::string> queues;
    for (const size_t reader : topics_.at(topic).readers) {
      queues.insert(queue_of(topic, from_.stages[reader], ends_.at(reader)));
    }
    for (const std::string& queue : queues) {
      add_queue(queue, stage);
      stage.outputs.push_back({"", queue, stage.position});
    }
    to_.stages.push_back(std::move(stage));
  }

  void replace_source(const StageSpec& stage, const LocalTopic& end) {
    StageSpec pass = stage;
    pass.type = kPassType;
    pass.config = options({}, stage.config.position);
    bool named = false;  // the stage's own name was given out
    for (const std::string& topic : end.topics) {
      if (!channels_.contains(topic)) continue;
      const std::string queue = queue_of(topic, stage, end);
      add_queue(queue, stage);
      pass.inputs.push_back({queue, stage.position});
    }
    if (!pass.inputs.empty()) {
      to_.stages.push_back(pass);
      named = true;
    }
    for (const std::string& topic : end.topics) {
      if (channels_.contains(topic)) continue;
      StageSpec source = stage;
      if (named) source.name += "." + topic;
      named = true;
      source.type = kLogType;
      std::vector<std::pair<std::string, std::string>> entries{
          {"topic", log_name(topic)}, {"create", "true"},
          {"partitions", std::to_string(partitions_of(topic))},
          {"start", end.latest ? "latest" : "earliest"}};
      // Where the log has the same words for the same things.
      for (const char* name : {"follow", "lost"}) {
        const Node* said = stage.config.find(name);
        if (said != nullptr && said->is_scalar()) entries.emplace_back(name, said->text);
      }
      if (!end.group.empty()) entries.emplace_back("group", log_name(end.group));
      source.config = options(entries, stage.config.position);
      to_.stages.push_back(std::move(source));
    }
  }

  const Spec& from_;
  const std::map<size_t, LocalTopic>& ends_;
  const std::map<std::string, Ends>& topics_;
  const std::set<std::string>& channels_;
  Spec to_;
};

bool comes_round(const Spec& spec) {
  Diagnostics found;
  check_shape(spec, found);
  return std::any_of(found.all().begin(), found.all().end(),
                     [](const Diagnostic& d) { return d.code == "flow-cycle"; });
}

std::string channel_note(const std::string& topic) {
  return "topic \"" + topic + "\": no broker is named, so it is a channel inside this process";
}

std::string log_note(const std::string& topic, const Ends& ends, bool asked, bool round) {
  const char* why = asked                  ? "durability is asked for"
                    : round                ? "what is written comes round to its writer"
                    : ends.writers.empty() ? "others write it"
                                           : "others read it";
  const std::string kept = log_name(topic);
  return "topic \"" + topic + "\": no broker is named, so it is the topic log of this machine (" +
         why + "): `penstock topic describe " + kept + "`";
}

}  // namespace

std::string log_name(const std::string& topic) {
  std::string name;
  for (const char c : topic.substr(0, kLogNameBytesMax)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    name += plain ? c : '_';
  }
  if (name == topic && !name.empty() && name[0] != '.') return name;
  if (name.empty() || name[0] == '.') name = "_" + name;
  char hash[12];
  std::snprintf(hash, sizeof hash, "-%08x", static_cast<unsigned>(hash64(topic)));
  return name + hash;
}

WithoutBrokers without_brokers(const Spec& spec, const std::map<size_t, LocalTopic>& ends) {
  std::map<std::string, Ends> topics;
  for (const auto& [stage, end] : ends) {
    for (const std::string& topic : end.topics) {
      Ends& of = topics[topic];
      (spec.stages[stage].inputs.empty() ? of.readers : of.writers).push_back(stage);
      of.durable = of.durable || end.durable || spec.durability == Durability::kPower;
    }
  }
  WithoutBrokers made;
  std::set<std::string> channels;
  for (const auto& [topic, of] : topics) {
    const bool both = !of.writers.empty() && !of.readers.empty();
    bool round = false;
    if (both && !of.durable) {
      channels.insert(topic);
      round = comes_round(Rewriter(spec, ends, topics, channels).run());
      if (round) channels.erase(topic);
    }
    made.notes.push_back(channels.contains(topic) ? channel_note(topic)
                                                  : log_note(topic, of, of.durable, round));
  }
  made.spec = Rewriter(spec, ends, topics, channels).run();
  return made;
}

void replace_brokers(Plan& plan, const Catalog& catalog, Diagnostics& diagnostics) {
  std::map<size_t, LocalTopic> ends;
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    if (plan.stages[i].bound->local) ends.emplace(i, *plan.stages[i].bound->local);
  }
  if (ends.empty()) return;
  WithoutBrokers made = without_brokers(plan.spec, ends);
  plan.spec = std::move(made.spec);
  plan.notes = std::move(made.notes);
  plan.stages.clear();
  Diagnostics found;
  bind_stages(plan, catalog, found);
  // Warnings were given when the stages were bound at first.
  for (const Diagnostic& each : found.all()) {
    if (each.severity == Severity::kError) diagnostics.add(each);
  }
}

}  // namespace penstock
