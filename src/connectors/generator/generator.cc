// SPDX-License-Identifier: Apache-2.0
#include "connectors/generator/generator.h"

#include "connectors/generator/generator_source.h"
#include "sdk/catalog.h"

namespace penstock {

void register_generator(Catalog& catalog) {
  catalog.add(source_component<GeneratorOptions, GeneratorSource>(
      "generator", "connectors/generator", "Makes records by rate, count and template.", {},
      generator_schema()));
}

}  // namespace penstock
