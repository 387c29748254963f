// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "plan/plan.h"

namespace penstock {

/// What order the records of one source have where a stage takes them in.
struct PathOrder {
  enum class Kind : uint8_t {
    kUnreached,  ///< no record of the source comes here
    kPartition,  ///< those of each source partition in the order in which they were read
    kKey,        ///< those of each key of a partition
    kNone,
  };
  Kind kind = Kind::kUnreached;
  std::vector<std::string> limits;  ///< what took away order, one line each

  bool reached() const { return kind != Kind::kUnreached; }
  const char* text() const;  ///< "per partition", "per key", "none"
};

/// By stage: the order in which the records of `source` arrive there. Assumes of stages only that
/// they emit in the order of what they take; claims less where that is not enough.
std::vector<PathOrder> orders_of(const Plan& plan, uint32_t source);

/// Refuses queues with `ordering: partition` whose consumers cannot have it.
void check_ordering(const Plan& plan, Diagnostics& diagnostics);

}  // namespace penstock
