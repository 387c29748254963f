// SPDX-License-Identifier: Apache-2.0
#include "penstock/catalog.h"

#include "connectors/noop/noop.h"

namespace penstock {

Catalog make_catalog() {
  Catalog catalog;
  register_noop(catalog);
  return catalog;
}

}  // namespace penstock
