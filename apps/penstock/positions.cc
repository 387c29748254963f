// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "penstock/commands.h"
#include "penstock/positions_state.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/text_table.h"

namespace penstock {
namespace {

std::string region_text(const std::string& name, const std::optional<Manifest>& manifest) {
  if (!manifest) return "  " + name + ": nothing yet\n";
  std::string out = "  " + name + ": epoch " + std::to_string(manifest->epoch) + ", committed " +
                    wall_time(manifest->written_wall_us) + " UTC" +
                    (manifest->done ? "; everything was read and delivered" : "") + "\n";
  TextTable table;
  for (const auto& [source, positions] : manifest->positions) {
    for (const auto& [partition, position] : positions) {
      table.row({"   ", source, partition, position.finished ? "finished" : position.value});
    }
  }
  for (const SnapshotRef& ref : manifest->snapshots) {
    table.row({"   ", ref.stage, "task " + std::to_string(ref.task),
               "state of " + short_bytes(static_cast<double>(ref.bytes))});
  }
  return out + table.text();
}

std::string remembered_json(const Remembered& found) {
  JsonWriter json;
  json.open_object();
  json.key("pipeline"), json.string(found.name);
  json.key("folder"), json.string(found.folder);
  json.key("regions");
  json.open_list();
  for (const auto& [name, manifest] : found.regions) {
    json.open_object();
    json.key("name"), json.string(name);
    json.key("epoch"), json.raw(std::to_string(manifest ? manifest->epoch : 0));
    json.key("done"), json.boolean(manifest && manifest->done);
    json.key("positions");
    json.open_list();
    if (manifest) {
      for (const auto& [source, positions] : manifest->positions) {
        for (const auto& [partition, position] : positions) {
          json.open_object();
          json.key("source"), json.string(source);
          json.key("partition"), json.string(partition);
          json.key("position"), json.string(position.value);
          json.key("finished"), json.boolean(position.finished);
          json.close_object();
        }
      }
    }
    json.close_list();
    json.close_object();
  }
  json.close_list();
  json.close_object();
  return json.finish();
}

int show(const PositionsArguments& a, Program& program) {
  const std::unique_ptr<Disk> disk = make_system_disk();
  const Result<Remembered> found = find_state(a, program, *disk);
  if (!found) return refuse_positions(program, found.error(), kExitBadInput);
  if (a.output == 1) return write_all(program.out, remembered_json(*found)), kExitDone;
  std::string out = found->name + ": " + found->folder + "\n";
  for (const auto& [name, manifest] : found->regions) out += region_text(name, manifest);
  write_all(program.out, out);
  return kExitDone;
}

int reset(const PositionsArguments& a, Program& program) {
  const std::unique_ptr<Disk> disk = make_system_disk();
  const Result<Remembered> found = find_state(a, program, *disk);
  if (!found) return refuse_positions(program, found.error(), kExitBadInput);
  for (const auto& [name, manifest] : found->regions) {
    const std::string folder = region_state_folder(*found, name);
    std::error_code problem;
    if (!std::filesystem::exists(folder, problem)) continue;
    auto store = StateStore::open(*disk, folder, found->plan->spec.durability);
    if (!store) return refuse_positions(program, store.error(), kExitFailed);
    if (const Result<void> done = (*store)->reset(); !done) {
      return refuse_positions(program, done.error(), kExitFailed);
    }
  }
  write_all(program.out, found->name + ": forgotten; the next run begins anew\n");
  return kExitDone;
}

}  // namespace

Command positions_show_command() {
  auto a = std::make_shared<PositionsArguments>();
  Command c = positions_command("positions show",
                                "Show how far a pipeline's sources have come.", a);
  c.details = "Works while the pipeline runs, too: it shows the last commit.";
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  c.example("penstock positions show pipeline.yaml", "Where the next run goes on.");
  c.run = [a](Program& program) { return show(*a, program); };
  return c;
}

Command positions_reset_command() {
  auto a = std::make_shared<PositionsArguments>();
  Command c = positions_command("positions reset",
                                "Forget positions and state: the next run begins anew.", a);
  c.details = "Refused while the pipeline runs.";
  c.example("penstock positions reset pipeline.yaml", "As `run --fresh`, without running.");
  c.run = [a](Program& program) { return reset(*a, program); };
  return c;
}

}  // namespace penstock
