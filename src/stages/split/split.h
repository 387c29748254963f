// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `split`: one record becomes many.
void register_split(Catalog& catalog);

}  // namespace penstock
