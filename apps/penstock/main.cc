// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "penstock/catalog.h"
#include "penstock/command_line.h"
#include "penstock/commands.h"

namespace penstock {
namespace {

Calling calling_of(std::string_view argv0) {
  const std::string_view name = argv0.substr(argv0.rfind('/') + 1);
  if (name == "flowctl") return Calling::kFlowctl;
  if (name == "flow_runtime") return Calling::kFlowRuntime;
  return Calling::kPenstock;
}

int main_of(int argc, char** argv) {
  // A reader that goes away is an error of the write, not the end of the process.
  signal(SIGPIPE, SIG_IGN);
  const Catalog catalog = make_catalog();
  const SystemClock clock;
  Program program;
  program.calling = argc > 0 ? calling_of(argv[0]) : Calling::kPenstock;
  program.catalog = &catalog;
  program.clock = &clock;

  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (program.calling == Calling::kFlowRuntime) arguments.insert(arguments.begin(), "run");
  const std::vector<Command> commands = all_commands(catalog);
  const Request request = read_command_line(commands, arguments);
  if (request.command != nullptr) return request.command->run(program);
  if (!request.problem.empty()) return write_all(program.err, request.problem), kExitBadInput;
  write_all(program.out, request.help);
  return kExitDone;
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) { return penstock::main_of(argc, argv); }
