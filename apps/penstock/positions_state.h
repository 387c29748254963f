// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/command.h"
#include "plan/plan.h"
#include "state/store.h"

namespace penstock {

struct PositionsArguments {
  std::string path;
  std::string state;
  int output = 0;  // text, json
};

/// A pipeline's state folder with the commit point of each region, if it has one.
struct Remembered {
  std::string name;
  std::string folder;
  std::shared_ptr<const Plan> plan;
  std::vector<std::pair<std::string, std::optional<Manifest>>> regions;  ///< in plan order
};

/// A command with the positional FILE and the option --state.
Command positions_command(const char* name, const char* summary,
                          const std::shared_ptr<PositionsArguments>& a);

/// Loads the file for its name and regions, without any lock: a running pipeline replaces its
/// commit point whole. What is wrong with the file is printed.
Result<Remembered> find_state(const PositionsArguments& a, Program& program, Disk& disk);

/// Where a region's state is.
std::string region_state_folder(const Remembered& found, const std::string& region);

/// Says what is wrong; `code` is the exit code.
int refuse_positions(Program& program, const Error& error, int code);

}  // namespace penstock
