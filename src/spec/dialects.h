// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/diagnostic.h"
#include "config/node.h"
#include "spec/spec.h"

namespace penstock {

/// One kind of pipeline document.
struct Dialect {
  const char* name;    ///< "flow"
  const char* about;   ///< "a flow-pipe Flow"
  bool (*recognises)(const Node& root);
  /// Null: the dialect is known, but this version cannot run it.
  Spec (*read)(const Node& root, Diagnostics& diagnostics);
  /// The map of environment variables that the document sets for itself, or null.
  Node* (*environment)(Node& root) = nullptr;
};

/// In the order in which they are tried.
const std::vector<Dialect>& dialects();
/// The variables of a document that some dialect recognises, or null.
Node* own_environment(Node& root);
/// The dialect of a document; null after reporting that it is none, or one that cannot be run.
const Dialect* find_dialect(const Node& root, Diagnostics& diagnostics);

}  // namespace penstock
