// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/diagnostic.h"
#include "spec/dialects/flow_document.h"
#include "spec/spec.h"

namespace penstock {

/// Puts a stage `decode` behind each source that says `decode:`, and a stage `encode` in front of
/// each sink that says `encode:`, with a queue between them. They have as many tasks as their
/// neighbour, so that the planner makes plain calls of these queues.
/// REQUIRES: to.stages are those of `from`, one for one.
void add_codec_stages(const FlowDocument& from, Spec& to, Diagnostics& diagnostics);

}  // namespace penstock
