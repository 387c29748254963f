// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The sink `http_sink`, with the keys of flow-pipe's plugin of that name.
void register_http_sink(Catalog& catalog);

}  // namespace penstock
