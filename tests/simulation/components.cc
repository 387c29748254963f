// SPDX-License-Identifier: Apache-2.0
#include "components.h"

namespace penstock::simulation {
namespace {

struct NoOptions {};

const Schema<NoOptions>& no_options() {
  static const Schema<NoOptions> schema({});
  return schema;
}

}  // namespace

Component world_component(ComponentKind kind, std::string type, Traits traits,
                          std::function<void(Bound&)> fill) {
  Component entry;
  entry.type = std::move(type);
  entry.kind = kind;
  entry.summary = "simulated";
  entry.schema = &no_options();
  entry.traits = traits;
  entry.bind = [traits, fill = std::move(fill)](const Node&, Diagnostics&) {
    auto bound = std::make_shared<Bound>();
    bound->traits = traits;
    fill(*bound);
    return bound;
  };
  return entry;
}

Catalog make_catalog(World& world) {
  Catalog catalog;
  catalog.add(source_entry(world));
  catalog.add(forgetful_entry(world));
  catalog.add(map_entry(world));
  catalog.add(route_entry(world));
  catalog.add(hold_entry(world));
  catalog.add(count_entry(world));
  catalog.add(total_entry(world));
  catalog.add(sink_entry(world));
  catalog.add(file_entry(world));
  return catalog;
}

}  // namespace penstock::simulation
