// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// Lets a stage's key be an expression: `key: {expression: order.customer}`.
void register_expression_keys(Catalog& catalog);

}  // namespace penstock
