// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source and the sink `kafka`.
void register_kafka(Catalog& catalog);

}  // namespace penstock
