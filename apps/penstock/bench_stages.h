// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "penstock/bench_ledger.h"
#include "sdk/catalog.h"

namespace penstock {

/// What the load is like.
struct LoadShape {
  uint64_t records = 0;     ///< of all tasks; 0 = until the time is over
  double per_second = 0;    ///< of all tasks; 0 = as fast as they are taken
  size_t bytes = 100;       ///< of each payload
  int64_t for_ns = 0;       ///< 0 = no end
};

/// The source `bench_load` and the sink `bench_meter`, which belong to this ledger.
void register_bench(Catalog& catalog, std::shared_ptr<BenchLedger> ledger, const LoadShape& shape);

}  // namespace penstock
