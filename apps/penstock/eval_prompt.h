// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "penstock/program.h"

namespace penstock {

/// Reads expressions from the terminal until its end and shows their results over a document that
/// `:doc` sets. With line editing, history and completion. Returns the exit code.
int eval_prompt(Program& program, bool argo);

}  // namespace penstock
