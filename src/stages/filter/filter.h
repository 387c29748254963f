// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `filter`: records for which an expression is true.
void register_filter(Catalog& catalog);

}  // namespace penstock
