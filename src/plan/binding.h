// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "plan/plan.h"

namespace penstock {

/// Gives each stage of plan.spec its component: plan.stages, in file order, without edges. The
/// wiring decides the kind: no input = source, no output = sink, both = stage. A stage that could
/// not be bound keeps a null `component` or `bound`; all problems go to `diagnostics`.
void bind_stages(Plan& plan, const Catalog& catalog, Diagnostics& diagnostics);

}  // namespace penstock
