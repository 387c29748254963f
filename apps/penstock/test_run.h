// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "penstock/program.h"
#include "penstock/test_file.h"

namespace penstock {

/// How one case went. `failure` is empty if it passed.
struct CaseResult {
  std::string name;
  Position position;
  std::string failure;  ///< lines
  int64_t took_ns = 0;
};

/// Runs a case on real tasks, with its sources and sinks replaced: nothing outside is read or
/// written but files that the test names, and sources that it calls `real`.
CaseResult run_case(const TestFile& file, const TestCase& test, const FlowText& flow,
                    const std::string& path, const Program& program);

}  // namespace penstock
