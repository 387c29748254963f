// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "penstock/program.h"
#include "penstock/run_group.h"

namespace penstock {

/// What `run` was told about its pipelines.
struct GroupOptions {
  std::string path;   ///< a file, or a folder of them
  std::string state;  ///< "" = by the environment
  bool no_state = false;
  bool fresh = false;
  bool rerun_if_done = true;
  Duration drain_timeout{-1};  ///< negative = each file's own
};

/// Loads every pipeline of the path. All problems of all files go to `said` as text, also warnings.
/// An Error with an empty message = what is wrong stands there. Makes the state folders.
Result<std::vector<GroupMember>> load_members(const GroupOptions& options, const Program& program,
                                              std::string& said);

/// Why a running pipeline cannot be exchanged for another one; nothing if it can. Pure.
Result<void> can_exchange(const GroupMember& old, const GroupMember& next);

/// Reads the files again and, if nothing is wrong with them, lets the group go over to them. What
/// there is to say to the user, without a line end; empty if that comes when it is done.
std::string reload(RunGroup& group, const GroupOptions& options, const Program& program);

}  // namespace penstock
