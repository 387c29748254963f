// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sdk/catalog.h"
#include "world.h"

namespace penstock::simulation {

/// Makes instances that live in a World. The world outlives the plan.
template <class Base, class Made, class Instance>
class WorldFactory final : public Base {
 public:
  explicit WorldFactory(World& world) : world_(world) {}
  std::unique_ptr<Made> create() const override { return std::make_unique<Instance>(world_); }

 private:
  World& world_;
};

/// An entry without options: instances find what to do in the world, by their stage's name.
Component world_component(ComponentKind kind, std::string type, Traits traits,
                          std::function<void(Bound&)> fill);

Component source_entry(World& world);
Component forgetful_entry(World& world);  ///< sim_forgetful: begins anew in every life
Component map_entry(World& world);
Component route_entry(World& world);
Component hold_entry(World& world);
Component count_entry(World& world);  ///< sim_count: says the count so far with each record
Component total_entry(World& world);  ///< sim_total: says the counts at the end
Component sink_entry(World& world);
Component file_entry(World& world);   ///< sim_file: a sink in two phases

Catalog make_catalog(World& world);

}  // namespace penstock::simulation
