// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source and the sink `http`.
void register_http(Catalog& catalog);

}  // namespace penstock
