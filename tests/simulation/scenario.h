// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "base/random.h"
#include "behaviour.h"
#include "runtime/sim_scheduler.h"
#include "spec/spec.h"
#include "state/sim_disk.h"

namespace penstock::simulation {

/// Everything about one simulated run: the flow, what its components do, and what shall go wrong.
/// Drawn from a seed.
struct Scenario {
  uint64_t seed = 0;
  Spec spec;
  std::map<std::string, Behaviour> stages;
  SimPace pace;
  DiskFaults disk_faults;
  uint32_t crashes = 0;         ///< of the process, or of the machine if `power`
  bool power = false;
  uint32_t resets = 0;          ///< sinks that lose their connection
  uint32_t reconfigurations = 0;
  uint32_t clock_jumps = 0;

  const Behaviour& behaviour(const std::string& stage) const { return stages.at(stage); }
};

Scenario draw_scenario(uint64_t seed);

/// Gives stages other numbers of tasks, as a user may between two runs.
void redraw_tasks(Spec& spec, Random& random);

/// The flow in a few lines, to read what failed.
std::string describe(const Scenario& scenario);

}  // namespace penstock::simulation
