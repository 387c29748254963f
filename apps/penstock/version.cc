// SPDX-License-Identifier: Apache-2.0
#include "penstock/commands.h"

namespace penstock {

Command version_command() {
  Command c;
  c.name = "version";
  c.summary = "Print the version.";
  c.example("penstock version", "Prints `penstock " + std::string(kVersion) + "`.");
  c.run = [](Program& program) {
    write_all(program.out, "penstock " + std::string(kVersion) + "\n");
    return kExitDone;
  };
  return c;
}

}  // namespace penstock
