// SPDX-License-Identifier: Apache-2.0
#include "spec/dialects.h"

#include "config/value_type.h"
#include "spec/dialects/flow.h"

namespace penstock {
namespace {

std::string text_of(const Node& root, std::string_view key) {
  const Node* value = root.find(key);
  return value && value->is_scalar() ? value->text : "";
}

bool is_argo_dataflow(const Node& root) {
  return text_of(root, "apiVersion") == "dataflow.argoproj.io/v1alpha1";
}
bool is_argo_streams(const Node& root) {
  return text_of(root, "apiVersion") == "argoproj.io/v1alpha1" &&
         text_of(root, "kind") == "Pipeline";
}
bool is_event_workflow(const Node& root) {
  return text_of(root, "apiVersion") == "argoproj.io/v1alpha1" &&
         text_of(root, "kind") == "Workflow";
}

}  // namespace

const std::vector<Dialect>& dialects() {
  static const std::vector<Dialect> all = {
      {"argo-dataflow", "an Argo Dataflow Pipeline", is_argo_dataflow, nullptr},
      {"argo-streams", "an Argo Streams Pipeline", is_argo_streams, nullptr},
      {"workflow", "an event Workflow", is_event_workflow, nullptr},
      {"flow", "a Flow", is_flow, read_flow, flow_environment},
  };
  return all;
}

Node* own_environment(Node& root) {
  for (const Dialect& dialect : dialects()) {
    if (!root.is_map() || !dialect.recognises(root)) continue;
    return dialect.environment ? dialect.environment(root) : nullptr;
  }
  return nullptr;
}

const Dialect* find_dialect(const Node& root, Diagnostics& diagnostics) {
  if (!root.is_map()) {
    diagnostics.error("unknown-dialect", root.position,
                      "a pipeline document is a map, not a list or a single value",
                      "a flow has `stages:` and `queues:` at its top level");
    return nullptr;
  }
  for (const Dialect& dialect : dialects()) {
    if (!dialect.recognises(root)) continue;
    if (dialect.read) return &dialect;
    diagnostics.error("unsupported-dialect", root.position,
                      std::string("this is ") + dialect.about +
                          ", which this version cannot run yet",
                      "write it as a flow, with `stages:` and `queues:` at its top level");
    return nullptr;
  }
  const std::string version = text_of(root, "apiVersion"), kind = text_of(root, "kind");
  if (version.empty() && kind.empty()) return &dialects().back();  // it says what is missing
  diagnostics.error("unknown-dialect", root.position,
                    "no known pipeline document has apiVersion " + shown(version) + " and kind " +
                        shown(kind),
                    "known are dataflow.argoproj.io/v1alpha1, argoproj.io/v1alpha1 with kind "
                    "Pipeline or Workflow, and flows, which have `stages:` and `queues:`");
  return nullptr;
}

}  // namespace penstock
