// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `expand`: long names become nested maps.
void register_expand(Catalog& catalog);

}  // namespace penstock
