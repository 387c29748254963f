// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `throttle`: so many records a second and no more.
void register_throttle(Catalog& catalog);

}  // namespace penstock
