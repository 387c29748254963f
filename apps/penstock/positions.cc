// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "penstock/commands.h"
#include "penstock/pipeline_file.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/text_table.h"
#include "state/manifest.h"

namespace penstock {
namespace {

struct PositionsArguments {
  std::string path;
  std::string state;
  int output = 0;  // text, json
};

/// A pipeline's state folder with the commit point of each region, if it has one.
struct Remembered {
  std::string name;
  std::string folder;
  Durability durability = Durability::kKill;
  std::vector<std::pair<std::string, std::optional<Manifest>>> regions;
};

int refuse(Program& program, const Error& error, int code) {
  write_all(program.err, complaint(error));
  return code;
}

/// The manifest as it is on disk, without the lock: a running pipeline replaces it whole.
Result<std::optional<Manifest>> look_at(Disk& disk, const std::string& folder) {
  const std::string file = folder + "/manifest";
  const Result<bool> there = disk.exists(file);
  if (!there) return there.error();
  if (!*there) return std::optional<Manifest>();
  const Result<std::string> bytes = disk.read(file, kManifestBytesMax);
  if (!bytes) return bytes.error();
  Result<Manifest> manifest = decode_manifest(*bytes, file);
  if (!manifest) return manifest.error();
  return std::optional<Manifest>(*std::move(manifest));
}

/// Loads the file for its name and regions; says what is wrong and gives an exit code otherwise.
Result<Remembered> find_state(const PositionsArguments& a, Program& program, Disk& disk) {
  Diagnostics diagnostics;
  const auto plan = load_plan(a.path, *program.catalog, diagnostics);
  if (plan == nullptr) {
    write_all(program.err, problems_text(diagnostics));
    return stop_error("bad-file", a.path + " is not a valid pipeline file");
  }
  const Result<std::string> root = state_root(a.state);
  if (!root) return root.error();
  Remembered found;
  found.name = display_name(plan->spec, a.path);
  found.folder = *root + "/" + state_identity(plan->spec, a.path);
  found.durability = plan->spec.durability;
  for (const PlanRegion& region : plan->regions) {
    auto manifest = look_at(disk, found.folder + "/" + region.name);
    if (!manifest) return manifest.error();
    found.regions.emplace_back(region.name, *std::move(manifest));
  }
  return found;
}

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
  if (!found) return refuse(program, found.error(), kExitBadInput);
  if (a.output == 1) return write_all(program.out, remembered_json(*found)), kExitDone;
  std::string out = found->name + ": " + found->folder + "\n";
  for (const auto& [name, manifest] : found->regions) out += region_text(name, manifest);
  write_all(program.out, out);
  return kExitDone;
}

int reset(const PositionsArguments& a, Program& program) {
  const std::unique_ptr<Disk> disk = make_system_disk();
  const Result<Remembered> found = find_state(a, program, *disk);
  if (!found) return refuse(program, found.error(), kExitBadInput);
  for (const auto& [name, manifest] : found->regions) {
    const std::string folder = found->folder + "/" + name;
    std::error_code problem;
    if (!std::filesystem::exists(folder, problem)) continue;
    auto store = StateStore::open(*disk, folder, found->durability);
    if (!store) return refuse(program, store.error(), kExitFailed);
    if (const Result<void> done = (*store)->reset(); !done) {
      return refuse(program, done.error(), kExitFailed);
    }
  }
  write_all(program.out, found->name + ": forgotten; the next run begins anew\n");
  return kExitDone;
}

Command positions_command(const char* name, const char* summary,
                          const std::shared_ptr<PositionsArguments>& a) {
  Command c;
  c.name = name;
  c.summary = summary;
  c.positional("FILE", &a->path, "The pipeline's file.", Complete::kFile);
  c.option("--state", "DIR", &a->state, "The folder that `run --state` was given.",
           Complete::kFolder);
  return c;
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
