// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// Every component of this program.
Catalog make_catalog();

}  // namespace penstock
