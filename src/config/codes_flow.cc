// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "config/code_tables.h"

namespace penstock {

namespace {

constexpr CodeInfo kCodes[] = {
    {"bad-environment", "It cannot be the name of an environment variable",
     "Under env: the name stands before the colon and the value after it; a name contains no =.",
     "env:\n  A=1: \"\"", "env:\n  A: 1"},
    {"bad-interval", "Two intervals do not fit each other",
     "A checkpoint closes an epoch, so it cannot come more often than epochs do.",
     "epoch_interval: 1s\ncheckpoint_interval: 100ms",
     "epoch_interval: 100ms\ncheckpoint_interval: 1s"},
    {"bad-retry", "The pauses of a retry do not fit each other",
     "Pauses grow from initial to max.", "retry: {initial: 10s, max: 1s}",
     "retry: {initial: 1s, max: 10s}"},
    {"bad-stage-key", "A stage's key cannot be read",
     "A key says what decides which task of a stage gets a record: payload (the whole payload), "
     "record_key (the key that the record came with), {header: NAME}, {expression: TEXT}, or none. "
     "An expression must give the same key whenever it is computed for a record.",
     "key: customer", "key: {expression: order.customer}"},
    {"cron-without-job", "A schedule without effect (warning)",
     "Only a job can be started again and again; a streaming flow runs all the time.",
     "kubernetes_options: {cron: {schedule: \"0 3 * * *\"}}",
     "execution: {mode: EXECUTION_MODE_JOB}\n"
     "kubernetes_options: {cron: {schedule: \"0 3 * * *\"}}"},
    {"duplicate-cpu", "A CPU stands twice in one set",
     "A set of CPUs for cpu_pinning names each CPU once; a repeated number is mostly a slip for "
     "another.",
     "cpu_pinning: {words: {cpu: [1, 1]}}", "cpu_pinning: {words: {cpu: [1, 2]}}"},
    {"duplicate-input", "A stage reads one queue twice",
     "A queue feeds a stage once, however often it is named.",
     "input_queue: lines\ninputs: [lines, more]", "inputs: [lines, more]"},
    {"duplicate-name", "Two stages or two queues have the same name",
     "Stages and queues are found by their names: in wiring, in metrics, in saved positions and "
     "state. A stage and a queue may share a name.",
     "- {name: sink, type: stdout_sink}\n- {name: sink, type: log}",
     "- {name: sink, type: stdout_sink}\n- {name: audit, type: log}"},
    {"flow-cycle", "Records would run in a circle",
     "A stage's output comes back to the stage. Bounded queues in a circle can block one another "
     "for ever, and no position could be committed. End the flow in a topic or a file, and read "
     "that in a flow of its own.",
     "- {name: a, type: noop_transform, input_queue: q, output_queue: p}\n"
     "- {name: b, type: noop_transform, input_queue: p, output_queue: q}",
     "- {name: a, type: noop_transform, input_queue: q, output_queue: p}\n"
     "- {name: b, type: stdout_sink, input_queue: p}"},
    {"key-without-input", "A source has a key",
     "The key belongs to the stage that reads: it decides which of its tasks gets a record.",
     "- {name: source, type: generator, key: payload, output_queue: q}",
     "- {name: count, type: count, key: payload, input_queue: q, output_queue: p}"},
    {"misplaced-codec", "decode: or encode: stands where it has no effect",
     "decode: turns what a source reads into JSON, encode: turns JSON into what a sink writes. "
     "Anywhere else the same is a stage of its own.",
     "- {name: words, type: split, input_queue: q, output_queue: p, decode: {format: csv}}",
     "- {name: source, type: file, output_queue: q, decode: {format: csv}, config: {path: a.csv}}"},
    {"no-export", "Metrics, traces and logs are not exported (warning)",
     "What a flow says about exports over OTLP is read and has no effect. Metrics are served for "
     "Prometheus by `run --metrics`; the log is written to standard error.",
     "observability:\n  metrics_enabled: true\n  debug: true", "observability:\n  debug: true"},
    {"no-stages", "The flow has no stage", "There is nothing to run.", "stages: []",
     "stages:\n  - {name: source, type: generator, output_queue: q}\n"
     "  - {name: sink, type: stdout_sink, input_queue: q}"},
    {"queue-without-reader", "A queue is written but never read",
     "Queues are bounded: without a reader this one fills and its writers stop. If the records "
     "are not wanted, read them with the blackhole sink.",
     "- {name: source, type: generator, output_queue: q}",
     "- {name: source, type: generator, output_queue: q}\n"
     "- {name: sink, type: blackhole, input_queue: q}"},
    {"queue-without-writer", "A queue is read but never written",
     "Its readers would wait for ever. Often the queue's name is misspelt in the stage that "
     "should write it, or that stage's output_queue is missing.",
     "- {name: sink, type: stdout_sink, input_queue: q}",
     "- {name: source, type: generator, output_queue: q}\n"
     "- {name: sink, type: stdout_sink, input_queue: q}"},
    {"schema-unchecked", "A queue's schema is not checked (warning)",
     "A queue may name the schema of its records; there is no schema registry to ask yet, so "
     "records of any shape pass.",
     "- {name: q, schema: {schema_id: orders}}", "- {name: q}"},
    {"too-many", "More stages or queues than a flow may have",
     "A flow may have 1,000 stages and 4,000 queues. Divide it into flows joined by topics or "
     "files.",
     "stages: [ … 1,001 of them … ]", "stages: [ … 1,000 of them … ]"},
    {"unconnected-stage", "A stage neither reads nor writes",
     "A source has an output, a sink has an input, and other stages have both.",
     "- {name: words, type: split}",
     "- {name: words, type: split, input_queue: lines, output_queue: words}"},
    {"unknown-queue", "A stage names a queue that does not exist",
     "Every queue stands under queues: with its name.",
     "stages:\n  - {name: sink, type: stdout_sink, input_queue: lnies}\n"
     "queues:\n  - name: lines",
     "stages:\n  - {name: sink, type: stdout_sink, input_queue: lines}\n"
     "queues:\n  - name: lines"},
    {"unknown-stage", "A setting names a stage that does not exist",
     "cpu_pinning is by stage name.", "kubernetes:\n  cpu_pinning: {wrods: {cpu: [1]}}",
     "kubernetes:\n  cpu_pinning: {words: {cpu: [1]}}"},
    {"unused-queue", "No stage uses a queue (warning)",
     "It does no harm, but mostly a stage should have used it.",
     "queues:\n  - name: lines\n  - name: old", "queues:\n  - name: lines"},
};

}  // namespace

void add_flow_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
