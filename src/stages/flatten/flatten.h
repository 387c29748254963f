// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `flatten`: nested maps become one map with longer names.
void register_flatten(Catalog& catalog);

}  // namespace penstock
