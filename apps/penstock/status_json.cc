// SPDX-License-Identifier: Apache-2.0
#include "penstock/status_json.h"

#include <cmath>
#include <cstdio>

#include "penstock/problems.h"

namespace penstock {
namespace {

void text(JsonWriter& json, const char* name, std::string_view value) {
  json.key(name), json.string(value);
}
void number(JsonWriter& json, const char* name, uint64_t value) {
  json.key(name), json.raw(std::to_string(value));
}
void real(JsonWriter& json, const char* name, double value) {
  char digits[40];
  snprintf(digits, sizeof digits, "%.3f", std::isfinite(value) ? value : 0.0);
  json.key(name), json.raw(digits);
}

void write_stage(JsonWriter& json, const LivePipeline& pipeline, size_t i) {
  const StageStatus& stage = pipeline.now.stages[i];
  json.open_object();
  text(json, "name", stage.name);
  text(json, "type", stage.type);
  text(json, "kind", to_string(stage.kind));
  number(json, "tasks", stage.tasks);
  number(json, "records_in", stage.records_in);
  number(json, "records_out", stage.records_out);
  number(json, "bytes_in", stage.bytes_in);
  number(json, "bytes_out", stage.bytes_out);
  real(json, "records_per_second", rate_of(pipeline, i));
  number(json, "rejected", stage.rejected);
  number(json, "dead_lettered", stage.dead_lettered);
  number(json, "retried", stage.retried);
  number(json, "parked", stage.parked);
  real(json, "busy_seconds", static_cast<double>(stage.busy_ns) / 1e9);
  if (stage.watermark_us != kNoEventTime && stage.watermark_us != kEndOfTime) {
    real(json, "watermark_seconds", static_cast<double>(stage.watermark_us) / 1e6);
  }
  json.key("ended"), json.boolean(stage.ended);
  json.close_object();
}

void write_queue(JsonWriter& json, const EdgeStatus& edge) {
  json.open_object();
  text(json, "queue", edge.queue);
  json.key("chained"), json.boolean(edge.chained);
  number(json, "records", edge.records);
  number(json, "bytes", edge.bytes);
  number(json, "capacity_records", edge.capacity_records);
  number(json, "capacity_bytes", edge.capacity_bytes);
  json.close_object();
}

void write_region(JsonWriter& json, const RegionStatus& region) {
  json.open_object();
  text(json, "name", region.name);
  number(json, "epoch", region.epoch);
  number(json, "committed", region.committed);
  number(json, "checkpoint", region.checkpoint);
  real(json, "commit_age_seconds", static_cast<double>(region.commit_age_ns) / 1e9);
  number(json, "resets", region.resets);
  json.key("laggards");
  json.open_list();
  for (const std::string& task : region.laggards) json.string(task);
  json.close_list();
  json.close_object();
}

}  // namespace

void write_status(JsonWriter& json, const LivePipeline& pipeline) {
  text(json, "pipeline", pipeline.name);
  text(json, "state", to_string(pipeline.now.state));
  real(json, "running_seconds", static_cast<double>(pipeline.now.running_ns) / 1e9);
  json.key("stages");
  json.open_list();
  for (size_t i = 0; i < pipeline.now.stages.size(); ++i) write_stage(json, pipeline, i);
  json.close_list();
  json.key("queues");
  json.open_list();
  for (const EdgeStatus& edge : pipeline.now.edges) write_queue(json, edge);
  json.close_list();
  json.key("regions");
  json.open_list();
  for (const RegionStatus& region : pipeline.now.regions) write_region(json, region);
  json.close_list();
  if (!pipeline.now.error.empty()) text(json, "error", pipeline.now.error);
}

std::string status_line(const LivePipeline& pipeline, int64_t wall_us) {
  JsonWriter json;
  json.open_object();
  text(json, "kind", "status");
  real(json, "at", static_cast<double>(wall_us) / 1e6);
  write_status(json, pipeline);
  json.close_object();
  return one_line(json.finish());
}

}  // namespace penstock
