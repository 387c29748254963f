// SPDX-License-Identifier: Apache-2.0
#include "penstock/group_loader.h"

#include <filesystem>
#include <map>

#include "penstock/pipeline_file.h"
#include "penstock/problems.h"

namespace penstock {
namespace {

/// Where one pipeline keeps its positions; empty = nowhere.
Result<std::string> folder_for(const GroupOptions& o, const Program& program, const Spec& spec,
                               const std::string& file, std::string& said) {
  if (o.no_state) return std::string();
  const Result<std::string> root = state_root(o.state);
  if (!root) return root.error();
  const std::string folder = *root + "/" + state_identity(spec, file);
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (!problem) return folder;
  // flow_runtime never kept state; it must go on starting in a container that can write nothing.
  if (program.calling == Calling::kFlowRuntime && o.state.empty()) {
    said += "nothing is remembered between runs: cannot make the folder " + folder + " (" +
            problem.message() + ")\n";
    return std::string();
  }
  return stop_error("no-state-folder",
                    "cannot make the folder " + folder + ": " + problem.message(),
                    "name another with --state DIR or PENSTOCK_STATE, or use --no-state");
}

Error said_above() { return make_error(Reaction::kStopPipeline, "", ""); }

const PlanStage* source_that_cannot_go_on(const Plan& plan) {
  for (const PlanStage& stage : plan.stages) {
    if (stage.type == "stdin" && stage.kind == ComponentKind::kSource) return &stage;
  }
  return nullptr;
}

const GroupMember* member_of(const RunGroup& group, const std::string& path) {
  for (size_t i = 0; i < group.size(); ++i) {
    if (group.member(i).path == path && !group.ended(i)) return &group.member(i);
  }
  return nullptr;
}

std::string without_line_end(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

Result<std::vector<GroupMember>> load_members(const GroupOptions& options, const Program& program,
                                              std::string& said) {
  const Result<std::vector<std::string>> files = pipeline_files(options.path);
  if (!files) return files.error();
  std::vector<GroupMember> members;
  bool good = true;
  for (const std::string& file : *files) {
    Diagnostics diagnostics;
    const bool patience = options.drain_timeout.us >= 0;
    auto plan = load_plan(file, *program.catalog, diagnostics,
                          patience ? std::optional(options.drain_timeout) : std::nullopt);
    said += problems_text(diagnostics);
    good = good && plan != nullptr;
    if (plan != nullptr) {
      members.push_back({display_name(plan->spec, file), file, plan, EngineOptions{}});
    }
  }
  if (!good) return said_above();
  std::map<std::string, std::string> taken;
  for (GroupMember& member : members) {
    const auto folder = folder_for(options, program, member.plan->spec, member.path, said);
    if (!folder) return folder.error();
    const auto [at, is_new] = taken.emplace(*folder, member.path);
    if (!is_new && !folder->empty()) {
      return stop_error("same-name",
                        member.path + " and " + at->second + " have the same name, \"" +
                            member.name + "\", and would share positions",
                        "give each flow its own `name:`");
    }
    member.options.state_folder = *folder;
    member.options.fresh = options.fresh;
    member.options.rerun_if_done = options.rerun_if_done;
  }
  return members;
}

Result<void> can_exchange(const GroupMember& old, const GroupMember& next) {
  if (old.name != next.name) {
    return stop_error("cannot-reload",
                      next.path + " is now called \"" + next.name + "\", not \"" + old.name +
                          "\": its positions are kept under its name",
                      "start it as a pipeline of its own");
  }
  if (const PlanStage* source = source_that_cannot_go_on(*old.plan)) {
    return stop_error("cannot-reload",
                      old.name + " reads standard input (stage \"" + source->name +
                          "\"), and what it has read ahead would be lost",
                      "stop it and start it again between two inputs");
  }
  for (uint32_t i = 0; i < next.plan->regions.size(); ++i) {
    for (uint32_t j = 0; j < old.plan->regions.size(); ++j) {
      if (next.plan->regions[i].name != old.plan->regions[j].name) continue;
      const std::string was = state_signature(*old.plan, j), is = state_signature(*next.plan, i);
      if (was.empty() || was == is) continue;
      return stop_error("state-changed",
                        "the stages of " + next.path + " that keep state were " + was +
                            " and are now " + (is.empty() ? "none" : is),
                        "stop it, and start the new file with --fresh to forget the old state");
    }
  }
  return {};
}

std::string reload(RunGroup& group, const GroupOptions& options, const Program& program) {
  std::string said;
  const char* kKept = "; still running on the old one";
  auto members = load_members(options, program, said);
  if (!members) {
    if (!members.error().message.empty()) said += complaint(members.error());
    return without_line_end("reload: " + options.path + " is refused" + kKept + "\n" + said);
  }
  for (GroupMember& member : *members) {
    // It goes on from where it stands, whatever the first start was told.
    member.options.fresh = false;
    member.options.rerun_if_done = false;
    const GroupMember* old = member_of(group, member.path);
    if (old == nullptr) continue;
    if (const Result<void> can = can_exchange(*old, member); !can) {
      said += complaint(can.error());
      return without_line_end("reload: " + member.path + " is refused" + kKept + "\n" + said);
    }
  }
  group.reload(*std::move(members));
  return without_line_end(std::move(said));  // warnings
}

}  // namespace penstock
