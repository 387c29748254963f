// SPDX-License-Identifier: Apache-2.0
#include "runtime/prometheus.h"

#include <string>

namespace penstock {
namespace {

double number(uint64_t value) { return static_cast<double>(value); }
double seconds_of(int64_t ns) { return static_cast<double>(ns) / 1e9; }

constexpr const char* kStateNames[] = {"starting", "running", "draining",
                                       "done",     "stopped", "failed"};

/// Leaves out gauges where only counters are wanted.
class Samples {
 public:
  Samples(MetricWriter& out, bool counters_only) : out_(out), counters_only_(counters_only) {}
  void counter(std::string_view name, std::string_view help, MetricLabels labels, double value) {
    out_.counter(name, help, labels, value);
  }
  void gauge(std::string_view name, std::string_view help, MetricLabels labels, double value) {
    if (!counters_only_) out_.gauge(name, help, labels, value);
  }

 private:
  MetricWriter& out_;
  const bool counters_only_;
};

void write_labels(const Spec& spec, std::string_view pipeline, Samples& out) {
  for (const auto& [name, value] : spec.labels) {
    out.gauge("penstock_pipeline_label", "1 for each label of the pipeline's file.",
              {{"pipeline", pipeline}, {"name", name}, {"value", masked(value, spec.secrets)}}, 1);
  }
}

void write_pipeline(const EngineStatus& status, std::string_view pipeline, Samples& out) {
  for (size_t i = 0; i < std::size(kStateNames); ++i) {
    out.gauge("penstock_pipeline_state", "1 for the state that the pipeline is in.",
              {{"pipeline", pipeline}, {"state", kStateNames[i]}},
              static_cast<size_t>(status.state) == i ? 1 : 0);
  }
  out.gauge("penstock_pipeline_running_seconds", "Time since the pipeline started.",
            {{"pipeline", pipeline}}, seconds_of(status.running_ns));
}

void write_stage(const StageStatus& stage, std::string_view pipeline, Samples& out) {
  const MetricLabels labels = {{"pipeline", pipeline},
                               {"stage", stage.name},
                               {"type", stage.type},
                               {"kind", to_string(stage.kind)}};
  out.counter("penstock_stage_records_in_total", "Records that the stage took.", labels,
              number(stage.records_in));
  out.counter("penstock_stage_records_out_total", "Records that the stage gave.", labels,
              number(stage.records_out));
  out.counter("penstock_stage_bytes_in_total", "Bytes that the stage took.", labels,
              number(stage.bytes_in));
  out.counter("penstock_stage_bytes_out_total", "Bytes that the stage gave.", labels,
              number(stage.bytes_out));
  out.counter("penstock_stage_rejected_total", "Records that could not be processed.", labels,
              number(stage.rejected));
  out.counter("penstock_stage_dead_lettered_total",
              "Rejected records that went to the dead-letter queue.", labels,
              number(stage.dead_lettered));
  out.counter("penstock_stage_retried_total", "Records handed in again after a failure.", labels,
              number(stage.retried));
  out.gauge("penstock_stage_parked_records", "Records that wait for a retry.", labels,
            number(stage.parked));
  out.counter("penstock_stage_busy_seconds_total", "Time that the stage's tasks spent in it.",
              labels, number(stage.busy_ns) / 1e9);
  out.gauge("penstock_stage_tasks", "Parallel tasks of the stage.", labels, stage.tasks);
  out.gauge("penstock_stage_ended", "1 once the stage has seen the end of its input.", labels,
            stage.ended ? 1 : 0);
  if (stage.lag >= 0) {
    out.gauge("penstock_source_lag_records", "Records that wait to be read.", labels,
              number(static_cast<uint64_t>(stage.lag)));
  }
  if (stage.watermark_us != kNoEventTime && stage.watermark_us != kEndOfTime) {
    out.gauge("penstock_stage_watermark_seconds",
              "Event time up to which the stage is complete, as a Unix time.", labels,
              static_cast<double>(stage.watermark_us) / 1e6);
  }
}

/// The stages at one end of an edge: "split" or "a+b".
std::string names_of(const Plan& plan, const std::vector<uint32_t>& stages) {
  std::string names;
  for (const uint32_t stage : stages) names += (names.empty() ? "" : "+") + plan.stages[stage].name;
  return names;
}

void write_edge(const Plan& plan, const PlanEdge& edge, const EdgeStatus& status,
                std::string_view pipeline, Samples& out) {
  if (status.chained) return;
  // A broadcast queue has an edge for each consumer: the queue's name alone is not unique.
  const std::string from = names_of(plan, edge.producers), to = names_of(plan, edge.consumers);
  const MetricLabels labels = {
      {"pipeline", pipeline}, {"queue", edge.queue}, {"from", from}, {"to", to}};
  out.gauge("penstock_queue_records", "Records that wait in the queue.", labels,
            number(status.records));
  out.gauge("penstock_queue_bytes", "Bytes that wait in the queue.", labels, number(status.bytes));
  out.gauge("penstock_queue_capacity_records", "Records after which the producers wait.", labels,
            number(status.capacity_records));
  out.gauge("penstock_queue_capacity_bytes", "Bytes after which the producers wait.", labels,
            number(status.capacity_bytes));
}

void write_region(const RegionStatus& region, std::string_view pipeline, Samples& out) {
  const MetricLabels labels = {{"pipeline", pipeline}, {"region", region.name}};
  out.gauge("penstock_region_epoch", "Newest epoch that was begun.", labels, number(region.epoch));
  out.gauge("penstock_region_committed_epoch", "Newest epoch whose positions are recorded.",
            labels, number(region.committed));
  out.gauge("penstock_region_checkpoint_epoch", "Epoch of the newest checkpoint.", labels,
            number(region.checkpoint));
  out.gauge("penstock_region_commit_age_seconds", "Time since the last commit.", labels,
            seconds_of(region.commit_age_ns));
  out.counter("penstock_region_resets_total", "Times that the region went back to its last commit.",
              labels, number(region.resets));
  out.gauge("penstock_region_laggards", "Tasks that have not passed a barrier for long.", labels,
            number(region.laggards.size()));
}

}  // namespace

void write_metrics(const Plan& plan, const EngineStatus& status, std::string_view pipeline,
                   MetricWriter& writer) {
  const Observability::Metrics& wanted = plan.spec.observability.metrics;
  Samples out(writer, wanted.counters_only);
  if (!wanted.no_flow) {
    write_pipeline(status, pipeline, out);
    write_labels(plan.spec, pipeline, out);
  }
  for (const StageStatus& stage : status.stages) {
    if (!wanted.no_stages) write_stage(stage, pipeline, out);
  }
  for (size_t i = 0; i < status.edges.size() && i < plan.edges.size(); ++i) {
    if (!wanted.no_queues) write_edge(plan, plan.edges[i], status.edges[i], pipeline, out);
  }
  for (const RegionStatus& region : status.regions) {
    if (!wanted.no_flow) write_region(region, pipeline, out);
  }
}

}  // namespace penstock
