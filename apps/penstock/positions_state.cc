// SPDX-License-Identifier: Apache-2.0
#include "penstock/positions_state.h"

#include "penstock/pipeline_file.h"
#include "penstock/problems.h"
#include "state/manifest.h"

namespace penstock {
namespace {

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

}  // namespace

std::string region_state_folder(const Remembered& found, const std::string& region) {
  return found.folder + "/" + region_folder_name(region);
}

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
  found.plan = plan;
  for (const PlanRegion& region : plan->regions) {
    auto manifest = look_at(disk, region_state_folder(found, region.name));
    if (!manifest) return manifest.error();
    found.regions.emplace_back(region.name, *std::move(manifest));
  }
  return found;
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

int refuse_positions(Program& program, const Error& error, int code) {
  write_all(program.err, complaint(error));
  return code;
}

}  // namespace penstock
