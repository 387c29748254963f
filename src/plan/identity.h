// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "plan/plan.h"

namespace penstock {

/// What tells the records apart that come to a sink, as TakesIdentities wants it. Empty unless
/// every source before it identifies its records, and they come on one way each, through stages
/// that make at most one of each.
std::vector<std::string> identities_of(const Plan& plan, uint32_t sink);

}  // namespace penstock
