// SPDX-License-Identifier: Apache-2.0
// penstock dlq replay.
#include <filesystem>

#include "penstock/commands.h"
#include "penstock/dlq_replay.h"
#include "penstock/pipeline_file.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/run_loop.h"
#include "penstock/summary.h"
#include "state/store.h"

namespace penstock {
namespace {

struct ReplayArguments {
  std::string path, state, sink;
  ReplayWish wish;
  bool again = false, dry_run = false;
};

int refuse(Program& program, const Error& error) {
  write_all(program.err, complaint(error));
  const bool mine = error.code == "bad-argument" || error.code == "replay-state";
  return mine ? kExitBadInput : kExitFailed;
}

Result<LetterPlace> choose(const ReplayArguments& a, const Plan& plan) {
  auto places = find_letters(plan);
  if (!places) return places.error();
  std::vector<LetterPlace> fitting;
  std::string names;
  for (LetterPlace& place : *places) {
    if (!place.readable() || (!a.sink.empty() && place.sink != a.sink)) continue;
    names += (names.empty() ? "" : ", ") + place.sink;
    fitting.push_back(std::move(place));
  }
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty()) {
    return stop_error("bad-argument", "no dead letters are kept in the topic log",
                      "let the dead_letter queue end in a sink of type topic");
  }
  return stop_error("bad-argument", "dead letters are kept in several places",
                    "say which with --sink: " + names);
}

/// Letters that this replay would hand back, by stage.
Result<std::map<std::string, uint64_t>> waiting(const ReplayArguments& a, const LetterPlace& place,
                                                const SystemTopics& topics) {
  std::map<std::string, uint64_t> counts;
  GroupOffsets from;
  if (!a.again) {
    const auto group = load_group(topics.disk(), place.folder, replay_group(a.wish));
    if (!group) return group.error();
    from = *group;
  }
  PENSTOCK_TRY(for_each_letter(topics, place.folder, from,
                               [&](uint32_t, const Record&, const Letter& letter) {
                                 if (a.wish.filter.takes(letter)) {
                                   ++counts[std::string(letter.stage)];
                                 }
                                 return true;
                               }));
  return counts;
}

/// Locks on the pipeline's own state: it must not run beside its own sinks.
Result<std::vector<std::unique_ptr<StateStore>>> keep_from_running(const Plan& plan, Disk& disk,
                                                                   const std::string& folder) {
  std::vector<std::unique_ptr<StateStore>> stores;
  for (const PlanRegion& region : plan.regions) {
    const std::string path = folder + "/" + region_folder_name(region.name);
    std::error_code problem;
    if (!std::filesystem::exists(path, problem)) continue;
    auto store = StateStore::open(disk, path, plan.spec.durability);
    if (!store && store.error().code == "state-locked") {
      Error error = store.error();
      error.hint = "stop it first, or hand the letters to a source's topic with --to";
      return error;
    }
    if (!store) return store.error();
    stores.push_back(*std::move(store));
  }
  return stores;
}

int carry_out(const ReplayArguments& a, Program& program, const std::string& folder,
              std::shared_ptr<const Plan> replay) {
  GroupMember member;
  member.name = replay->spec.name;
  member.path = a.path;
  member.plan = std::move(replay);
  member.options.state_folder = folder + ".replay";
  member.options.fresh = a.again;
  std::error_code problem;
  std::filesystem::create_directories(member.options.state_folder, problem);
  RunSignals signals;
  const std::unique_ptr<RunView> view = make_run_view(ViewMode::kNone, program.err, false);
  Logger log(program.err, LogLevel::kWarn, LogFormat::kText, *program.clock);
  const std::unique_ptr<Disk> disk = make_system_disk();
  RunGroup group({std::move(member)}, EngineServices{program.clock, &log, disk.get(), 0, 0});
  group.start();
  watch_until_ended(group, *view, signals, [] { return std::string(); }, -1, *program.clock);
  if (const Error* refused = group.refused(0)) return refuse(program, *refused);
  uint64_t handed = 0, rejected = 0;
  const EngineStatus status = group.status(0);
  for (const StageStatus& stage : status.stages) {
    if (stage.name == "replay.restore") handed = stage.records_out;
    else rejected += stage.dead_lettered;
  }
  write_all(program.out, counted(handed, "letter") + " replayed" +
                             (rejected > 0 ? ", " + std::to_string(rejected) + " rejected again"
                                           : "") + "\n");
  if (!status.error.empty()) write_all(program.err, "penstock: " + status.error + "\n");
  return static_cast<int>(group.outcome(0));
}

int replay(const ReplayArguments& a, Program& program) {
  Diagnostics diagnostics;
  const auto plan = load_plan(a.path, *program.catalog, diagnostics);
  if (plan == nullptr) {
    write_all(program.err, problems_text(diagnostics));
    return kExitBadInput;
  }
  const Result<LetterPlace> place = choose(a, *plan);
  if (!place) return refuse(program, place.error());
  const SystemTopics topics(*program.clock);
  const auto counts = waiting(a, *place, topics);
  if (!counts) return refuse(program, counts.error());
  std::vector<std::string> left_out;
  Result<Spec> spec = make_replay(*plan, *program.catalog, *place, a.wish, left_out);
  if (!spec) return refuse(program, spec.error());
  for (const std::string& stage : left_out) {
    write_all(program.err, "letters of \"" + stage + "\" stay: it is a source; --to hands them " +
                               "to a topic\n");
  }
  if (a.dry_run) {
    std::string text;
    for (const auto& [stage, count] : *counts) {
      text += stage + ": " + counted(count, "letter") + "\n";
    }
    write_all(program.out, text.empty() ? "no letters\n" : text);
    return kExitDone;
  }
  const Result<std::string> root = state_root(a.state);
  if (!root) return refuse(program, root.error());
  const std::string folder = *root + "/" + state_identity(plan->spec, a.path);
  const std::unique_ptr<Disk> disk = make_system_disk();
  std::vector<std::unique_ptr<StateStore>> locks;
  if (a.wish.to.empty()) {
    auto held = keep_from_running(*plan, *disk, folder);
    if (!held) return refuse(program, held.error());
    locks = *std::move(held);
  }
  if (a.again) {
    const auto reset = save_group(topics.disk(), place->folder, replay_group(a.wish), {});
    if (!reset) return refuse(program, reset.error());
  }
  Catalog catalog = *program.catalog;
  register_restore(catalog);
  Diagnostics problems;
  std::shared_ptr<const Plan> made = make_plan(*std::move(spec), catalog, problems);
  if (made == nullptr) {
    write_all(program.err, problems_text(problems));
    return kExitFailed;
  }
  return carry_out(a, program, folder, std::move(made));
}

}  // namespace

Command dlq_replay_command() {
  auto a = std::make_shared<ReplayArguments>();
  Command c;
  c.name = "dlq replay";
  c.summary = "Hand dead letters back: through the flow, or to a source's topic.";
  c.details =
      "Each letter becomes what it was before it was rejected (payload, key, headers, time) and "
      "goes into the queue of the stage that rejected it; what fails again becomes a letter again. "
      "The pipeline must not run meanwhile. With --to, letters are appended to the topic that a "
      "source reads instead, also beside a running pipeline. A replay begins behind the last one; "
      "one with a filter has a place of its own. The letters themselves stay: the topic's "
      "retention removes them.";
  c.positional("FILE", &a->path, "The pipeline's file.", Complete::kFile);
  c.option("--to", "SOURCE", &a->wish.to, "To the topic that this source stage reads.");
  c.option("--sink", "STAGE", &a->sink, "Where they are kept, if there are several places.");
  c.option("--stage", "STAGE", &a->wish.filter.stage, "Only letters that this stage rejected.");
  c.option("--code", "CODE", &a->wish.filter.code, "Only letters with this error.");
  c.flag("--again", &a->again, "Begin with the first letter, also those that were replayed.");
  c.flag("--dry-run", &a->dry_run, "Only say how many there are.");
  c.option("--state", "DIR", &a->state, "The folder that `run --state` was given.",
           Complete::kFolder);
  c.example("penstock dlq replay pipeline.yaml --stage parse", "Try again what parse rejected.");
  c.example("penstock dlq replay pipeline.yaml --to orders", "Back to where it was read.");
  c.run = [a](Program& program) { return replay(*a, program); };
  return c;
}

}  // namespace penstock
