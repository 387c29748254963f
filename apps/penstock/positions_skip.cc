// SPDX-License-Identifier: Apache-2.0
// penstock positions skip.
#include <algorithm>
#include <charconv>
#include <limits>

#include "penstock/commands.h"
#include "penstock/positions_state.h"
#include "state/disk.h"

namespace penstock {
namespace {

struct SkipArguments {
  std::shared_ptr<PositionsArguments> where = std::make_shared<PositionsArguments>();
  std::string source, partition, to, by;
};

/// "12/ab34" → 12.
std::optional<uint64_t> offset_of(const std::string& position) {
  uint64_t offset = 0;
  const char* const stop = position.data() + position.size();
  const auto [end, error] = std::from_chars(position.data(), stop, offset);
  if (error != std::errc() || (end != stop && *end != '/')) return std::nullopt;
  return offset;
}

/// The source stage that is meant.
Result<const PlanStage*> find_source(const SkipArguments& a, const Plan& plan) {
  const PlanStage* found = nullptr;
  std::string names;
  for (const PlanStage& stage : plan.stages) {
    if (stage.kind != ComponentKind::kSource) continue;
    names += (names.empty() ? "" : ", ") + stage.name;
    if (!a.source.empty() && stage.name != a.source) continue;
    if (found != nullptr) {
      return stop_error("bad-argument", "the pipeline has several sources",
                        "say which with --source: " + names);
    }
    found = &stage;
  }
  if (found == nullptr) {
    return stop_error("bad-argument", "there is no source '" + a.source + "'",
                      "the sources are " + names);
  }
  const Traits& traits = found->bound->traits;
  if (traits.remembers && traits.replayable) return found;
  return stop_error("bad-argument", "the source '" + found->name + "' keeps no positions");
}

Result<std::string> find_partition(const SkipArguments& a, const Positions& positions,
                                   const std::string& source) {
  if (!a.partition.empty()) {
    if (a.by.empty() || positions.contains(a.partition)) return a.partition;
    return stop_error("bad-argument",
                      "nothing of partition '" + a.partition + "' is committed yet",
                      "say where it is to go on, with --to");
  }
  if (positions.size() == 1) return positions.begin()->first;
  return stop_error("bad-argument",
                    "the source '" + source + "' has " + std::to_string(positions.size()) +
                        " partitions with a position",
                    "say which is meant with --partition; `penstock positions show` has them");
}

/// The position that --to or --by asks for.
Result<std::string> wanted(const SkipArguments& a, const PlanStage& source,
                           const Positions& positions, const std::string& partition) {
  const bool offsets = source.bound->traits.offsets;
  if (a.by.empty()) {
    if (!offsets || offset_of(a.to)) return a.to;
    return stop_error("bad-argument", "'" + a.to + "' is no offset",
                      "the positions of '" + source.name + "' are numbers");
  }
  if (!offsets) {
    return stop_error("bad-argument",
                      "the positions of '" + source.name + "' (" + source.type +
                          ") do not count records",
                      "say the new position itself, with --to; `penstock positions show` has the "
                      "present one");
  }
  const auto by = offset_of(a.by);
  const std::string& at = positions.at(partition).value;
  const auto now = offset_of(at);
  if (!by || !now || *by > std::numeric_limits<int64_t>::max() - *now) {
    return stop_error("bad-argument", "cannot go " + a.by + " records on from '" + at + "'",
                      "--by takes a whole number");
  }
  // Without the check of what stands in front: that was not read.
  return std::to_string(*now + *by);
}

Result<std::string> skip(const SkipArguments& a, const Remembered& found, Disk& disk) {
  if (a.to.empty() == a.by.empty()) {
    return stop_error("bad-argument", "say either --by or --to");
  }
  const Result<const PlanStage*> source = find_source(a, *found.plan);
  if (!source) return source.error();
  const auto& [region, seen] = found.regions[(*source)->region];
  auto store = StateStore::open(disk, region_state_folder(found, region),
                                found.plan->spec.durability);
  if (!store) return store.error();
  Manifest manifest = (*store)->manifest().value_or(Manifest{});
  if (manifest.done) {
    return stop_error("bad-argument", "everything was read and delivered; the next run begins anew",
                      "there is nothing to skip");
  }
  Positions& positions = manifest.positions[(*source)->name];
  const Result<std::string> partition = find_partition(a, positions, (*source)->name);
  if (!partition) return partition.error();
  const Result<std::string> to = wanted(a, **source, positions, *partition);
  if (!to) return to.error();
  PartitionPosition& position = positions[*partition];
  const std::string before = position.finished       ? "its end"
                             : position.value.empty() ? "its start"
                                                      : position.value;
  position = {*to, false};
  manifest.epoch = std::max<Epoch>(manifest.epoch, 1);
  PENSTOCK_TRY((*store)->publish(manifest));
  return (*source)->name + ", partition " + *partition + ": from " + before + " to " + *to + "\n";
}

}  // namespace

Command positions_skip_command() {
  auto a = std::make_shared<SkipArguments>();
  Command c = positions_command("positions skip",
                                "Let a source go on elsewhere: behind records that are not wanted.",
                                a->where);
  c.details =
      "Refused while the pipeline runs. What is skipped is not read, and not delivered; a position "
      "further back reads again what was delivered. State of stages stays as it is.";
  c.option("--source", "STAGE", &a->source, "Which source, if there are several.");
  c.option("--partition", "NAME", &a->partition, "Which partition, if there are several.");
  c.option("--by", "N", &a->by,
           "So many records on from the last commit; of sources whose positions are offsets.");
  c.option("--to", "POSITION", &a->to, "Go on here, in the words of `positions show`.");
  c.example("penstock positions skip pipeline.yaml --partition 2 --by 1",
            "One record of partition 2 is left out.");
  c.example("penstock positions skip pipeline.yaml --source orders --partition 0 --to 5000",
            "The next record is the one with offset 5000.");
  c.run = [a](Program& program) {
    const std::unique_ptr<Disk> disk = make_system_disk();
    const Result<Remembered> found = find_state(*a->where, program, *disk);
    if (!found) return refuse_positions(program, found.error(), kExitBadInput);
    const Result<std::string> done = skip(*a, *found, *disk);
    if (!done) {
      const bool mine = done.error().code == "bad-argument";
      return refuse_positions(program, done.error(), mine ? kExitBadInput : kExitFailed);
    }
    write_all(program.out, *done);
    return kExitDone;
  };
  return c;
}

}  // namespace penstock
