// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `map`: each record becomes what an expression or a mapping makes of it.
void register_map(Catalog& catalog);

}  // namespace penstock
