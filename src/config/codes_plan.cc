// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "config/code_tables.h"

namespace penstock {
namespace {

constexpr CodeInfo kCodes[] = {
    {"broadcast-dead-letters", "Dead letters go to a queue that several stages read in full",
     "A dead letter is settled when the stage that takes it has it. With several readers it would "
     "be unclear whose word counts.",
     "queues: [{name: dead, broadcast: true}]", "queues: [{name: dead}]"},
    {"dead-letter-chain", "A stage that takes dead letters has dead letters of its own",
     "What ends a dead letter's way tries again until it can; it has no third place to put it. "
     "Otherwise a record could be passed on for ever.",
     "- {name: grave, type: file, input_queue: dead, dead_letter: worse}",
     "- {name: grave, type: file, input_queue: dead}"},
    {"duplicate-output", "A stage writes one queue by two outputs",
     "Its readers would get every such record twice.",
     "output_queue: q\noutputs: {copy: q}", "output_queue: q"},
    {"exactly-once-sink", "A sink cannot deliver exactly once",
     "Exactly once needs a sink that holds back what it wrote until a checkpoint is complete, or "
     "that can undo it. The hint names sinks that can; otherwise ask for at_least_once.",
     "guarantee: exactly_once\nstages:\n  - {name: sink, type: stdout_sink, input_queue: q}",
     "guarantee: exactly_once\nstages:\n  - {name: sink, type: file, input_queue: q, config: …}"},
    {"exactly-once-source", "A source cannot be read again",
     "After a crash an exactly-once pipeline goes back to its last checkpoint and reads on from "
     "there. A source that forgets its place, or that cannot go back, makes that impossible.",
     "guarantee: exactly_once\nstages:\n  - {name: in, type: stdin, output_queue: q}",
     "guarantee: exactly_once\nstages:\n  - {name: in, type: file, output_queue: q, config: …}"},
    {"exactly-once-stage", "A stage keeps records that no checkpoint saves",
     "A stage that holds records back without saving them would lose or repeat them when the "
     "pipeline goes back to a checkpoint.",
     "guarantee: exactly_once\nstages:\n  - {name: pause, type: delay, …}",
     "guarantee: at_least_once\nstages:\n  - {name: pause, type: delay, …}"},
    {"key-needed", "A stage that works by key has none",
     "The stage keeps something for each key, so it must know what the key is.",
     "- {name: count, type: count, input_queue: words, output_queue: counts}",
     "- {name: count, type: count, key: payload, input_queue: words, output_queue: counts}"},
    {"keyed-competition", "A stage with a key shares its queue with another stage",
     "Stages that read one queue share its records, so each would see only a part of the records "
     "of a key. Give each a queue of its own, or broadcast: true to give both everything.",
     "- {name: a, type: count, key: payload, input_queue: q, …}\n"
     "- {name: b, type: blackhole, input_queue: q}",
     "queues: [{name: q, broadcast: true}]"},
    {"ordering-lost", "A queue asks for an order that its records do not have",
     "The order of a source's partition is lost where several tasks share the records. With "
     "threads: 1 up to the queue it is kept; with a key the order of each key is kept.",
     "- {name: a, type: noop_transform, threads: 4, input_queue: p, output_queue: q}\n"
     "queues: [{name: q, ordering: partition}]",
     "- {name: a, type: noop_transform, threads: 1, input_queue: p, output_queue: q}\n"
     "queues: [{name: q, ordering: partition}]"},
    {"plugin-ignored", "A plugin for something that is built in (warning)",
     "The stage's type is one of this program's own, which is used instead of the plugin.",
     "- {name: sink, type: stdout_sink, plugin: libsink.so, …}",
     "- {name: sink, type: stdout_sink, …}"},
    {"single-task", "A stage that cannot be divided has several threads",
     "There is only one of what the stage reads or writes, such as standard output.",
     "- {name: sink, type: stdin, threads: 4, …}", "- {name: sink, type: stdin, …}"},
    {"state-needs-key", "State is to be divided among tasks without a key",
     "Each task of a stage owns its state. Several tasks need a key that says which of them owns "
     "what.",
     "threads: 4", "threads: 4\nkey: payload"},
    {"too-many-tasks", "A key cannot be divided among so many tasks",
     "Keys are cut into 256 groups, and a group belongs to one task.", "threads: 300\nkey: payload",
     "threads: 256\nkey: payload"},
    {"unconnected-port", "Nothing takes one of a stage's outputs (warning)",
     "What the stage sends there is dropped. If that is meant, connect it to a blackhole.",
     "- {name: by_size, type: route, …, outputs: {small: s}}",
     "- {name: by_size, type: route, …, outputs: {small: s, large: l}}"},
    {"unknown-port", "A stage has no output of this name",
     "Which outputs a stage has depends on its type and its options: `penstock docs TYPE`.",
     "- {name: words, type: split, input_queue: q, outputs: {late: l}}",
     "- {name: words, type: split, input_queue: q, output_queue: l}"},
    {"unknown-type", "There is no component of this type",
     "`penstock list` shows all sources, stages and sinks of this program.",
     "- {name: sink, type: stdout_snik, input_queue: q}",
     "- {name: sink, type: stdout_sink, input_queue: q}"},
    {"wrong-kind", "A component is wired as something that it is not",
     "A source has outputs only, a sink has inputs only, and a stage has both. The type named here "
     "is of another kind.",
     "- {name: in, type: stdout_sink, output_queue: q}",
     "- {name: in, type: noop_source, output_queue: q}"},
};

}  // namespace

void add_plan_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
