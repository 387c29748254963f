# SPDX-License-Identifier: Apache-2.0
"""Benchmarks of expressions over JSON: the events of NEXMark, file to file, beside simdjson."""
from concurrent import futures
import glob
import json
import os
import subprocess
import time

import measuring
from agreement import all_sums, require_same
from cases import HERE, fresh, rates
from measuring import alternate
from report import Bar, Outcome

EVENTS = 4_000_000
WARM_MIB = 1024  # more than any output takes


def nexmark(bench, events=EVENTS):
    """A file of that many events; made once."""
    path = bench.path(f"nexmark_{events}.ndjson")
    if not os.path.exists(path):
        bench.say(f"making {events:,} events")
        flow = os.path.join(HERE, "..", "examples", "nexmark", "generate.yaml")
        measuring.run([os.path.join(bench.build, "penstock"), "run", "--quiet", "--no-state", flow],
                      {"EVENTS": events, "OUTPUT": fresh(path + ".part")})
        os.rename(path + ".part", path)
    with open(path, "rb") as file:  # into the page cache
        while file.read(1 << 24):
            pass
    return path


def missing_stages(bench, *wanted):
    """Which of these stages the program does not have."""
    listed = subprocess.run([os.path.join(bench.build, "penstock"), "list", "stages"],
                            capture_output=True, text=True, check=True).stdout
    names = {line.split()[0] for line in listed.splitlines() if line.startswith("  ")}
    return [stage for stage in wanted if stage not in names]


def by_hand(bench, variant, events, output):
    measuring.warm_memory(fresh(output), WARM_MIB)
    own = measuring.run([bench.program("ceiling_json"), variant, events, fresh(output)])
    return {"rate": EVENTS / own.seconds, "per_cpu": EVENTS / own.cpu_seconds,
            "mib": own.peak_mib}


def by_hand_twice(bench, variant, events, output):
    """Two such programs at once: what the machine gives to two of anything of this kind."""
    outputs = [f"{output}.{i}" for i in range(2)]
    measuring.warm_memory(fresh(outputs[0]), 2 * WARM_MIB)
    begun = time.monotonic()
    with futures.ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(
            lambda own: measuring.run([bench.program("ceiling_json"), variant, events, fresh(own)]),
            outputs))
    seconds = time.monotonic() - begun
    return {"rate": 2 * EVENTS / seconds, "mib": sum(run.peak_mib for run in runs),
            "per_cpu": 2 * EVENTS / sum(run.cpu_seconds for run in runs)}


def flow(bench, name, events, tasks, output, processors=None):
    """`output` has {task} in it."""
    for old in glob.glob(output.replace("{task}", "*")):
        os.unlink(old)
    measuring.warm_memory(bench.path("warm.out"), WARM_MIB)
    return bench.flow_figures(name, EVENTS, {"INPUT": events, "OUTPUT": output, "TASKS": tasks},
                              processors)


def beside_simdjson(bench, title, about, variant, name, share):
    """One query by hand and as a flow, with one task and with two."""
    missing = missing_stages(bench, "filter", "map")
    if missing:
        bench.say(f"  left out: this penstock has no stage {' and no '.join(missing)}")
        return None
    events, hand = nexmark(bench), bench.path(f"{name}_by_hand.ndjson")
    outputs = {tasks: bench.path(f"{name}_of_{tasks}_{{task}}.ndjson") for tasks in (1, 2)}
    seen = alternate({
        "by hand, simdjson": lambda: by_hand(bench, variant, events, hand),
        "by hand, two at once": lambda: by_hand_twice(bench, variant, events, hand),
        "penstock, one task": lambda: flow(bench, name, events, 1, outputs[1]),
        "penstock, one task on one processor":
            lambda: flow(bench, name, events, 1, outputs[1], "0"),
        "penstock, two tasks": lambda: flow(bench, name, events, 2, outputs[2]),
    }, bench.rounds, bench.say)
    wanted, *found = all_sums([[hand]] + [glob.glob(output.replace("{task}", "*"))
                                          for output in outputs.values()])
    for each in found:
        require_same(name, each, wanted)
    ceiling, twice, one, alone, two = (series["rate"].best for series in seen.values())
    return Outcome(
        title, f"{about} Two programs by hand at once do {twice / ceiling:.2f} times as much as "
        "one: so much two cores of this machine are worth to work of this kind. What one task has "
        "written goes to the file system beside it, so that one task is at work on more than one "
        "processor, unless it has no other.",
        [rates(seen, seen, {"rate": "events/s", "per_cpu": "events per CPU second",
                            "mib": "peak MiB"})],
        [Bar(f"{title}, one task / by hand", one / ceiling, share),
         Bar(f"{title}, two tasks / one", two / one, 1.7),
         Bar(f"{title}, two tasks / one on one processor", two / alone, 1.7)])


def json_filter(bench):
    return beside_simdjson(
        bench, "JSON filter",
        f"{EVENTS:,} events of NEXMark (305 bytes on average), file to file: the bids on every "
        "123rd auction, unchanged. By hand: simdjson's On-Demand parser, a megabyte a read and a "
        "write, no thread but one, members asked for in the order in which they come.",
        "filter", "json_filter", 0.7)


def json_project(bench):
    return beside_simdjson(
        bench, "JSON projection", "The same file: auction and price of every bid.",
        "project", "json_project", 0.6)


def json_map(bench):
    return beside_simdjson(
        bench, "JSON map with re-encode",
        "The same file, q1 of NEXMark: every bid without channel and address, its price × 0.908.",
        "q1", "json_map", 0.6)


def json_regex(bench):
    return beside_simdjson(
        bench, "JSON regexp and string functions",
        "The same file, q21 of NEXMark: the channel's number by its lower-case name, or by a "
        "regular expression from the address; RE2 on both sides.",
        "regex", "json_regex", 0.6)


def evaluator_once(bench):
    """Nanoseconds a record, by the name of the benchmark."""
    told = subprocess.run(
        [bench.program("micro_expression"), "--benchmark_filter=/modulo", "--benchmark_format=json",
         "--benchmark_min_time=0.3"], capture_output=True, text=True, check=True).stdout
    return {each["name"].split("/")[0]: 1e9 / each["items_per_second"]
            for each in json.loads(told)["benchmarks"]}


def evaluator(bench):
    way = "micro_expression"
    seen = alternate({way: lambda: evaluator_once(bench)}, bench.rounds, bench.say)[way]
    bars = [Bar(f"{what}, ns a record", seen[name].least, limit, at_least=False)
            for name, what, limit in (("ready_columns", "evaluator over ready columns", 3),
                                      ("generic", "evaluator, generic path", 15))]
    return Outcome(
        "The evaluator alone", "`bid.auction % 123 == 0` over batches of 1,024 bids that are in "
        "memory (Google Benchmark): the kernels over a column that is filled; the generic path, a "
        "record at a time; the whole filter, with the pass over the documents. Nanoseconds a "
        "record; a bar is on the best round.",
        [rates({way: seen}, {way: seen}, {"ready_columns": "ready columns, ns",
                                          "generic": "generic path, ns",
                                          "whole_filter": "whole filter, ns"})], bars)


CASES = {case.__name__: case
         for case in (json_filter, json_project, json_map, json_regex, evaluator)}
