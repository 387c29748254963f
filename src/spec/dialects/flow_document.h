// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/located.h"
#include "config/schema.h"
#include "spec/spec.h"

// A flow as its file says it, field by field; flow.cc turns it into a Spec.

namespace penstock {

struct FlowExecution {
  Mode mode = Mode::kUnspecified;
};

/// `input_queues` of old benchmark flows.
struct FlowInputQueue {
  Located<std::string> queue;
  std::string table;
};

struct FlowStage {
  Located<std::string> name, type;
  Located<uint32_t> threads{1, {}, {}, false};
  Located<std::string> input_queue, output_queue;
  std::vector<Located<std::string>> inputs;
  std::map<std::string, Located<std::string>> outputs;
  std::vector<FlowInputQueue> input_queues;
  Node config;
  Node decode, encode;  ///< options of the stages of that type; null = none
  std::string plugin;
  Located<uint32_t> realtime_priority;
  Node key;
  Located<RetrySpec> retry;
  Located<std::string> dead_letter;
  bool chain = true;
};

/// The kinds of queue that there are or were; all are one now.
enum class FlowQueueType : uint8_t { kUnspecified, kInMemory };

struct FlowQueue {
  Located<std::string> name;
  uint32_t capacity = 0;  ///< 0 = default
  ByteSize capacity_bytes = mebibytes(1);
  bool broadcast = false;
  Ordering ordering = Ordering::kKey;
  Located<QueueSchemaSpec> schema;
  FlowQueueType type = FlowQueueType::kUnspecified;
  std::string durable_path;
};

struct FlowDocument {
  std::string name;
  uint64_t version = 0;
  std::string runtime;
  FlowExecution execution;
  std::vector<Located<FlowStage>> stages;
  std::vector<Located<FlowQueue>> queues;
  std::map<std::string, std::string> labels;
  std::map<std::string, Located<std::string>> env;
  Located<Observability> observability;
  Kubernetes kubernetes;
  Kubernetes::Options kubernetes_options;
  Located<Guarantee> guarantee;
  Located<Durability> durability;
  Duration epoch_interval = milliseconds(100);
  Located<Duration> checkpoint_interval{seconds(1), {}, {}, false};
  Duration drain_timeout = seconds(30);
};

/// A whole `Flow` message around the spec.
struct FlowEnvelope {
  std::string name;
  uint64_t version = 0;
  Node spec;
  Node status;
};

const Schema<FlowDocument>& flow_schema();
const Schema<FlowEnvelope>& flow_envelope_schema();
/// Parts of flow_schema(), in flow_schema_parts.cc.
const Schema<Observability>& flow_observability_schema();
const Schema<Kubernetes>& flow_kubernetes_schema();
const Schema<Kubernetes::Options>& flow_kubernetes_options_schema();

}  // namespace penstock
