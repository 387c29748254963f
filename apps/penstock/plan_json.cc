// SPDX-License-Identifier: Apache-2.0
#include "penstock/plan_json.h"

#include "config/json_text.h"

namespace penstock {
namespace {

void number(JsonWriter& json, const char* name, uint64_t value) {
  json.key(name), json.raw(std::to_string(value));
}
void text(JsonWriter& json, const char* name, std::string_view value) {
  json.key(name), json.string(value);
}

void stage_names(JsonWriter& json, const char* name, const Plan& plan,
                 const std::vector<uint32_t>& stages) {
  json.key(name);
  json.open_list();
  for (const uint32_t stage : stages) json.string(plan.stages[stage].name);
  json.close_list();
}

void write_stage(JsonWriter& json, const Plan& plan, const PlanStage& stage) {
  json.open_object();
  text(json, "name", stage.name);
  text(json, "type", stage.type);
  text(json, "kind", to_string(stage.kind));
  number(json, "tasks", stage.tasks);
  number(json, "chain", stage.chain);
  text(json, "region", plan.regions[stage.region].name);
  json.close_object();
}

void write_edge(JsonWriter& json, const Plan& plan, const PlanEdge& edge) {
  json.open_object();
  text(json, "queue", edge.queue);
  text(json, "mode", to_string(edge.mode));
  stage_names(json, "from", plan, edge.producers);
  stage_names(json, "to", plan, edge.consumers);
  number(json, "capacity_records", edge.capacity_records);
  number(json, "capacity_bytes", edge.capacity_bytes);
  json.key("dead_letters"), json.boolean(edge.dead_letters);
  json.close_object();
}

void write_path(JsonWriter& json, const Plan& plan, const PlanPath& path) {
  json.open_object();
  text(json, "source", plan.stages[path.source].name);
  text(json, "sink", plan.stages[path.sink].name);
  text(json, "guarantee", path.guarantee);
  text(json, "ordering", path.ordering);
  text(json, "durability", path.durability);
  json.key("limits");
  json.open_list();
  for (const std::string& limit : path.limits) json.string(limit);
  json.close_list();
  json.close_object();
}

}  // namespace

std::string plan_json(const Plan& plan) {
  JsonWriter json;
  json.open_object();
  text(json, "name", plan.spec.name);
  text(json, "file", plan.spec.file);
  text(json, "dialect", plan.spec.dialect);
  json.key("stages");
  json.open_list();
  for (const PlanStage& stage : plan.stages) write_stage(json, plan, stage);
  json.close_list();
  json.key("queues");
  json.open_list();
  for (const PlanEdge& edge : plan.edges) write_edge(json, plan, edge);
  json.close_list();
  json.key("paths");
  json.open_list();
  for (const PlanPath& path : plan.paths) write_path(json, plan, path);
  json.close_list();
  json.key("notes");
  json.open_list();
  for (const std::string& note : plan.notes) json.string(note);
  json.close_list();
  json.close_object();
  return json.finish();
}

}  // namespace penstock
