// SPDX-License-Identifier: Apache-2.0
#include "spec/dialects/flow_no_effect.h"

#include <string>
#include <utility>

namespace penstock {
namespace {

bool is_set(const ExportBatch& batch) {
  return batch.queue_size_max + batch.batch_size_max + batch.schedule_delay_ms +
             batch.export_timeout_ms >
         0;
}

bool is_set(const Observability::Tracing& t) {
  return t.hint != Observability::TraceHint::kUnspecified ||
         t.processor != Observability::Processor::kUnspecified || is_set(t.batch) ||
         t.stage_spans || t.queue_spans || t.record_spans ||
         t.attributes != Observability::Attributes::kUnspecified || t.latency_budget_ms > 0;
}

bool is_set(const Observability::Logging& l) {
  return l.processor != Observability::Processor::kUnspecified || is_set(l.batch);
}

}  // namespace

void warn_of_exports(const Located<Observability>& asked, Diagnostics& diagnostics) {
  const Observability& o = asked.value;
  const std::pair<bool, const char*> fields[] = {
      {o.metrics_enabled, "metrics_enabled"},
      {o.tracing_enabled, "tracing_enabled"},
      {o.logs_enabled, "logs_enabled"},
      {!o.otlp_endpoint.empty(), "otlp_endpoint"},
      {o.transport != Observability::Transport::kUnspecified, "transport"},
      {is_set(o.tracing), "tracing"},
      {o.metrics.interval_min_ms > 0, "metrics.min_collection_interval_ms"},
      {o.metrics.interval_ms > 0, "metrics.collection_interval_ms"},
      {o.metrics.latency_budget_ms > 0, "metrics.latency_budget_ms"},
      {is_set(o.logging), "logging"},
  };
  std::string names;
  for (const auto& [set, name] : fields) {
    if (set) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  if (names.empty()) return;
  diagnostics.warning("no-export", asked.key_position,
                      "nothing is exported over OTLP, so of observability this has no effect: " +
                          names,
                      "`run --metrics` serves metrics for Prometheus, `run --log-format json` "
                      "writes a log for programs");
}

}  // namespace penstock
