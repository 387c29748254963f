// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

// SnapshotWriter and SnapshotReader stand in state/store.h, with the rest of the contract.

inline constexpr uint32_t kSnapshotVersion = 1;

/// Checks how a snapshot begins: "state-damaged", "state-too-new". Empty bytes are fine.
Result<void> check_snapshot_head(std::string_view bytes, const std::string& file);

}  // namespace penstock
