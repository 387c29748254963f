// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "penstock/terminal.h"
#include "plan/plan.h"
#include "runtime/status.h"

namespace penstock {

/// What one running pipeline looks like: two views of it (rates are what lies between them) and
/// the plan that names its stages. `before` without stages = since the start.
struct LivePipeline {
  const Plan* plan = nullptr;
  std::string name;
  EngineStatus before;
  EngineStatus now;
};

/// The lines of the live view, without line ends: a title and a table with a row a stage. What does
/// not fit the terminal's width is left out, least important columns first. Pure.
std::vector<std::string> live_lines(const LivePipeline& pipeline, const Terminal& terminal,
                                    int64_t wall_us);

/// One plain line for a log: state, rates, totals, errors. Pure.
std::string plain_line(const LivePipeline& pipeline, int64_t wall_us);

/// "running", "draining", …
const char* to_string(RunState state);

/// Records a second into (sources: out of) a stage between the two views.
double rate_of(const LivePipeline& pipeline, size_t stage);
/// How full the fullest queue into a stage is, 0 to 1; negative if it has none.
double fill_of(const LivePipeline& pipeline, size_t stage);

}  // namespace penstock
