// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "penstock/command.h"

namespace penstock {

/// What the arguments ask for. Exactly one of: a command to run (`command`, its values set), a text
/// to print (`help`), a problem (`problem`: lines for stderr).
struct Request {
  const Command* command = nullptr;
  std::string help;
  std::string problem;
};

/// Reads the arguments after the program's name. Options and positionals may be mixed; `--name=v`
/// and `--name v` are the same; `--` ends the options.
Request read_command_line(const std::vector<Command>& commands,
                          const std::vector<std::string>& arguments);

/// The help of the whole program, and of one command, at most about 90 columns wide.
std::string program_help(const std::vector<Command>& commands);
std::string command_help(const Command& command);
/// "penstock run [OPTION]... FILE"
std::string usage_line(const Command& command);

}  // namespace penstock
