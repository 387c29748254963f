// SPDX-License-Identifier: Apache-2.0
// The Flow dialect, field by field, as loaded through the front door.
#include <gtest/gtest.h>

#include "spec/dialects/flow.h"
#include "spec/load.h"
#include "spec/test_text.h"

namespace penstock {
namespace {

constexpr const char* kEnds = R"(
stages:
  - {name: source, type: noop_source, output_queue: q}
  - {name: sink, type: stdout_sink, input_queue: q}
queues: [{name: q}]
)";

/// `warnings`: the codes of all findings that there are to be.
Spec load_clean(const std::string& text, const std::string& file = "f.yaml",
                const std::string& warnings = "") {
  Diagnostics diagnostics;
  auto spec = load_text(text, file, diagnostics);
  EXPECT_EQ(codes(diagnostics), warnings) << text << to_string(diagnostics);
  return spec ? std::move(*spec) : Spec();
}

std::string findings(const std::string& text) {
  Diagnostics diagnostics;
  load_text(text, "f.yaml", diagnostics);
  return codes(diagnostics);
}

TEST(Flow, numbers_and_words_are_text_where_text_is_wanted) {
  const Spec spec = load_clean(std::string(kEnds) + R"(
name: 42
env: {PORT: 8080, DEBUG: "true", FLAG: on, PI: 3.10, EMPTY: ~}
labels: {build: 7, release: yes, "on": "no"}
)");
  EXPECT_EQ(spec.name, "42");
  EXPECT_EQ(spec.env.at("PORT"), "8080");
  EXPECT_EQ(spec.env.at("DEBUG"), "true");
  EXPECT_EQ(spec.env.at("FLAG"), "on");
  EXPECT_EQ(spec.env.at("PI"), "3.10");
  EXPECT_EQ(spec.env.at("EMPTY"), "");
  EXPECT_EQ(spec.labels.at("build"), "7");
  EXPECT_EQ(spec.labels.at("release"), "yes");
  EXPECT_EQ(spec.labels.at("on"), "no");
}

TEST(Flow, quoted_numbers_are_numbers_where_numbers_are_wanted) {
  const Spec spec = load_clean(R"(
version: "18446744073709551615"
stages:
  - {name: source, type: noop_source, threads: "3", output_queue: 7}
  - {name: sink, type: stdout_sink, input_queue: "7", realtime_priority: '5'}
queues: [{name: 7, capacity: "9"}]
)");
  EXPECT_EQ(spec.version, UINT64_MAX);
  EXPECT_EQ(spec.stages[0].threads, 3u);
  EXPECT_EQ(spec.stages[1].realtime_priority, 5u);
  EXPECT_EQ(spec.queues[0].name, "7");
  EXPECT_EQ(spec.queues[0].capacity, 9u);
}

TEST(Flow, enums_are_full_words_short_words_or_numbers) {
  for (const char* mode : {"EXECUTION_MODE_JOB", "2", "\"2\"", "job"}) {
    EXPECT_EQ(load_clean(std::string(kEnds) + "execution: {mode: " + mode + "}").mode, Mode::kJob);
  }
  EXPECT_EQ(load_clean(std::string(kEnds) + "execution: {mode: 0}").mode, Mode::kUnspecified);
  EXPECT_EQ(load_clean(std::string(kEnds) + "execution: {}").mode, Mode::kUnspecified);
  EXPECT_EQ(findings(std::string(kEnds) + "execution: {mode: 3}"), "bad-choice@6:19");
  EXPECT_EQ(findings(std::string(kEnds) + "execution: {mode: execution_mode_job}"),
            "bad-choice@6:19");
}

TEST(Flow, null_is_unset_for_any_field) {
  const Spec spec = load_clean(R"(
name: ~
version:
execution: null
labels: ~
env: ~
observability: ~
kubernetes: ~
kubernetes_options: ~
guarantee: ~
stages:
  - {name: source, type: noop_source, threads: ~, input_queue: ~, output_queue: q, config: ~,
     plugin: ~, realtime_priority: ~, retry: ~, key: ~, dead_letter: ~, inputs: ~, outputs: ~}
  - {name: sink, type: stdout_sink, input_queue: q}
queues: [{name: q, capacity: ~, schema: ~, type: ~}]
)");
  EXPECT_EQ(spec.stages[0].threads, 1u);
  EXPECT_TRUE(spec.stages[0].inputs.empty());
  EXPECT_FALSE(spec.stages[0].retry.has_value());
  EXPECT_FALSE(spec.queues[0].schema.has_value());
}

TEST(Flow, anchors_and_merge_keys_work) {
  const Spec spec = load_clean(R"(
stages:
  - &source {name: a, type: noop_source, threads: 2, output_queue: q}
  - {<<: *source, name: b}
  - {name: sink, type: stdout_sink, input_queue: q}
queues: [{name: q}]
)");
  EXPECT_EQ(spec.stages[1].name, "b");
  EXPECT_EQ(spec.stages[1].type, "noop_source");
  EXPECT_EQ(spec.stages[1].threads, 2u);
}

TEST(Flow, a_capacity_of_zero_is_the_default) {
  const Spec spec = load_clean(R"(
stages:
  - {name: source, type: noop_source, output_queue: q}
  - {name: sink, type: stdout_sink, input_queue: q}
queues: [{name: q, capacity: 0}]
)");
  EXPECT_EQ(spec.queues[0].capacity, 128u);
}

TEST(Flow, reads_everything_that_is_said_of_kubernetes) {
  const Spec spec = load_clean(std::string(kEnds) + R"(
execution: {mode: EXECUTION_MODE_JOB}
kubernetes:
  image: registry/image:1
  image_pull_policy: IMAGE_PULL_POLICY_IF_NOT_PRESENT
  restartPolicy: 3
  cpu_pinning: {sink: {cpu: [2, "3"]}}
  resources: {cpu_cores: 2, memory_mb: 512, profile: fast}
kubernetesOptions:
  pod_labels: {a: 1}
  podAnnotations: {b: "true"}
  service_account_name: runner
  image_pull_secrets: [one, two]
  runtime_class_name: kata
  streaming_workload_kind: STREAMING_WORKLOAD_KIND_DAEMONSET
  cron:
    schedule: "0 3 * * *"
    time_zone: Europe/Berlin
    suspend: false
    starting_deadline_seconds: 60
    concurrency_policy: CRON_CONCURRENCY_POLICY_FORBID
    successful_jobs_history_limit: 3
    failed_jobs_history_limit: 1
)");
  const Kubernetes& k = spec.kubernetes;
  EXPECT_EQ(k.image, "registry/image:1");
  EXPECT_EQ(k.pull_policy, Kubernetes::PullPolicy::kIfNotPresent);
  EXPECT_EQ(k.restart_policy, Kubernetes::RestartPolicy::kNever);
  EXPECT_EQ(spec.stages[1].cpu_pinning, (std::vector<uint32_t>{2, 3}));
  EXPECT_EQ(k.resources.memory_mb, 512u);
  EXPECT_EQ(k.resources.profile, "fast");
  EXPECT_EQ(k.options.pod_labels.at("a"), "1");
  EXPECT_EQ(k.options.pod_annotations.at("b"), "true");
  EXPECT_EQ(k.options.service_account_name, "runner");
  EXPECT_EQ(k.options.image_pull_secrets.size(), 2u);
  EXPECT_EQ(k.options.runtime_class_name, "kata");
  EXPECT_EQ(k.options.workload_kind, Kubernetes::WorkloadKind::kDaemonSet);
  const Kubernetes::Cron& cron = k.options.cron.value;
  EXPECT_TRUE(k.options.cron.set);
  EXPECT_EQ(cron.schedule, "0 3 * * *");
  EXPECT_EQ(cron.suspend, false);
  EXPECT_EQ(cron.starting_deadline_seconds, 60);
  EXPECT_EQ(cron.concurrency, Kubernetes::Concurrency::kForbid);
  EXPECT_EQ(cron.failed_jobs_history_limit, 1);
}

TEST(Flow, reads_everything_that_is_said_of_observability) {
  const Spec spec = load_clean(std::string(kEnds) + R"(
observability:
  metrics_enabled: true
  tracingEnabled: yes
  logs_enabled: "on"
  otlp_endpoint: collector:4317
  transport: OTLP_TRANSPORT_HTTP
  tracing:
    trace_hint: TRACE_HINT_ALWAYS
    processor: TRACE_PROCESSOR_SIMPLE
    batch: {max_queue_size: 1, max_export_batch_size: 2, schedule_delay_ms: 3, export_timeout_ms: 4}
    stage_spans_enabled: true
    queue_spans_enabled: true
    record_spans_enabled: true
    attribute_level: ATTRIBUTES_VERBOSE
    latency_budget_ms: 5
  metrics:
    stage_metrics_disabled: true
    queue_metrics_disabled: true
    flow_metrics_disabled: true
    latency_histograms_disabled: true
    counters_only: true
    jemalloc_metrics_disabled: true
    min_collection_interval_ms: 6
    collection_interval_ms: 7
    latency_budget_ms: 8
  logging: {processor: LOG_PROCESSOR_BATCH, batch: {max_queue_size: 9}}
  debug: true
)",
                                "f.yaml", "no-export@7:1");
  const Observability& o = spec.observability;
  EXPECT_TRUE(o.metrics_enabled && o.tracing_enabled && o.logs_enabled && o.debug);
  EXPECT_EQ(o.otlp_endpoint, "collector:4317");
  EXPECT_EQ(o.transport, Observability::Transport::kHttp);
  EXPECT_EQ(o.tracing.hint, Observability::TraceHint::kAlways);
  EXPECT_EQ(o.tracing.processor, Observability::Processor::kSimple);
  EXPECT_EQ(o.tracing.batch.export_timeout_ms, 4u);
  EXPECT_TRUE(o.tracing.stage_spans && o.tracing.queue_spans && o.tracing.record_spans);
  EXPECT_EQ(o.tracing.attributes, Observability::Attributes::kVerbose);
  EXPECT_TRUE(o.metrics.no_stages && o.metrics.no_queues && o.metrics.no_flow);
  EXPECT_TRUE(o.metrics.no_histograms && o.metrics.counters_only && o.metrics.no_jemalloc);
  EXPECT_EQ(o.metrics.interval_min_ms, 6u);
  EXPECT_EQ(o.metrics.latency_budget_ms, 8u);
  EXPECT_EQ(o.logging.processor, Observability::Processor::kBatch);
  EXPECT_EQ(o.logging.batch.queue_size_max, 9u);
}

TEST(Flow, reads_our_own_additions) {
  const Spec spec = load_clean(R"(
guarantee: exactly_once
durability: power
epoch_interval: 50ms
checkpoint_interval: 5s
drain_timeout: 1m
stages:
  - {name: a, type: t, output_queue: q, outputs: {late: l, odd: o}, plugin: libx.so}
  - name: b
    type: t
    inputs: [q, l]
    output_queue: p
    key: {header: customer}
    retry: {max_attempts: 3, initial: 10ms, max: 1s, jitter: 0.5}
    dead_letter: d
    chain: false
  - {name: c, type: t, inputs: [o, p, d], key: payload}
queues:
  - {name: q, capacity_bytes: 64KiB, broadcast: true, ordering: partition}
  - {name: l}
  - {name: o}
  - {name: p}
  - {name: d}
)");
  EXPECT_EQ(spec.guarantee, Guarantee::kExactlyOnce);
  EXPECT_EQ(place(spec.guarantee_position), "2:12");
  EXPECT_EQ(spec.durability, Durability::kPower);
  EXPECT_EQ(spec.epoch_interval, milliseconds(50));
  EXPECT_EQ(spec.checkpoint_interval, seconds(5));
  EXPECT_EQ(spec.drain_timeout, seconds(60));
  const StageSpec& a = spec.stages[0];
  ASSERT_EQ(a.outputs.size(), 3u);
  EXPECT_EQ(a.outputs[0].port, "");
  EXPECT_EQ(a.outputs[1].port, "late");
  EXPECT_EQ(a.outputs[2].queue, "o");
  EXPECT_EQ(a.plugin, "libx.so");
  const StageSpec& b = spec.stages[1];
  ASSERT_EQ(b.inputs.size(), 2u);
  EXPECT_EQ(place(b.inputs[1].position), "11:17");
  EXPECT_EQ(b.key.kind, KeySpec::Kind::kHeader);
  EXPECT_EQ(b.key.header, "customer");
  ASSERT_TRUE(b.retry.has_value());
  EXPECT_EQ(b.retry->max_attempts, 3u);
  EXPECT_EQ(b.retry->initial, milliseconds(10));
  EXPECT_EQ(b.retry->jitter, 0.5);
  EXPECT_EQ(b.dead_letter, "d");
  EXPECT_FALSE(b.chain);
  EXPECT_EQ(spec.stages[2].key.kind, KeySpec::Kind::kPayload);
  EXPECT_EQ(spec.queues[0].capacity_bytes, kibibytes(64));
  EXPECT_TRUE(spec.queues[0].broadcast);
  EXPECT_EQ(spec.queues[0].ordering, Ordering::kPartition);
}

TEST(Flow, a_whole_flow_object_as_its_api_prints_it_is_accepted) {
  const Spec spec = load_clean(R"({
  "name": "words", "version": "7",
  "spec": {
    "name": "", "version": "0", "execution": null, "labels": {}, "observability": null,
    "kubernetes": null, "kubernetesOptions": null, "env": {},
    "stages": [
      {"name": "source", "type": "noop_source", "threads": 1, "inputQueue": null,
       "outputQueue": "q", "config": {"delay_ms": 5}, "plugin": null, "realtimePriority": null},
      {"name": "sink", "type": "stdout_sink", "threads": 1, "inputQueue": "q", "config": null}],
    "queues": [{"name": "q", "capacity": 128, "schema": null, "type": "QUEUE_TYPE_UNSPECIFIED"}]},
  "status": {"state": "FLOW_STATE_RUNNING", "activeVersion": "7"}
})", "f.json");
  EXPECT_EQ(spec.name, "words");
  EXPECT_EQ(spec.version, 7u);
  EXPECT_EQ(spec.stages.size(), 2u);
}

TEST(Flow, a_key_is_a_header_or_an_expression_with_its_place) {
  const auto flow = [](const std::string& key) {
    return "stages:\n  - {name: source, type: noop_source, output_queue: q}\n"
           "  - {name: sink, type: stdout_sink, input_queue: q, key: " + key +
           "}\nqueues: [{name: q}]\n";
  };
  const Spec spec = load_clean(flow("{expression: order.city}"));
  const KeySpec& key = spec.stages[1].key;
  EXPECT_EQ(key.kind, KeySpec::Kind::kExpression);
  EXPECT_EQ(key.expression.value, "order.city");
  EXPECT_EQ(key.expression.position.line, 3);
  EXPECT_EQ(key.expression.position.column, 71);
  EXPECT_EQ(key.dialect, "penstock");
  EXPECT_EQ(load_clean(flow("{expression: msg, dialect: argo}")).stages[1].key.dialect, "argo");
  EXPECT_EQ(findings(flow("{header: a, expression: b}")), "bad-stage-key@3:58");
  EXPECT_EQ(findings(flow("{dialect: argo}")), "bad-stage-key@3:58");
  EXPECT_EQ(findings(flow("{expression: \"\"}")), "empty-value@3:71");
}

TEST(Flow, a_long_epoch_lengthens_the_default_checkpoint) {
  EXPECT_EQ(load_clean(std::string(kEnds) + "epoch_interval: 5s").checkpoint_interval, seconds(5));
}

TEST(Flow, every_documented_field_says_what_it_is_for) {
  EXPECT_NE(flow_fields().markdown().find("| `stages[].retry.jitter` | number, 0 to 1 | `0.2` |"),
            std::string::npos);
  for (const FieldSpec& field : flow_fields().fields()) EXPECT_NE(field.about, "") << field.name;
}

}  // namespace
}  // namespace penstock
