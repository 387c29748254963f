// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/units.h"
#include "config/located.h"
#include "config/node.h"
#include "config/secret.h"
#include "record/durability.h"

namespace penstock {

/// What a pipeline's end means. kUnspecified runs like kStreaming.
enum class Mode : uint8_t { kUnspecified, kStreaming, kJob };
enum class Guarantee : uint8_t { kAtLeastOnce, kExactlyOnce };
/// kPartition = the order of each source partition, kKey = of each key, kNone = any.
enum class Ordering : uint8_t { kKey, kPartition, kNone };

/// A stage reads this queue.
struct InputRef {
  std::string queue;
  Position position;
};

/// A stage writes this queue. `port` is "" for the plain output.
struct OutputRef {
  std::string port;
  std::string queue;
  Position position;
};

/// What keys a stage's input.
struct KeySpec {
  enum class Kind : uint8_t { kNone, kPayload, kRecordKey, kHeader, kExpression };
  Kind kind = Kind::kNone;
  std::string header;               ///< kHeader: its name
  Located<std::string> expression;  ///< kExpression
  std::string dialect;              ///< whose meaning it has: "penstock" or "argo"
  Position position;
};

struct RetrySpec {
  uint32_t max_attempts = 0;  ///< deliveries in all; 0 = no end
  Duration initial = milliseconds(100);
  Duration max = seconds(30);
  double jitter = 0.2;  ///< back-off is multiplied by a random factor in [1−jitter, 1+jitter]
  Position position;
};

/// One stage of the document, in the document's own words; the catalog gives `type` its meaning.
struct StageSpec {
  std::string name;
  std::string type;
  uint32_t threads = 1;
  std::vector<InputRef> inputs;
  std::vector<OutputRef> outputs;
  KeySpec key;
  std::optional<RetrySpec> retry;
  std::string dead_letter;  ///< a queue; "" = none
  Node config;              ///< null if absent; has the stage's position then
  std::string plugin;       ///< file or name of a shared library; "" = by type
  std::optional<uint32_t> realtime_priority;
  std::vector<uint32_t> cpu_pinning;  ///< CPU numbers; empty = any
  bool chain = true;                  ///< may share a task with its neighbours
  Position position;
  Position name_position, type_position, threads_position, dead_letter_position;
  Position realtime_priority_position, cpu_pinning_position;
};

/// A schema that a queue's records claim to have. Checked by whoever installs a hook for it.
struct QueueSchemaSpec {
  enum class Format : uint8_t { kUnspecified, kArrow, kProtobuf, kFlatbuffers, kJson };
  Format format = Format::kUnspecified;
  std::string schema_id;
  uint32_t version = 0;  ///< 0 = the active one
  std::string registry_url;
  Position position;
};

struct QueueSpec {
  std::string name;
  uint32_t capacity = 128;  ///< records
  ByteSize capacity_bytes = mebibytes(1);
  bool broadcast = false;  ///< each consuming stage gets every record; otherwise they compete
  Ordering ordering = Ordering::kKey;
  std::optional<QueueSchemaSpec> schema;
  Position position;
};

/// Batching of exported spans or log lines; 0 = the exporter's default.
struct ExportBatch {
  uint32_t queue_size_max = 0;
  uint32_t batch_size_max = 0;
  uint32_t schedule_delay_ms = 0;
  uint32_t export_timeout_ms = 0;
};

/// What a pipeline wants measured, traced and logged. Off unless said.
struct Observability {
  enum class Transport : uint8_t { kUnspecified, kGrpc, kHttp };
  enum class TraceHint : uint8_t { kUnspecified, kDefault, kAlways, kNever };
  enum class Processor : uint8_t { kUnspecified, kSimple, kBatch };
  enum class Attributes : uint8_t { kUnspecified, kMinimal, kStandard, kVerbose };
  struct Tracing {
    TraceHint hint = TraceHint::kUnspecified;
    Processor processor = Processor::kUnspecified;
    ExportBatch batch;
    bool stage_spans = false, queue_spans = false, record_spans = false;
    Attributes attributes = Attributes::kUnspecified;
    uint32_t latency_budget_ms = 0;
  };
  struct Metrics {
    bool no_stages = false, no_queues = false, no_flow = false, no_histograms = false;
    bool counters_only = false, no_jemalloc = false;
    uint32_t interval_min_ms = 0, interval_ms = 0, latency_budget_ms = 0;  ///< 0 = default
  };
  struct Logging {
    Processor processor = Processor::kUnspecified;
    ExportBatch batch;
  };
  bool metrics_enabled = false, tracing_enabled = false, logs_enabled = false, debug = false;
  std::string otlp_endpoint;
  Transport transport = Transport::kUnspecified;
  Tracing tracing;
  Metrics metrics;
  Logging logging;
};

/// What the document says about its Kubernetes objects. Kept for the control plane; a local run
/// uses only cpu_pinning, which stands on the stages.
struct Kubernetes {
  enum class PullPolicy : uint8_t { kUnspecified, kAlways, kIfNotPresent, kNever };
  enum class RestartPolicy : uint8_t { kUnspecified, kAlways, kOnFailure, kNever };
  enum class WorkloadKind : uint8_t { kUnspecified, kDeployment, kDaemonSet };
  enum class Concurrency : uint8_t { kUnspecified, kAllow, kForbid, kReplace };
  struct Resources {
    std::optional<uint32_t> cpu_cores, memory_mb;
    std::string profile;
  };
  struct CpuSet {
    std::vector<uint32_t> cpu;
  };
  struct Cron {
    std::string schedule;
    std::string time_zone;
    std::optional<bool> suspend;
    std::optional<int64_t> starting_deadline_seconds;
    Concurrency concurrency = Concurrency::kUnspecified;
    std::optional<int32_t> successful_jobs_history_limit, failed_jobs_history_limit;
  };
  struct Options {
    std::map<std::string, std::string> pod_labels, pod_annotations;
    std::string service_account_name;
    std::vector<std::string> image_pull_secrets;
    std::string runtime_class_name;
    WorkloadKind workload_kind = WorkloadKind::kUnspecified;
    Located<Cron> cron;
  };
  std::string image;
  PullPolicy pull_policy = PullPolicy::kUnspecified;
  RestartPolicy restart_policy = RestartPolicy::kUnspecified;
  Resources resources;
  std::map<std::string, Located<CpuSet>> cpu_pinning;  ///< by stage; also on the stages
  Options options;
};

/// A pipeline as its document says it, whatever the dialect; positions point into the file. What a
/// dialect could not express has its default. Checked for wiring, but not yet against a catalog.
struct Spec {
  std::string name;  ///< may be empty: nameless flows run locally
  uint64_t version = 0;
  Mode mode = Mode::kUnspecified;
  Guarantee guarantee = Guarantee::kAtLeastOnce;
  Durability durability = Durability::kKill;
  Duration epoch_interval = milliseconds(100);
  Duration checkpoint_interval = seconds(1);
  Duration drain_timeout = seconds(30);
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> env;
  Observability observability;
  Kubernetes kubernetes;
  std::vector<StageSpec> stages;  ///< in document order
  std::vector<QueueSpec> queues;  ///< in document order
  Position position;
  Position guarantee_position, durability_position;
  std::string file;
  std::string dialect;  ///< "flow"
  /// What ${file:…} read. Whoever prints anything of the pipeline masks them (config/secret.h).
  std::vector<Secret> secrets;

  const QueueSpec* find_queue(std::string_view queue_name) const;
  const StageSpec* find_stage(std::string_view stage_name) const;
};

inline const QueueSpec* Spec::find_queue(std::string_view queue_name) const {
  for (const QueueSpec& queue : queues) {
    if (queue.name == queue_name) return &queue;
  }
  return nullptr;
}
inline const StageSpec* Spec::find_stage(std::string_view stage_name) const {
  for (const StageSpec& stage : stages) {
    if (stage.name == stage_name) return &stage;
  }
  return nullptr;
}

const char* to_string(Mode mode);
const char* to_string(Guarantee guarantee);
const char* to_string(Durability durability);
const char* to_string(Ordering ordering);

}  // namespace penstock
