// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `dedupe`: of records with the same id the first.
void register_dedupe(Catalog& catalog);

}  // namespace penstock
