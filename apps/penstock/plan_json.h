// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "plan/plan.h"

namespace penstock {

/// A plan for programs: stages, queues, tasks, regions and the guarantee of every path. Shows no
/// options, so no secrets.
std::string plan_json(const Plan& plan);

}  // namespace penstock
