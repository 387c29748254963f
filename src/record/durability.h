// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace penstock {

/// What a commit survives: kKill = kill -9 (bytes handed to the kernel), kPower = a power cut
/// (fdatasync). Stands here because documents (spec) and instances (sdk) both speak of it.
enum class Durability : uint8_t { kKill, kPower };

}  // namespace penstock
