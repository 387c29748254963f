// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `decode`: payloads of a format become JSON, one record a value.
void register_decode(Catalog& catalog);

}  // namespace penstock
