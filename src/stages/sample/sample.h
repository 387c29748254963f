// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `sample`: some of the records.
void register_sample(Catalog& catalog);

}  // namespace penstock
