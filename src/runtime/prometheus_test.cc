// SPDX-License-Identifier: Apache-2.0
#include "runtime/prometheus.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

Plan plan_of_two() {
  Plan plan;
  plan.stages.resize(3);
  plan.stages[0].name = "read";
  plan.stages[1].name = "a";
  plan.stages[2].name = "b";
  PlanEdge edge;
  edge.queue = "lines";
  edge.producers = {0};
  edge.consumers = {1, 2};
  plan.edges.push_back(edge);
  return plan;
}

EngineStatus status_of_two() {
  EngineStatus status;
  status.state = RunState::kRunning;
  status.running_ns = 1'500'000'000;
  StageStatus read;
  read.name = "read";
  read.type = "file";
  read.kind = ComponentKind::kSource;
  read.records_out = 10;
  read.busy_ns = 250'000'000;
  status.stages.push_back(read);
  EdgeStatus edge;
  edge.queue = "lines";
  edge.records = 3;
  edge.capacity_records = 128;
  status.edges.push_back(edge);
  RegionStatus region;
  region.name = "read";
  region.epoch = 8;
  region.committed = 7;
  region.commit_age_ns = 50'000'000;
  region.laggards = {"a/0"};
  status.regions.push_back(region);
  return status;
}

std::string text_of(const Plan& plan, const EngineStatus& status) {
  MetricWriter writer;
  write_metrics(plan, status, "words", writer);
  return writer.text();
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Prometheus, writes_every_part_of_a_running_pipeline) {
  const std::string text = text_of(plan_of_two(), status_of_two());
  const std::string stage = "{pipeline=\"words\",stage=\"read\",type=\"file\",kind=\"source\"} ";
  for (const std::string& line : {
           std::string("penstock_pipeline_state{pipeline=\"words\",state=\"running\"} 1"),
           std::string("penstock_pipeline_state{pipeline=\"words\",state=\"failed\"} 0"),
           std::string("penstock_pipeline_running_seconds{pipeline=\"words\"} 1.5"),
           "penstock_stage_records_out_total" + stage + "10",
           "penstock_stage_busy_seconds_total" + stage + "0.25",
           std::string("penstock_queue_records{pipeline=\"words\",queue=\"lines\",from=\"read\","
                       "to=\"a+b\"} 3"),
           std::string("penstock_region_committed_epoch{pipeline=\"words\",region=\"read\"} 7"),
           std::string("penstock_region_commit_age_seconds{pipeline=\"words\",region=\"read\"} "
                       "0.05"),
           std::string("penstock_region_laggards{pipeline=\"words\",region=\"read\"} 1"),
       }) {
    EXPECT_TRUE(has_line(text, line)) << line << "\n\n" << text;
  }
}

TEST(Prometheus, leaves_out_what_does_not_exist) {
  Plan plan = plan_of_two();
  EngineStatus status = status_of_two();
  status.edges[0].chained = true;
  EXPECT_EQ(text_of(plan, status).find("penstock_queue_"), std::string::npos);
  EXPECT_EQ(text_of(plan, status).find("watermark"), std::string::npos);
  status.stages[0].watermark_us = 1'700'000'000'500'000;
  EXPECT_NE(text_of(plan, status).find("1700000000.5\n"), std::string::npos);
  status.stages[0].watermark_us = kEndOfTime;
  EXPECT_EQ(text_of(plan, status).find("watermark"), std::string::npos);
}

TEST(Prometheus, leaves_out_what_the_flow_does_not_want) {
  Plan plan = plan_of_two();
  Observability::Metrics& metrics = plan.spec.observability.metrics;
  const auto has = [&](const char* part) {
    return text_of(plan, status_of_two()).find(part) != std::string::npos;
  };
  metrics.no_stages = true;
  EXPECT_FALSE(has("penstock_stage_"));
  EXPECT_TRUE(has("penstock_queue_"));
  metrics = {};
  metrics.no_queues = true;
  EXPECT_FALSE(has("penstock_queue_"));
  EXPECT_TRUE(has("penstock_region_"));
  metrics = {};
  metrics.no_flow = true;
  EXPECT_FALSE(has("penstock_region_") || has("penstock_pipeline_"));
  EXPECT_TRUE(has("penstock_stage_"));
  metrics = {};
  metrics.counters_only = true;
  EXPECT_FALSE(has(" gauge\n"));
  EXPECT_TRUE(has(" counter\n"));
}

TEST(Prometheus, writes_the_labels_of_the_file_without_its_secrets) {
  Plan plan = plan_of_two();
  plan.spec.labels = {{"team", "billing"}, {"token", "open-sesame"}};
  plan.spec.secrets.emplace_back("open-sesame");
  const std::string text = text_of(plan, status_of_two());
  const std::string begin = "penstock_pipeline_label{pipeline=\"words\",name=";
  EXPECT_TRUE(has_line(text, begin + "\"team\",value=\"billing\"} 1")) << text;
  EXPECT_TRUE(has_line(text, begin + "\"token\",value=\"*****\"} 1")) << text;
}

TEST(Prometheus, writes_several_pipelines_as_one_family_each) {
  MetricWriter writer;
  write_metrics(plan_of_two(), status_of_two(), "one", writer);
  write_metrics(plan_of_two(), status_of_two(), "two", writer);
  const std::string text = writer.text();
  const std::string type = "# TYPE penstock_stage_records_out_total counter\n";
  EXPECT_EQ(text.find(type), text.rfind(type));
  EXPECT_NE(text.find("pipeline=\"two\",stage=\"read\""), std::string::npos);
}

}  // namespace
}  // namespace penstock
