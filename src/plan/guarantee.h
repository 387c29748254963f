// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "plan/plan.h"

namespace penstock {

/// Refuses exactly_once where it cannot be proven: a source that cannot read again, a stage that
/// keeps records without saving them, a sink that cannot join the commit point.
void check_exactly_once(const Plan& plan, const Catalog& catalog, Diagnostics& diagnostics);

/// One row for each source and sink between which records can pass; sources, then sinks, in file
/// order. A row holds for all ways between the two, and never claims more than the traits of the
/// components prove.
std::vector<PlanPath> guarantee_table(const Plan& plan);

}  // namespace penstock
