// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "plan/plan.h"

namespace penstock {

// Layout, in this order. Each step needs what the steps before it made.

/// What is wrong with queues whatever the components are: competing consumers of which one has a
/// key, dead letters of dead letters.
void check_queues(const Spec& spec, Diagnostics& diagnostics);

/// plan.edges and the edges of every stage: one edge a queue, or, of a broadcast queue, one a
/// consuming stage. REQUIRES: all stages are bound, and wired to queues that exist.
void make_edges(Plan& plan);

/// plan.chains: which edges become plain calls; and which inputs are combined before the exchange.
void make_chains(Plan& plan);

/// plan.regions: the connected parts, each in file order.
void make_regions(Plan& plan);

/// The edges that leave a stage, dead letters last; an edge may stand twice (two ports).
std::vector<uint32_t> edges_out(const PlanStage& stage);

/// All stages, each behind every stage that it reads from. REQUIRES: no cycles.
std::vector<uint32_t> flow_order(const Plan& plan);

}  // namespace penstock
