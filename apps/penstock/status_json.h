// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "config/json_text.h"
#include "penstock/live_view.h"

namespace penstock {

/// The members of one pipeline's status: state, stages with totals and rates, queues, regions.
/// The brackets are the caller's.
void write_status(JsonWriter& json, const LivePipeline& pipeline);

/// One line of `penstock run --output json`: {"kind":"status","at":…, …}.
std::string status_line(const LivePipeline& pipeline, int64_t wall_us);

}  // namespace penstock
