// SPDX-License-Identifier: Apache-2.0
#include "sdk/catalog.h"

#include <algorithm>

namespace penstock {

void Catalog::add(Component component) {
  CHECK(find(component.type, component.kind) == nullptr);
  const auto before = [](const Component& a, const Component& b) {
    return std::tie(a.type, a.kind) < std::tie(b.type, b.kind);
  };
  components_.insert(
      std::upper_bound(components_.begin(), components_.end(), component, before),
      std::move(component));
}

const Component* Catalog::find(std::string_view type, ComponentKind kind) const {
  for (const Component& component : components_) {
    if (component.type == type && component.kind == kind) return &component;
  }
  return nullptr;
}

std::vector<const Component*> Catalog::find(std::string_view type) const {
  std::vector<const Component*> found;
  for (const Component& component : components_) {
    if (component.type == type) found.push_back(&component);
  }
  return found;
}

const char* to_string(ComponentKind kind) {
  switch (kind) {
    case ComponentKind::kSource: return "source";
    case ComponentKind::kStage: return "stage";
    case ComponentKind::kSink: return "sink";
  }
  return "unknown";
}

}  // namespace penstock
