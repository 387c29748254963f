// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "penstock/bench_ledger.h"
#include "runtime/engine.h"

namespace penstock {

/// What is known of a bench run beside its ledger.
struct BenchResult {
  Outcome outcome = Outcome::kFailed;
  std::string error;
  bool metered = true;       ///< there was a source
  bool exactly_once = false;
  double cpu_seconds = 0;    ///< of the whole process
  std::vector<std::string> notes;
};

/// Nothing failed, nothing is lost, and nothing came twice where that was promised.
bool bench_good(const BenchResult& result, const BenchLedger& ledger);
/// For people: rates, losses, percentiles and their picture. For programs: one object.
std::string bench_text(const BenchResult& result, const BenchLedger& ledger);
std::string bench_json(const BenchResult& result, const BenchLedger& ledger);

}  // namespace penstock
