# SPDX-License-Identifier: Apache-2.0
"""Benchmarks of the topic log beside bare writes, reads and syncs of the same bytes."""
import os
import shutil

import measuring
from cases import fresh, rates
from measuring import alternate
from report import Bar, Outcome

MIB = 512  # more would measure how fast the disk takes it all
SYNCS = 2000


def topic_log(bench):
    plain, folder = bench.path("bare.log"), bench.path("topics")

    def run(program, place, what, amount, *more):
        own = measuring.run([bench.program(program), place, what, str(amount), *more])
        return own.figures(what)

    def throughput(program, place, what):
        if what == "append":
            shutil.rmtree(folder, ignore_errors=True)
            fresh(plain)
            os.sync()
        own = run(program, place, what, MIB)
        return {"rate": own["records_per_second"], "per_cpu": own["records"] / own["cpu_seconds"]}

    def syncs(program, place, *more):
        own = run(program, place, "sync", SYNCS, *more)
        figures = {"p50": own["p50_us"], "p99": own["p99_us"]}
        if "records_per_second" in own:
            figures["rate"] = own["records_per_second"]
        return figures

    tables, bars = [], []
    for what in ("append", "read"):
        # What one contender reads it has written just before.
        before = (lambda program, place: throughput(program, place, "append")) \
            if what == "read" else (lambda program, place: None)
        seen = alternate({
            f"bare {what}": lambda: (before("ceiling_topic_log", plain),
                                     throughput("ceiling_topic_log", plain, what))[1],
            f"topic log, {what}": lambda: (before("micro_topic_log", folder),
                                           throughput("micro_topic_log", folder, what))[1],
        }, bench.rounds, bench.say)
        tables.append(rates(seen, seen, {"rate": "records/s",
                                         "per_cpu": "records per CPU second"}))
        bare, ours = (s["rate"].median for s in seen.values())
        bars.append(Bar(f"topic log / bare, {what}", ours / bare, 0.6))
    seen = alternate({
        "write and fdatasync": lambda: syncs("ceiling_topic_log", plain),
        "durable append": lambda: syncs("micro_topic_log", folder),
        "durable appends, 8 threads": lambda: syncs("micro_topic_log", folder, "8"),
    }, bench.rounds, bench.say)
    tables.append(rates(seen, seen, {"p50": "p50 µs", "p99": "p99 µs", "rate": "records/s"}))
    one, ours, eight = (s for s in seen.values())
    bars += [Bar("durable append / write and fdatasync, p50",
                 ours["p50"].median / one["p50"].median, 2, at_least=False),
             Bar("durable appends a second, 8 threads / one",
                 eight["rate"].median / ours["rate"].median, 1.5)]
    shutil.rmtree(folder, ignore_errors=True)
    fresh(plain)
    return Outcome(
        "Topic log",
        f"Records of 1 KiB, {MIB} MiB of them in batches of 64 KiB, eight batches a write, a sync "
        "a second beside it; read back with every checksum looked at; then single records, each on "
        "the disk before the next. By hand it is writev, read and fdatasync with the same "
        "checksum.",
        tables, bars)


CASES = {"topic_log": topic_log}
