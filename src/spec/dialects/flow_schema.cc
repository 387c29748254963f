// SPDX-License-Identifier: Apache-2.0
#include "spec/dialects/flow_document.h"
#include "spec/limits.h"

namespace penstock {
namespace {

const Schema<FlowExecution>& execution_schema() {
  static const Schema<FlowExecution> schema({
      field("mode", &FlowExecution::mode)
          .one_of({{"EXECUTION_MODE_UNSPECIFIED", Mode::kUnspecified},
                   {"EXECUTION_MODE_STREAMING", Mode::kStreaming},
                   {"EXECUTION_MODE_JOB", Mode::kJob},
                   {"streaming", Mode::kStreaming},
                   {"job", Mode::kJob}})
          .numbered()
          .about("A job ends when its sources have ended; a streaming flow is kept running."),
  });
  return schema;
}

const Schema<FlowInputQueue>& input_queue_schema() {
  static const Schema<FlowInputQueue> schema({
      field("queue", &FlowInputQueue::queue).required().not_empty().about("The queue."),
      field("table", &FlowInputQueue::table).about("Not used."),
  });
  return schema;
}

const Schema<RetrySpec>& retry_schema() {
  static const Schema<RetrySpec> schema({
      field("max_attempts", &RetrySpec::max_attempts)
          .about("Tries in all before a record goes to the dead letters; 0 = no end."),
      field("initial", &RetrySpec::initial)
          .range(milliseconds(1), seconds(3600))
          .about("Pause before the second try; it doubles from try to try."),
      field("max", &RetrySpec::max)
          .range(milliseconds(1), seconds(24 * 3600))
          .about("The longest pause."),
      field("jitter", &RetrySpec::jitter)
          .range(0, 1)
          .about("A pause is lengthened or shortened by up to this part of it, at random."),
  });
  return schema;
}

const Schema<FlowStage>& stage_schema() {
  using S = FlowStage;
  static const Schema<S> schema({
      field("name", &S::name).required().not_empty().about("Unique in the flow.").example("words"),
      field("type", &S::type)
          .required()
          .not_empty()
          .about("Which component: `penstock list` shows them.")
          .example("stdout_sink"),
      field("threads", &S::threads)
          .range(1, kThreadsMax)
          .about("Parallel tasks of this stage."),
      field("input_queue", &S::input_queue).not_empty().about("The queue that the stage reads."),
      field("output_queue", &S::output_queue).not_empty().about("The queue that the stage writes."),
      field("inputs", &S::inputs)
          .not_empty()
          .about("The queues that the stage reads, if it is more than one."),
      field("outputs", &S::outputs)
          .not_empty()
          .about("Named outputs and the queue of each, beside or instead of output_queue."),
      field("input_queues", &S::input_queues, input_queue_schema())
          .deprecated("write inputs: [name, …]")
          .about("The queues that the stage reads."),
      field("config", &S::config).about("The component's options: `penstock docs TYPE`."),
      field("decode", &S::decode)
          .about("On a source: its payloads are of this format and become JSON; the options of "
                 "`penstock docs decode`.")
          .example("{format: csv}"),
      field("encode", &S::encode)
          .about("On a sink: JSON becomes payloads of this format; the options of `penstock docs "
                 "encode`.")
          .example("{format: msgpack}"),
      field("plugin", &S::plugin)
          .about("A shared library that brings the component, by path or by file name."),
      field("realtime_priority", &S::realtime_priority)
          .range(1, 99)
          .about("Run the stage's tasks on threads of their own under SCHED_FIFO."),
      field("key", &S::key)
          .about("What decides which task gets a record: payload, record_key, {header: NAME}, "
                 "{expression: TEXT} (a field of the JSON payload, or anything computed from the "
                 "record; with dialect: argo in the language of Argo Dataflow) or none."),
      field("retry", &S::retry, retry_schema())
          .about("How often and how fast a record is tried again."),
      field("dead_letter", &S::dead_letter)
          .not_empty()
          .about("The queue for records that the stage rejects or that were tried too often."),
      field("chain", &S::chain)
          .about("Whether the stage may share a task with its neighbours."),
  });
  return schema;
}

const Schema<QueueSchemaSpec>& queue_schema_schema() {
  using S = QueueSchemaSpec;
  using F = S::Format;
  static const Schema<S> schema({
      field("format", &S::format)
          .one_of({{"IN_MEMORY_SCHEMA_FORMAT_UNSPECIFIED", F::kUnspecified},
                   {"IN_MEMORY_SCHEMA_FORMAT_ARROW", F::kArrow},
                   {"IN_MEMORY_SCHEMA_FORMAT_PROTOBUF", F::kProtobuf},
                   {"IN_MEMORY_SCHEMA_FORMAT_FLATBUFFERS", F::kFlatbuffers},
                   {"IN_MEMORY_SCHEMA_FORMAT_JSON", F::kJson}})
          .numbered()
          .about("How the payloads are encoded."),
      field("schema_id", &S::schema_id)
          .required()
          .not_empty()
          .about("The schema's name in its registry."),
      field("version", &S::version).about("0 = the active version."),
      field("registry_url", &S::registry_url).about("Where the registry is."),
  });
  return schema;
}

const Schema<FlowQueue>& queue_schema() {
  using Q = FlowQueue;
  const char* in_memory = "write QUEUE_TYPE_IN_MEMORY or leave it out";
  static const Schema<Q> schema({
      field("name", &Q::name).required().not_empty().about("Unique in the flow.").example("lines"),
      field("capacity", &Q::capacity)
          .about("Records that may wait in the queue; 0 = 128. A full queue holds its writers up."),
      field("capacity_bytes", &Q::capacity_bytes)
          .at_least(kibibytes(4))
          .about("Bytes that may wait in the queue."),
      field("broadcast", &Q::broadcast)
          .about("Give every record to each of the stages that read the queue; otherwise they "
                 "share the records."),
      field("ordering", &Q::ordering)
          .one_of({{"key", Ordering::kKey},
                   {"partition", Ordering::kPartition},
                   {"none", Ordering::kNone}})
          .about("What keeps its order when records are tried again."),
      field("schema", &Q::schema, queue_schema_schema()).about("The schema of its records."),
      field("type", &Q::type)
          .one_of({{"QUEUE_TYPE_UNSPECIFIED", FlowQueueType::kUnspecified},
                   {"QUEUE_TYPE_IN_MEMORY", FlowQueueType::kInMemory}})
          .old_word("QUEUE_TYPE_MPMC", FlowQueueType::kInMemory, in_memory)
          .old_word("QUEUE_TYPE_MPSC", FlowQueueType::kInMemory, in_memory)
          .old_word("QUEUE_TYPE_DURABLE", FlowQueueType::kInMemory,
                    std::string(in_memory) + ": nothing is lost without a durable queue, because "
                                             "sources go back to what was not delivered")
          .numbered()
          .about("Queues are in memory."),
      field("durable_path", &Q::durable_path)
          .deprecated("remove it: queues are in memory")
          .about("Not used."),
  });
  return schema;
}

}  // namespace

const Schema<FlowDocument>& flow_schema() {
  using D = FlowDocument;
  static const Schema<D> schema({
      field("name", &D::name).about("The flow's name; may be left out for local runs."),
      field("version", &D::version).about("Set by the control plane."),
      field("runtime", &D::runtime)
          .deprecated("remove it: where a stage comes from is the stage's own affair")
          .about("Not used."),
      field("execution", &D::execution, execution_schema()).about("How the flow ends."),
      field("stages", &D::stages, stage_schema()).required().about("What is done with records."),
      field("queues", &D::queues, queue_schema()).about("What connects the stages."),
      field("labels", &D::labels).about("Free text to find the flow by; also in its metrics."),
      field("env", &D::env)
          .about("Environment variables; `${NAME}` in the rest of the file reads these first."),
      field("observability", &D::observability, flow_observability_schema())
          .about("What is measured, traced and logged."),
      field("kubernetes", &D::kubernetes, flow_kubernetes_schema())
          .about("Image, policies and resources of the flow's pods."),
      field("kubernetes_options", &D::kubernetes_options, flow_kubernetes_options_schema())
          .about("More about the flow's pods and workload."),
      field("guarantee", &D::guarantee)
          .one_of({{"at_least_once", Guarantee::kAtLeastOnce},
                   {"exactly_once", Guarantee::kExactlyOnce}})
          .about("What holds for every record, whatever fails."),
      field("durability", &D::durability)
          .one_of({{"kill", Durability::kKill}, {"power", Durability::kPower}})
          .about("What a commit survives: the end of the process, or a power cut."),
      field("epoch_interval", &D::epoch_interval)
          .range(milliseconds(1), seconds(3600))
          .about("How often delivery is confirmed and positions are committed."),
      field("checkpoint_interval", &D::checkpoint_interval)
          .range(milliseconds(1), seconds(24 * 3600))
          .about("How often state is saved; at least epoch_interval."),
      field("drain_timeout", &D::drain_timeout)
          .at_most(seconds(24 * 3600))
          .about("How long a stop waits for records on their way before it gives up."),
  });
  return schema;
}

const Schema<FlowEnvelope>& flow_envelope_schema() {
  using E = FlowEnvelope;
  static const Schema<E> schema({
      field("name", &E::name).about("The flow's name."),
      field("version", &E::version).about("Set by the control plane."),
      field("spec", &E::spec).required().about("The flow."),
      field("status", &E::status).about("Ignored."),
  });
  return schema;
}

}  // namespace penstock
