// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `route`: records go where they match.
void register_route(Catalog& catalog);

}  // namespace penstock
