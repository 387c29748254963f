// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "penstock/test_stages.h"

namespace penstock {

/// What differs between what a sink was expected to be given and what it was given, as lines for a
/// person; empty if nothing. Pure.
std::string difference(const CaseExpected& expected, const std::vector<SinkRecord>& got);

/// Whether a record is as expected, in all that the expectation says.
bool matches(const CaseRecord& expected, const SinkRecord& got);

}  // namespace penstock
