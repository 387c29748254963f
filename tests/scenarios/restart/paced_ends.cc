// SPDX-License-Identifier: Apache-2.0
#include "paced_ends.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/check.h"
#include "config/json_text.h"
#include "penstock/problems.h"
#include "spec/json_reader.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

std::string kept_path(const LifeOptions& options, const std::string& sink) {
  return options.out + "/" + sink + ".jsonl";
}

/// Each record a line of JSON, written before add() returns.
class WrittenRecords final : public SinkRecords {
 public:
  explicit WrittenRecords(const std::string& path)
      : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    CHECK(fd_ >= 0);
  }
  ~WrittenRecords() override { close(fd_); }
  void add(SinkRecord record) override {
    JsonWriter json;
    json.open_object();
    json.key("payload"), json.string(record.payload);
    if (record.has_key) json.key("key"), json.string(record.key);
    if (record.event_time_us != kNoEventTime) {
      json.key("event_time_us"), json.raw(std::to_string(record.event_time_us));
    }
    json.key("headers");
    json.open_list();
    for (const auto& [name, value] : record.headers) json.string(name), json.string(value);
    json.close_list();
    json.close_object();
    CHECK(write_all(fd_, one_line(json.finish())));  // one write: lines of tasks do not mix
  }

 private:
  int fd_;
};

SinkRecord read_record(const std::string& line) {
  Diagnostics problems;
  const std::optional<Node> json = read_json(line, "kept", problems);
  CHECK(json.has_value());
  SinkRecord record;
  record.payload = json->find("payload")->text;
  if (const Node* key = json->find("key")) {
    record.key = key->text;
    record.has_key = true;
  }
  if (const Node* time = json->find("event_time_us")) record.event_time_us = std::stoll(time->text);
  const std::vector<Node>& headers = json->find("headers")->items;
  for (size_t i = 0; i + 1 < headers.size(); i += 2) {
    record.headers.emplace_back(headers[i].text, headers[i + 1].text);
  }
  return record;
}

Node text_node(std::string text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.quoted = true;
  node.text = std::move(text);
  return node;
}

std::string line_of(const std::string& word, const std::string& stage) {
  return word + " " + stage + "\n";
}

}  // namespace

void PacedEnds::replace_source(StageSpec& stage, std::shared_ptr<const CaseInput> input,
                               Catalog& catalog) {
  const size_t all = input->records.size();
  const size_t most = all * options_.hold_percent / 100;
  if (most < all) ++holding_;
  const auto told = std::make_shared<std::atomic<bool>>(false);
  stage.type = "paced source " + stage.name;
  const CaseGate gate = [most, told, name = stage.name](size_t given) {
    if (given < most) return true;
    if (!told->exchange(true)) write_all(STDOUT_FILENO, line_of("held", name));
    return false;
  };
  catalog.add(case_source(stage.type, std::move(input), gate));
  stage.threads = 1;
  stage.config = Node{};
}

void PacedEnds::replace_sink(StageSpec& stage, const Traits& traits,
                             std::shared_ptr<const CaseFaults> faults, Catalog& catalog) {
  if (options_.exactly_once) {
    stage.type = "file";
    stage.config = Node{};
    stage.config.kind = Node::Kind::kMap;
    const std::string path = options_.out + "/" + stage.name + "/{task}-{part}";
    stage.config.entries.push_back({"path", {}, text_node(path)});
    return;
  }
  stage.type = "kept sink " + stage.name;
  const auto records = std::make_shared<WrittenRecords>(kept_path(options_, stage.name));
  catalog.add(case_sink(stage.type, traits, std::move(faults), records));
  stage.config = Node{};
}

uint32_t PacedEnds::tasks_of(const StageSpec& stage, const PlanStage& planned) const {
  const bool keyed = stage.key.kind != KeySpec::Kind::kNone;
  const Traits& traits = planned.bound->traits;
  const bool fixed = planned.kind == ComponentKind::kSource || traits.single_task ||
                     (traits.stateful && !keyed) || !(any_order_ || (key_order_ && keyed));
  if (fixed) return stage.threads;
  return std::max(1u, static_cast<uint32_t>(std::lround(stage.threads * options_.threads)));
}

void PacedEnds::adjust(Spec& spec, const Plan& plan) {
  spec.name = "scenario";
  spec.epoch_interval = milliseconds(5);
  spec.checkpoint_interval = milliseconds(10);
  if (options_.exactly_once) spec.guarantee = Guarantee::kExactlyOnce;
  for (size_t i = 0; i < spec.stages.size(); ++i) {
    const uint32_t tasks = tasks_of(spec.stages[i], plan.stages[i]);
    if (tasks == spec.stages[i].threads) continue;
    spec.stages[i].threads = tasks;
    write_all(STDOUT_FILENO, line_of("tasks", spec.stages[i].name + " " + std::to_string(tasks)));
  }
}

std::vector<SinkRecord> read_sink(const LifeOptions& options, const std::string& sink) {
  std::vector<SinkRecord> records;
  const auto read = [&](const fs::path& path, bool json) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      records.push_back(json ? read_record(line) : SinkRecord{});
      if (!json) records.back().payload = line;
    }
  };
  if (!options.exactly_once) {
    read(kept_path(options, sink), true);
    return records;
  }
  std::vector<fs::path> parts;
  std::error_code none;
  for (fs::directory_iterator it(options.out + "/" + sink, none), end; !none && it != end; ++it) {
    parts.push_back(it->path());
  }
  std::sort(parts.begin(), parts.end());
  for (const fs::path& part : parts) read(part, false);
  return records;
}

std::vector<SinkRecord> without_repeats(std::vector<SinkRecord> records) {
  std::set<std::pair<std::string, std::string>> seen;
  std::erase_if(records, [&](const SinkRecord& record) {
    return !seen.emplace(record.key, record.payload).second;
  });
  return records;
}

}  // namespace penstock
