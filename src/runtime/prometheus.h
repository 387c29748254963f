// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/metric.h"
#include "plan/plan.h"
#include "runtime/status.h"

namespace penstock {

/// Writes every number of a running pipeline as samples named `penstock_…`, labelled with
/// `pipeline`, as far as the flow's observability.metrics wants them. `status` is of an engine that
/// runs `plan`. Pure. Several pipelines may be written to one writer, under different names.
void write_metrics(const Plan& plan, const EngineStatus& status, std::string_view pipeline,
                   MetricWriter& writer);

}  // namespace penstock
