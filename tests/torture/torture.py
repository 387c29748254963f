#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills pipelines at any instant, under load, and proves that nothing is lost.

Draws flows from a seed (flow.py), runs each as a real process, kills it with SIGKILL again and
again, starts it on the same state folder, lets it come to its end, and compares what came out with
what went in (check.py): every line of a file and every line of a request answered 2xx is delivered,
in the promised order after dropping repeats; nothing that a restart found committed is delivered
again. Prints one line a flow; exits 1 at the first broken promise, with the seed that repeats the
flow (the instants of the kills are the machine's own).
"""
import argparse
import itertools
import json
import os
import random
import shutil
import socket
import sys
import tempfile
import time
import traceback
from concurrent import futures

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check  # noqa: E402
import flow as flows  # noqa: E402
import load  # noqa: E402
from process import PATIENCE_S, Pipeline, Wrong  # noqa: E402
from server import Server, Sink  # noqa: E402


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Trial:
    """One flow and its kills."""

    def __init__(self, seed, binary, kills):
        self.seed = seed
        self.kills = kills
        self.killed = 0
        self.folder = tempfile.mkdtemp(prefix="penstock-torture-")
        self.server = Server(seed)
        self.flow = flows.Flow(seed, self.folder, free_port(), self.server.port)
        for name, faults in self.flow.faults.items():
            self.server.sinks["/" + name] = Sink(faults)
        for output in self.flow.outputs:
            output.parts = any(s["name"] == output.name and "{part}" in s["config"].get("path", "")
                               for s in self.flow.stages)
        self.pipeline = Pipeline(binary, self.folder, random.Random(seed + 1))
        self.outbox = check.Outbox(self.folder)
        self.checker = check.Checker(self.flow, self.outbox, self.server, self.pipeline)

    def run(self):
        with open(os.path.join(self.folder, "flow.json"), "w", encoding="utf-8") as file:
            json.dump(self.flow.document(), file, indent=1)
        plan = json.loads(self.pipeline.command("plan", "--format", "json", "flow.json"))
        for path in plan["paths"]:
            self.checker.orders[path["source"], path["sink"]] = path["ordering"]
        self.feed()
        over = False
        while self.killed < self.kills and not over:
            self.pipeline.start()
            self.server.incarnation = self.pipeline.incarnation
            if not self.pipeline.live():
                over = True
                self.pipeline.finish(self.progress)
            elif self.pipeline.kill():
                self.killed += 1
            self.server.settle()
            self.outbox.mark(self.flow.kind == "exactly")
        if not over:
            self.to_the_end()
        self.checker.check()

    def progress(self):
        """Changes while something comes out."""
        return self.outbox.bytes(), sum(len(s.deliveries) for s in self.server.sinks.values())

    def feed(self):
        for a_load in self.flow.loads.values():
            if self.flow.endless:
                rates = [100, 400] if self.flow.slow else [500, 4000]
                a_load.start(rate=self.flow.random.choice(rates))
            elif self.flow.holding:
                lines = 3000 + 3000 * self.kills // len(self.flow.loads)
                a_load.write(lines // 15 if self.flow.slow else lines)
            else:
                a_load.write(60_000)

    def to_the_end(self):
        self.pipeline.start()
        self.server.incarnation = self.pipeline.incarnation
        if not self.flow.endless:
            self.pipeline.finish(self.progress)
            return
        for a_load in self.flow.loads.values():
            a_load.stop()
        if not load.wait_until(self.checker.complete, PATIENCE_S, self.progress):
            lacking = [self.checker.missing(o) for o in self.flow.outputs]
            raise Wrong(f"nothing more came for {PATIENCE_S} s: {lacking}\n"
                        f"{self.pipeline.read_log(self.pipeline.incarnation)[-2000:]}")
        self.pipeline.stop()

    def close(self, keep):
        self.pipeline.abandon()
        for a_load in self.flow.loads.values():
            a_load.stop()
        self.server.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def shape(self):
        return " ".join(sorted(s["type"] + ("×%d" % s["threads"] if s.get("threads", 1) > 1 else "")
                               for s in self.flow.stages))


def run_trial(seed, binary, kills, keep):
    begun = time.monotonic()
    trial = Trial(seed, binary, kills)
    wrong = ""
    try:
        trial.run()
    except Wrong as broken:
        wrong = str(broken)
    except Exception:  # whatever it is, it names the seed
        wrong = traceback.format_exc()
    trial.close(keep or wrong)
    records = sum(len(a_load.sent()) for a_load in trial.flow.loads.values())
    return {"seed": seed, "kind": trial.flow.kind, "shape": trial.shape(), "kills": trial.killed,
            "records": records, "delivered": trial.checker.delivered,
            "repeats": trial.checker.repeats, "seconds": time.monotonic() - begun,
            "wrong": wrong, "folder": trial.folder}


def report(results, seconds):
    total = {name: sum(r[name] for r in results) for name in ("kills", "records", "delivered",
                                                              "repeats")}
    lost = sum(1 for r in results if r["wrong"])
    return (f"{len(results)} flows, {total['kills']} kills, {total['records']} records in, "
            f"{total['delivered']} deliveries, {total['repeats']} of them repeated, "
            f"{lost} flows with a broken promise, {seconds:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=os.environ.get("PENSTOCK_BINARY"))
    parser.add_argument("--kills", type=int, default=300, help="in all")
    parser.add_argument("--kills-per-flow", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="of the first flow")
    parser.add_argument("--jobs", type=int, default=2, help="flows at a time")
    parser.add_argument("--keep", action="store_true", help="leave the folders of the flows")
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    begun = time.monotonic()
    results = []
    seeds = itertools.count(options.seed)
    with futures.ProcessPoolExecutor(options.jobs) as pool:
        running = set()
        while running or more(results, options.kills):
            while len(running) < options.jobs and more(results, options.kills):
                running.add(pool.submit(run_trial, next(seeds), binary, options.kills_per_flow,
                                        options.keep))
            done, running = futures.wait(running, return_when=futures.FIRST_COMPLETED)
            for ready in done:
                results.append(ready.result())
                tell(results[-1])
    print(report(results, time.monotonic() - begun))
    return 1 if any(r["wrong"] for r in results) else 0


def more(results, kills):
    """Whether another flow is wanted."""
    return sum(r["kills"] for r in results) < kills and not any(r["wrong"] for r in results)


def tell(result):
    print(f"seed {result['seed']}: {result['kind']}, {result['kills']} kills, "
          f"{result['records']} records, {result['repeats']} repeats, "
          f"{result['seconds']:.1f} s: {result['shape']}", flush=True)
    if result["wrong"]:
        print(f"BROKEN by seed {result['seed']} (see {result['folder']}):\n{result['wrong']}",
              flush=True)


if __name__ == "__main__":
    sys.exit(main())
