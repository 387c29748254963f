// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// flow-pipe's built-ins `noop_source` and `noop_transform`, under their names and keys.
void register_noop(Catalog& catalog);

}  // namespace penstock
