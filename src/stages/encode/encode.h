// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `encode`: JSON becomes payloads of a format.
void register_encode(Catalog& catalog);

}  // namespace penstock
