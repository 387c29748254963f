// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `template`: text with expressions in it.
void register_template(Catalog& catalog);

}  // namespace penstock
