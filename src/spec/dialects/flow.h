// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/diagnostic.h"
#include "config/node.h"
#include "config/schema.h"
#include "spec/spec.h"

namespace penstock {

/// Whether a document is a flow: it has `stages:` or `queues:` at its top level, or is a whole Flow
/// message with such a `spec:`.
bool is_flow(const Node& root);

/// Reads flow-pipe's `Flow` with our own optional additions. Problems go to `diagnostics`; what
/// could be read is returned even then. References between stages and queues are not checked.
Spec read_flow(const Node& root, Diagnostics& diagnostics);

/// The `env:` of a flow, or null.
Node* flow_environment(Node& root);

/// Every field of a flow, for docs and editors.
const SchemaBase& flow_fields();

}  // namespace penstock
