// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `delay`: records wait for a while.
void register_delay(Catalog& catalog);

}  // namespace penstock
