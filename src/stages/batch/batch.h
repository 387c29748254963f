// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `batch`: many records become one.
void register_batch(Catalog& catalog);

}  // namespace penstock
