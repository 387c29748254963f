// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"

namespace penstock {

/// The stage `regex_parse`: named groups of a regular expression become JSON.
void register_regex_parse(Catalog& catalog);

}  // namespace penstock
