// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source and the sink `nats`: messages that nobody keeps.
void register_nats(Catalog& catalog);

}  // namespace penstock
