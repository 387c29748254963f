// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "plan/plan.h"

namespace penstock {

// What `penstock plan` prints. All end with a newline; none shows options, so none shows secrets
// that stand there.

/// Stages, queues and the guarantee table, for a terminal.
std::string to_text(const Plan& plan);
/// A Graphviz digraph: a box a stage, a frame a task chain of more than one stage.
std::string to_dot(const Plan& plan);
/// A Mermaid flowchart of the same.
std::string to_mermaid(const Plan& plan);

}  // namespace penstock
