// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `enrich`: records get the columns of a row that a table has for them.
void register_enrich(Catalog& catalog);

}  // namespace penstock
