// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `count`: how often each key came.
void register_count(Catalog& catalog);

}  // namespace penstock
