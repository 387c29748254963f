// SPDX-License-Identifier: Apache-2.0
#include "connectors/nexmark/nexmark.h"

#include "connectors/nexmark/nexmark_source.h"
#include "sdk/catalog.h"

namespace penstock {

void register_nexmark(Catalog& catalog) {
  catalog.add(source_component<NexmarkOptions, NexmarkSource>(
      "nexmark", "connectors/nexmark",
      "Makes the auction site of the NEXMark benchmark: persons, auctions and bids as JSON.", {},
      nexmark_schema()));
}

}  // namespace penstock
