// SPDX-License-Identifier: Apache-2.0
#include "connectors/noop/noop.h"

#include "connectors/noop/noop_source.h"
#include "connectors/noop/noop_transform.h"
#include "sdk/catalog.h"

namespace penstock {

void register_noop(Catalog& catalog) {
  Traits source;
  source.remembers = false;
  source.limit = "counts from 0 again at each start";
  catalog.add(source_component<NoopSourceOptions, NoopSource>(
      "noop_source", "connectors/noop", "Makes numbered messages.", source,
      noop_source_schema()));
  catalog.add(component<NoopTransformOptions>(
      ComponentKind::kStage, "noop_transform", "connectors/noop",
      "Passes records on, each after a service time.", Traits{}, noop_transform_schema(),
      [](Bound& bound, std::shared_ptr<const NoopTransformOptions> options) {
        bound.traits.holds = options->delay_ms > 0;
        bound.traits.clocked = options->delay_ms > 0;
        using Factory =
            InstanceFactory<StageFactory, Stage, NoopTransformOptions, NoopTransform>;
        bound.stage = std::make_unique<Factory>(std::move(options));
      }));
}

}  // namespace penstock
