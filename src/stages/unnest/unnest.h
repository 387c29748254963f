// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `unnest`: a record for each item of an array.
void register_unnest(Catalog& catalog);

}  // namespace penstock
