// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/diagnostic.h"
#include "sdk/catalog.h"
#include "spec/spec.h"

namespace penstock {

/// Checks types, options and tasks of every stage of a document that has errors already, so that
/// the user sees these problems with the others. `diagnostics` holds what was found in the
/// document; what would only repeat or follow from that is left out. Pure.
void check_components(const Spec& spec, const Catalog& catalog, Diagnostics& diagnostics);

}  // namespace penstock
