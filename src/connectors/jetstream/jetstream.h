// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source and the sink `jetstream`: streams of a NATS server.
void register_jetstream(Catalog& catalog);

}  // namespace penstock
