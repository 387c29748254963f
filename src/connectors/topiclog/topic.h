// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source and the sink `topic`: the durable log on this machine.
void register_topic(Catalog& catalog);

}  // namespace penstock
