// SPDX-License-Identifier: Apache-2.0
// penstock dlq ls, show.
#include <algorithm>

#include "config/json_text.h"
#include "penstock/commands.h"
#include "penstock/dlq_letters.h"
#include "penstock/dlq_replay.h"
#include "penstock/pipeline_file.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/record_text.h"
#include "penstock/text_table.h"

namespace penstock {
namespace {

struct DlqArguments {
  std::string path;
  LetterFilter filter;
  uint32_t limit = 0;
  bool fresh = false;  // only what was not replayed
  int output = 0;      // text, json
};

int refuse(Program& program, const Error& error, int code = kExitBadInput) {
  write_all(program.err, complaint(error));
  return code;
}

/// Letters of one stage with one error.
struct Kind {
  uint64_t letters = 0, replayed = 0;
  int64_t first_us = INT64_MAX, last_us = INT64_MIN;
};
using Kinds = std::map<std::pair<std::string, std::string>, Kind>;

Result<Kinds> count(const SystemTopics& topics, const LetterPlace& place) {
  Kinds kinds;
  const auto replayed = load_group(topics.disk(), place.folder, replay_group({}));
  if (!replayed) return replayed.error();
  const auto add = [&](uint32_t p, const Record& record, const Letter& letter) {
    Kind& kind = kinds[{std::string(letter.stage), std::string(letter.code)}];
    const auto next = replayed->find(p);
    const bool done =
        next != replayed->end() && static_cast<uint64_t>(record.position) < next->second;
    ++kind.letters;
    kind.replayed += done;
    kind.first_us = std::min(kind.first_us, record.event_time_us);
    kind.last_us = std::max(kind.last_us, record.event_time_us);
    return true;
  };
  PENSTOCK_TRY(for_each_letter(topics, place.folder, {}, add));
  return kinds;
}

std::string place_text(const Plan& plan, const LetterPlace& place) {
  std::string names;
  for (const uint32_t s : place.rejecting) {
    names += (names.empty() ? "" : ", ") + plan.stages[s].name;
  }
  const std::string what = place.readable() ? "topic " + place.topic : "a sink of type " +
                                                                           place.type;
  return "letters of " + names + " in " + what + " (stage " + place.sink + ")";
}

std::string kinds_text(const Kinds& kinds) {
  TextTable table({TextTable::Align::kLeft, TextTable::Align::kLeft, TextTable::Align::kRight,
                   TextTable::Align::kRight});
  table.row({"  stage", "error", "letters", "replayed", "first", "last"});
  for (const auto& [name, kind] : kinds) {
    table.row({"  " + name.first, name.second, std::to_string(kind.letters),
               std::to_string(kind.replayed), wall_time(kind.first_us), wall_time(kind.last_us)});
  }
  return kinds.empty() ? "  none\n" : table.text();
}

void kinds_json(JsonWriter& json, const LetterPlace& place, const Kinds& kinds) {
  for (const auto& [name, kind] : kinds) {
    json.open_object();
    json.key("sink"), json.string(place.sink);
    json.key("topic"), json.string(place.topic);
    json.key("stage"), json.string(name.first);
    json.key("error"), json.string(name.second);
    json.key("letters"), json.raw(std::to_string(kind.letters));
    json.key("replayed"), json.raw(std::to_string(kind.replayed));
    json.close_object();
  }
}

std::shared_ptr<const Plan> load(const DlqArguments& a, Program& program) {
  Diagnostics diagnostics;
  auto plan = load_plan(a.path, *program.catalog, diagnostics);
  if (plan == nullptr) write_all(program.err, problems_text(diagnostics));
  return plan;
}

int list(const DlqArguments& a, Program& program) {
  const auto plan = load(a, program);
  if (plan == nullptr) return kExitBadInput;
  const auto places = find_letters(*plan);
  if (!places) return refuse(program, places.error());
  const SystemTopics topics(*program.clock);
  JsonWriter json;
  json.open_list();
  std::string text;
  for (const LetterPlace& place : *places) {
    text += place_text(*plan, place) + "\n";
    if (!place.readable()) {
      text += "  only the topic log keeps keys, headers and errors for `show` and `replay`\n";
      continue;
    }
    const auto there = topics.disk().exists(place.folder + "/topic");
    Result<Kinds> kinds = there && *there ? count(topics, place) : Result<Kinds>(Kinds{});
    if (!kinds) return refuse(program, kinds.error(), kExitFailed);
    text += kinds_text(*kinds);
    kinds_json(json, place, *kinds);
  }
  json.close_list();
  if (places->empty()) text = "no stage has a dead_letter queue\n";
  write_all(program.out, a.output == 1 ? json.finish() : text);
  return kExitDone;
}

std::string letter_json(uint32_t p, const Record& record, const Letter& letter) {
  RecordParts parts = parts_of(record);
  parts.headers = letter.headers;
  return "{\"partition\": " + std::to_string(p) +
         ", \"offset\": " + std::to_string(record.position) + ", " +
         json_bytes("stage", letter.stage) + ", " + json_bytes("code", letter.code) + ", " +
         json_bytes("error", letter.error) + ", \"attempts\": " + std::string(letter.attempts) +
         ", " + json_members(parts) + "}\n";
}

std::string letter_text(uint32_t p, const Record& record, const Letter& letter) {
  RecordParts parts = parts_of(record);
  parts.headers = letter.headers;
  parts.payload.reset();
  std::string rest = json_members(parts);
  return std::to_string(p) + ":" + std::to_string(record.position) + "  stage " +
         std::string(letter.stage) + ", attempt " + std::string(letter.attempts) + ": " +
         std::string(letter.error) + " [" + std::string(letter.code) + "]\n  {" +
         rest.substr(0, rest.rfind(", \"payload\"")) + "}\n  " +
         std::string(record.payload_view()) + "\n";
}

int show(const DlqArguments& a, Program& program) {
  const auto plan = load(a, program);
  if (plan == nullptr) return kExitBadInput;
  const auto places = find_letters(*plan);
  if (!places) return refuse(program, places.error());
  const SystemTopics topics(*program.clock);
  uint64_t shown = 0;
  for (const LetterPlace& place : *places) {
    const auto there = place.readable() ? topics.disk().exists(place.folder + "/topic")
                                        : Result<bool>(false);
    if (!there || !*there) continue;
    GroupOffsets from;
    if (a.fresh) {
      const auto replayed = load_group(topics.disk(), place.folder, replay_group({}));
      if (!replayed) return refuse(program, replayed.error(), kExitFailed);
      from = *replayed;
    }
    std::string text;
    const auto print = [&](uint32_t p, const Record& record, const Letter& letter) {
      if (!a.filter.takes(letter)) return true;
      text += a.output == 1 ? letter_json(p, record, letter) : letter_text(p, record, letter);
      const bool enough = text.size() > (64 << 10);
      if (enough && !write_all(program.out, std::exchange(text, {}))) return false;
      return ++shown != a.limit;
    };
    const Result<void> done = for_each_letter(topics, place.folder, from, print);
    write_all(program.out, text);
    if (!done) return refuse(program, done.error(), kExitFailed);
    if (shown == a.limit && a.limit > 0) break;
  }
  if (shown == 0) write_all(program.err, "no letters\n");
  return kExitDone;
}

Command dlq_command(const char* name, const char* summary,
                    const std::shared_ptr<DlqArguments>& a) {
  Command c;
  c.name = name;
  c.summary = summary;
  c.positional("FILE", &a->path, "The pipeline's file.", Complete::kFile);
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  return c;
}

}  // namespace

Command dlq_ls_command() {
  auto a = std::make_shared<DlqArguments>();
  Command c = dlq_command("dlq ls", "Count a pipeline's dead letters by stage and error.", a);
  c.details =
      "Letters that a `topic` sink keeps; works while the pipeline runs. `replayed` are those that "
      "`dlq replay` without a filter has handed back.";
  c.example("penstock dlq ls pipeline.yaml", "What was rejected, where, and how often.");
  c.run = [a](Program& program) { return list(*a, program); };
  return c;
}

Command dlq_show_command() {
  auto a = std::make_shared<DlqArguments>();
  Command c = dlq_command("dlq show", "Print dead letters: error, stage, attempts, and the record.",
                          a);
  c.option("--stage", "STAGE", &a->filter.stage, "Only letters that this stage rejected.");
  c.option("--code", "CODE", &a->filter.code, "Only letters with this error.");
  c.option("--limit", "N", &a->limit, "So many at most.");
  c.flag("--new", &a->fresh, "Only those that were not replayed yet.");
  c.example("penstock dlq show pipeline.yaml --limit 5", "The first five.");
  c.example("penstock dlq show pipeline.yaml --stage parse --output json | jq .error",
            "What the stage parse complains of.");
  c.run = [a](Program& program) { return show(*a, program); };
  return c;
}

}  // namespace penstock
