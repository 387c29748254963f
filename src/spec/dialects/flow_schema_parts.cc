// SPDX-License-Identifier: Apache-2.0
// The parts of a flow that say how it is observed and deployed.
#include "spec/dialects/flow_document.h"

namespace penstock {
namespace {

const Schema<ExportBatch>& batch_schema() {
  using B = ExportBatch;
  static const Schema<B> schema({
      field("max_queue_size", &B::queue_size_max).about("What may wait; more is dropped."),
      field("max_export_batch_size", &B::batch_size_max).about("What is sent at once."),
      field("schedule_delay_ms", &B::schedule_delay_ms).about("Pause between two exports."),
      field("export_timeout_ms", &B::export_timeout_ms).about("When an export is given up."),
  });
  return schema;
}

const Schema<Observability::Tracing>& tracing_schema() {
  using T = Observability::Tracing;
  using H = Observability::TraceHint;
  using P = Observability::Processor;
  using A = Observability::Attributes;
  static const Schema<T> schema({
      field("trace_hint", &T::hint)
          .one_of({{"TRACE_HINT_UNSPECIFIED", H::kUnspecified},
                   {"TRACE_HINT_DEFAULT", H::kDefault},
                   {"TRACE_HINT_ALWAYS", H::kAlways},
                   {"TRACE_HINT_NEVER", H::kNever}})
          .numbered(),
      field("processor", &T::processor)
          .one_of({{"TRACE_PROCESSOR_UNSPECIFIED", P::kUnspecified},
                   {"TRACE_PROCESSOR_SIMPLE", P::kSimple},
                   {"TRACE_PROCESSOR_BATCH", P::kBatch}})
          .numbered()
          .about("Whether spans are sent one by one or in batches."),
      field("batch", &T::batch, batch_schema()).about("The batches of spans."),
      field("stage_spans_enabled", &T::stage_spans).about("A span a stage."),
      field("queue_spans_enabled", &T::queue_spans).about("A span a queue."),
      field("record_spans_enabled", &T::record_spans).about("A span a record."),
      field("attribute_level", &T::attributes)
          .one_of({{"ATTRIBUTES_UNSPECIFIED", A::kUnspecified},
                   {"ATTRIBUTES_MINIMAL", A::kMinimal},
                   {"ATTRIBUTES_STANDARD", A::kStandard},
                   {"ATTRIBUTES_VERBOSE", A::kVerbose}})
          .numbered(),
      field("latency_budget_ms", &T::latency_budget_ms),
  });
  return schema;
}

const Schema<Observability::Metrics>& metrics_schema() {
  using M = Observability::Metrics;
  static const Schema<M> schema({
      field("stage_metrics_disabled", &M::no_stages)
          .about("Leaves out the metrics of stages."),
      field("queue_metrics_disabled", &M::no_queues)
          .about("Leaves out the metrics of queues."),
      field("flow_metrics_disabled", &M::no_flow)
          .about("Leaves out the metrics of the pipeline as a whole and of its regions."),
      field("latency_histograms_disabled", &M::no_histograms)
          .about("There are none."),
      field("counters_only", &M::counters_only).about("Leaves out all that may fall again."),
      field("jemalloc_metrics_disabled", &M::no_jemalloc).about("There are none."),
      field("min_collection_interval_ms", &M::interval_min_ms)
          .about("No effect here: whoever scrapes decides."),
      field("collection_interval_ms", &M::interval_ms)
          .about("No effect here: whoever scrapes decides."),
      field("latency_budget_ms", &M::latency_budget_ms).about("No effect here."),
  });
  return schema;
}

const Schema<Observability::Logging>& logging_schema() {
  using L = Observability::Logging;
  using P = Observability::Processor;
  static const Schema<L> schema({
      field("processor", &L::processor)
          .one_of({{"LOG_PROCESSOR_UNSPECIFIED", P::kUnspecified},
                   {"LOG_PROCESSOR_SIMPLE", P::kSimple},
                   {"LOG_PROCESSOR_BATCH", P::kBatch}})
          .numbered()
          .about("Whether log lines are sent one by one or in batches."),
      field("batch", &L::batch, batch_schema()).about("The batches of log lines."),
  });
  return schema;
}

const Schema<Kubernetes::CpuSet>& cpu_set_schema() {
  static const Schema<Kubernetes::CpuSet> schema({
      field("cpu", &Kubernetes::CpuSet::cpu).at_most(4095).about("CPU numbers."),
  });
  return schema;
}

const Schema<Kubernetes::Resources>& resources_schema() {
  using R = Kubernetes::Resources;
  static const Schema<R> schema({
      field("cpu_cores", &R::cpu_cores).about("CPUs asked for."),
      field("memory_mb", &R::memory_mb).about("Megabytes asked for."),
      field("profile", &R::profile).about("A name for the cluster's own rules."),
  });
  return schema;
}

const Schema<Kubernetes::Cron>& cron_schema() {
  using C = Kubernetes::Cron;
  using P = Kubernetes::Concurrency;
  static const Schema<C> schema({
      field("schedule", &C::schedule).required().about("When a job starts.").example("0 3 * * *"),
      field("time_zone", &C::time_zone).about("The schedule's time zone.").example("Europe/Berlin"),
      field("suspend", &C::suspend).about("Start no more jobs."),
      field("starting_deadline_seconds", &C::starting_deadline_seconds)
          .at_least(0)
          .about("How late a job may start."),
      field("concurrency_policy", &C::concurrency)
          .one_of({{"CRON_CONCURRENCY_POLICY_UNSPECIFIED", P::kUnspecified},
                   {"CRON_CONCURRENCY_POLICY_ALLOW", P::kAllow},
                   {"CRON_CONCURRENCY_POLICY_FORBID", P::kForbid},
                   {"CRON_CONCURRENCY_POLICY_REPLACE", P::kReplace}})
          .numbered()
          .about("What happens when the job before still runs."),
      field("successful_jobs_history_limit", &C::successful_jobs_history_limit)
          .at_least(0)
          .about("Finished jobs that are kept."),
      field("failed_jobs_history_limit", &C::failed_jobs_history_limit)
          .at_least(0)
          .about("Failed jobs that are kept."),
  });
  return schema;
}

}  // namespace

const Schema<Observability>& flow_observability_schema() {
  using O = Observability;
  static const Schema<O> schema({
      field("metrics_enabled", &O::metrics_enabled)
          .about("Export metrics (no effect here; see `run --metrics`)."),
      field("tracing_enabled", &O::tracing_enabled).about("Export traces (no effect here)."),
      field("logs_enabled", &O::logs_enabled).about("Export logs (no effect here)."),
      field("otlp_endpoint", &O::otlp_endpoint).about("Where to export to (no effect here)."),
      field("transport", &O::transport)
          .one_of({{"OTLP_TRANSPORT_UNSPECIFIED", O::Transport::kUnspecified},
                   {"OTLP_TRANSPORT_GRPC", O::Transport::kGrpc},
                   {"OTLP_TRANSPORT_HTTP", O::Transport::kHttp}})
          .numbered()
          .about("How to export (no effect here)."),
      field("tracing", &O::tracing, tracing_schema()).about("Traces in detail (no effect here)."),
      field("metrics", &O::metrics, metrics_schema()).about("Metrics in detail."),
      field("logging", &O::logging, logging_schema()).about("Logs in detail (no effect here)."),
      field("debug", &O::debug)
          .about("The log begins at debug, unless `run --log-level` says otherwise."),
  });
  return schema;
}

const Schema<Kubernetes>& flow_kubernetes_schema() {
  using K = Kubernetes;
  using P = K::PullPolicy;
  using R = K::RestartPolicy;
  static const Schema<K> schema({
      field("image", &K::image).about("The image of the flow's pods."),
      field("image_pull_policy", &K::pull_policy)
          .one_of({{"IMAGE_PULL_POLICY_UNSPECIFIED", P::kUnspecified},
                   {"IMAGE_PULL_POLICY_ALWAYS", P::kAlways},
                   {"IMAGE_PULL_POLICY_IF_NOT_PRESENT", P::kIfNotPresent},
                   {"IMAGE_PULL_POLICY_NEVER", P::kNever}})
          .numbered()
          .about("When the image is fetched."),
      field("restart_policy", &K::restart_policy)
          .one_of({{"RESTART_POLICY_UNSPECIFIED", R::kUnspecified},
                   {"RESTART_POLICY_ALWAYS", R::kAlways},
                   {"RESTART_POLICY_ON_FAILURE", R::kOnFailure},
                   {"RESTART_POLICY_NEVER", R::kNever}})
          .numbered()
          .about("When a pod that ended is started again."),
      field("cpu_pinning", &K::cpu_pinning, cpu_set_schema())
          .about("By stage: the CPUs that its tasks stay on. Holds for local runs too."),
      field("resources", &K::resources, resources_schema()).about("What a pod asks for."),
  });
  return schema;
}

const Schema<Kubernetes::Options>& flow_kubernetes_options_schema() {
  using O = Kubernetes::Options;
  using W = Kubernetes::WorkloadKind;
  static const Schema<O> schema({
      field("pod_labels", &O::pod_labels).about("Labels of the pods."),
      field("pod_annotations", &O::pod_annotations).about("Annotations of the pods."),
      field("service_account_name", &O::service_account_name).about("The pods' service account."),
      field("image_pull_secrets", &O::image_pull_secrets)
          .about("Names of Kubernetes secrets to fetch the image with."),
      field("runtime_class_name", &O::runtime_class_name).about("The pods' runtime class."),
      field("streaming_workload_kind", &O::workload_kind)
          .one_of({{"STREAMING_WORKLOAD_KIND_UNSPECIFIED", W::kUnspecified},
                   {"STREAMING_WORKLOAD_KIND_DEPLOYMENT", W::kDeployment},
                   {"STREAMING_WORKLOAD_KIND_DAEMONSET", W::kDaemonSet}})
          .numbered()
          .about("What runs a streaming flow."),
      field("cron", &O::cron, cron_schema()).about("Start a job again and again."),
  });
  return schema;
}

}  // namespace penstock
