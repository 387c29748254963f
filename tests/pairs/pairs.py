#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""At least once from every source to every sink, under kills, hangs, cuts and server restarts.

For each pair: numbered records of some keys are written into the source all the while; a real
process reads them, filters them, stamps them with its own number and writes them. It is killed with
SIGKILL at random instants and started again on the same state folder, stopped, or hung by SIGSTOP;
the Kafka broker and the NATS server are killed and started again; connections are cut, or let
nothing through for a while; the HTTP server answers 503, hangs up, or hangs up behind what it took.
In the end audit.py compares: nothing is lost, order per key is kept once repeats are dropped, no
process delivers what it found committed when it started, none delivers a record twice unless the
sink cannot know, and what was drained never comes again; with ids, nothing is there twice.
Exits 1 at the first broken promise.
"""
import argparse
import collections
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from concurrent import futures

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "torture"), os.path.join(HERE, "..", "nats")]

import servers  # noqa: E402
import sinks  # noqa: E402
import sources  # noqa: E402
from audit import Audit, Life, SKIPPED  # noqa: E402
from process import PATIENCE_S, Pipeline, Wrong  # noqa: E402

KEYS = [f"k{n}" for n in range(17)] + [SKIPPED]
NEEDS = {"kafka": "kafka", "jetstream": "nats"}  # kind → server
RESET = "starting again from the last commit point"
SHORT = {"pairs": "kafka:topic,file:kafka,file:jetstream,jetstream:file,topic:http_sink",
         "kills": 3, "server_kills": 0, "cuts": 1, "freezes": 0, "hangs": 0, "stops": 1}
ALL = [(source, sink) for source in sources.KINDS for sink in sinks.KINDS]


class Feed(threading.Thread):
    """Numbers the records of each key and writes them, in bursts, until it is stopped."""

    def __init__(self, source, rate, seed):
        super().__init__(daemon=True)
        self.source, self.rate, self.random = source, rate, random.Random(seed)
        self.over, self.numbers, self.failed = threading.Event(), collections.Counter(), None

    def run(self):
        try:
            self.burst(self.rate)
            while not self.over.is_set():
                pause = self.random.uniform(0.01, 0.1)
                self.over.wait(pause)
                self.burst(int(self.rate * pause))
        except Exception:  # told by stop()
            self.failed = traceback.format_exc()

    def burst(self, count):
        payloads = []
        for _ in range(count):
            key = self.random.choice(KEYS)
            self.numbers[key] += 1
            payloads.append(f"{key}|{self.numbers[key]}")
        if payloads:
            self.source.write(payloads)

    def stop(self):
        self.over.set()
        self.join()
        if self.failed:
            raise RuntimeError("the records could not be written:\n" + self.failed)

    def written(self):
        return {f"{key}|{n + 1}" for key, most in self.numbers.items() for n in range(most)}


class Trial:
    """One pair and its faults."""

    def __init__(self, pair, number, options, at):
        self.source_name, self.sink_name = pair
        self.name = " → ".join(pair)
        self.binary, self.options, self.servers = options.binary, options, at
        self.seed = options.seed * 100 + number
        self.random = random.Random(self.seed)
        self.folder = tempfile.mkdtemp(prefix="penstock-pairs-")
        self.stem = f"{self.source_name}-{self.sink_name}-{os.getpid()}-{number}"
        self.epoch = self.random.choice(["50ms", "200ms"])
        self.pipeline = Pipeline(self.binary, self.folder, random.Random(self.seed))
        self.source = sources.KINDS[self.source_name](self)
        self.sink = sinks.KINDS[self.sink_name](self)
        rate = options.rate // 5 if self.sink_name == "http_sink" else options.rate
        self.feed = Feed(self.source, rate, self.seed)
        self.used = [s for s in {self.source.server, self.sink.server} if s is not None]
        self.committed = []  # by life
        self.troubled = collections.Counter()  # life → how often its connections broke
        self.drained = set()  # lives that ended as asked
        self.done = collections.Counter()
        self.ordered = True

    def write_flow(self, follow):
        life = self.pipeline.incarnation + 1
        stages = [{"name": "in", "output_queue": "read", **self.source.stage(follow)},
                  {"name": "keep", "type": "filter", "input_queue": "read", "output_queue": "kept",
                   "config": {"expression": f"not (string(payload) startsWith '{SKIPPED}')"}},
                  {"name": "stamp", "type": "map", "input_queue": "kept",
                   "output_queue": "stamped", "config": {
                       "expression": f"string(payload) + '|{life}'",
                       "headers": {"Id": "string(payload)"}}},
                  {"name": "out", "input_queue": "stamped", **self.sink.stage()}]
        if self.source_name in ("file", "jetstream"):  # their records have no key
            stages[2]["config"]["key"] = "split(string(payload), '|')[0]"
        document = {"name": "pair", "epoch_interval": self.epoch, "stages": stages, "queues": [
            {"name": name, "capacity": 1024} for name in ("read", "kept", "stamped")]}
        with open(os.path.join(self.folder, "flow.json"), "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)

    def start(self, follow=True):
        self.write_flow(follow)
        self.committed.append(self.source.committed())
        self.pipeline.start()

    def run(self):
        self.write_flow(True)
        plan = json.loads(self.pipeline.command("plan", "--format", "json", "flow.json"))
        self.ordered = plan["paths"][0]["ordering"] != "none"
        faults = (["kill"] * self.options.kills + ["stop"] * self.options.stops +
                  ["hang"] * self.options.hangs)
        for _ in self.used:
            faults += ["cut"] * self.options.cuts + ["freeze"] * self.options.freezes
            faults += ["server"] * self.options.server_kills
        self.random.shuffle(faults)
        self.feed.start()
        self.start()
        for fault in faults:
            self.live()
            getattr(self, fault)()
            self.done[fault] += 1
        self.feed.stop()
        self.come_to_the_end()
        return self.compare()

    def look(self):
        if self.pipeline.process.poll() is not None:
            raise Wrong(f"it ended by itself with {self.pipeline.process.returncode}:\n" +
                        self.log(self.pipeline.incarnation)[-3000:])

    def log(self, life):
        return self.pipeline.read_log(life)

    def live(self):
        """For a while, drawn by chance; mostly until it has delivered something."""
        how = self.random.random()
        if how < 0.1:
            self.pause(0.06)  # while it starts
            return
        before, end = self.sink.size(), time.monotonic() + 6
        while self.sink.size() == before and time.monotonic() < end:
            self.look()
            time.sleep(0.01)
        if how < 0.4:
            self.pause(0.03)  # before what it has delivered is committed
        elif how < 0.7:
            for _ in range(self.random.choice([1, 1, 2, 3, 8])):
                if not self.pipeline.wait_for_commit():
                    break
            self.pause(0.004)
        else:
            self.pause(min(1.5, self.random.expovariate(1 / 0.25)))
        self.look()

    def pause(self, longest):
        threading.Event().wait(self.random.uniform(0, longest))

    # The faults.

    def kill(self):
        self.pipeline.process.kill()
        code = self.pipeline.process.wait()
        if code != -signal.SIGKILL:
            raise Wrong(f"it ended by itself with {code}:\n" +
                        self.log(self.pipeline.incarnation)[-3000:])
        self.pipeline.close()
        self.again()

    def stop(self):
        self.pipeline.process.send_signal(signal.SIGTERM)
        code = self.pipeline.process.wait(PATIENCE_S)
        self.pipeline.ended(code, (0, -signal.SIGTERM))  # the last: it had not begun yet
        if code == 0 and not self.troubled[self.pipeline.incarnation]:
            self.drained.add(self.pipeline.incarnation)
        self.again()

    def again(self):
        if hasattr(self.sink, "settle"):
            self.sink.settle()
        self.start()

    def hang(self):
        self.pipeline.process.send_signal(signal.SIGSTOP)
        self.pause(self.options.hang)
        self.pipeline.process.send_signal(signal.SIGCONT)

    def trouble(self):
        self.troubled[self.pipeline.incarnation] += 1

    def cut(self):
        self.trouble()
        for server in self.used:
            self.done["connections"] += server.proxy.cut()

    def freeze(self):
        """Nothing comes through; then the connections break, or it goes on."""
        self.trouble()
        server = self.random.choice(self.used)
        server.proxy.freeze()
        self.pause(2)
        if self.random.random() < 0.5:
            self.done["connections"] += server.proxy.cut()
        server.proxy.thaw()

    def server(self):
        self.trouble()
        one = self.used[self.done["server"] % len(self.used)]
        one.kill()
        self.pause(1)
        one.start()
        self.done["kafka" if isinstance(one, servers.Kafka) else "nats"] += 1
        if one is self.source.server:
            # A server may have forgotten what it had not yet written down.
            before, after = self.committed[-1], self.source.committed()
            self.committed[-1] = lambda place: before(place) and after(place)

    # The end.

    def come_to_the_end(self):
        places = self.source.places()
        missing = self.feed.written() - set(places)
        if missing:
            raise RuntimeError(f"the source itself has lost {sorted(missing)[:5]}")
        if self.source.ends:
            self.kill_only()
            self.start(follow=False)
            self.pipeline.finish(self.sink.size)
            return
        end = time.monotonic() + PATIENCE_S
        while Audit(places, self.sink.tracks(), [], False).lost() and time.monotonic() < end:
            self.look()
            time.sleep(0.5)
        self.pipeline.process.send_signal(signal.SIGTERM)
        self.pipeline.ended(self.pipeline.process.wait(PATIENCE_S), (0,))

    def kill_only(self):
        self.pipeline.process.kill()
        self.pipeline.process.wait()
        self.pipeline.close()
        self.done["kill"] += 1
        if hasattr(self.sink, "settle"):
            self.sink.settle()

    def compare(self):
        lives = []
        for life, committed in enumerate(self.committed):
            attempts = 1 + self.log(life).count(RESET)
            if self.sink.repeats_when_cut:
                attempts += self.troubled[life]
            lives.append(Life(committed, attempts, life in self.drained))
        places = self.source.places()
        told = Audit(places, self.sink.tracks(), lives, self.sink.ids).check(self.ordered)
        told["resets"] = sum(self.log(life).count(RESET) for life in range(len(lives)))
        if not any(lives[-1].committed(place) for some in places.values() for place in some):
            raise Wrong("the last process found nothing committed")
        return told

    def close(self, keep):
        self.feed.over.set()
        for server in self.used:
            server.proxy.thaw()
        if self.pipeline.process is not None and self.pipeline.process.poll() is None:
            self.pipeline.process.kill()
            self.pipeline.process.wait()
        if hasattr(self.sink, "close"):
            self.sink.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def run_pair(pair, options, at):
    begun = time.monotonic()
    told, wrong, trial = {}, "", None
    try:
        trial = Trial(pair, ALL.index(pair), options, at)
        told = trial.run()
    except Wrong as broken:
        wrong = str(broken)
    except Exception:  # whatever it is, it names the pair
        wrong = traceback.format_exc()
    if trial is not None:
        trial.close(wrong or options.keep)
    return {"pair": " → ".join(pair), "wrong": wrong, "folder": trial.folder if trial else "",
            "seconds": time.monotonic() - begun, "done": trial.done if trial else {}, **told}


def run_lane(pairs, options):
    """Pairs one after the other, with servers of their own. Gives one result after the other."""
    folder, at, results = tempfile.mkdtemp(prefix="penstock-lane-"), {}, []
    needed = {NEEDS[kind] for pair in pairs for kind in pair if kind in NEEDS}
    try:
        if "kafka" in needed:
            at["kafka"] = servers.Kafka(os.path.join(folder, "kafka"))
        if "nats" in needed:
            at["nats"] = servers.Nats(os.path.join(folder, "nats"))
        for pair in pairs:
            results.append(run_pair(pair, options, at))
            tell(results[-1])
            if results[-1]["wrong"]:
                break
    finally:
        for one in at.values():
            one.close()
        if not any(r["wrong"] for r in results):
            shutil.rmtree(folder, ignore_errors=True)
    return results


def tell(result):
    if result["wrong"]:
        print(f"BROKEN: {result['pair']} (see {result['folder']}):\n{result['wrong']}", flush=True)
        return
    done = result["done"]
    print(f"{result['pair']}: {done['kill']} kills, {done['server']} server restarts, "
          f"{done['cut'] + done['freeze']} cuts of {done['connections']} connections, "
          f"{done['hang']} hangs, {done['stop']} stops, {result['resets']} resets, "
          f"{result['records']} records, 0 lost, {result['repeats']} repeats, "
          f"{result['beyond']} beyond commits, {result['seconds']:.0f} s", flush=True)


def report(results, seconds):
    def total(name):
        return sum(r["done"][name] for r in results)

    def of(name):
        return sum(r[name] for r in results)

    return (f"{len(results)} pairs, {total('kill')} kills, {total('kafka')} restarts of the Kafka "
            f"broker, {total('nats')} of nats-server, {total('cut') + total('freeze')} cuts and "
            f"freezes, {total('hang')} hangs, {of('resets')} resets, {of('records')} records, "
            f"0 lost, {of('repeats')} repeats, {of('beyond')} delivered beyond what restarts found "
            f"committed, order per key kept, {seconds:.0f} s")


def chosen(options):
    pairs = [tuple(one.split(":")) for one in options.pairs.split(",")] if options.pairs else ALL
    for kind in options.without:
        left_out = [pair for pair in pairs if kind in pair]
        if left_out:
            print(f"skipped: {len(left_out)} pairs with {kind}: no server, or no client, is to be "
                  "had here", flush=True)
        pairs = [pair for pair in pairs if kind not in pair]
    # The broker takes long to start: one lane has one, the other none.
    lanes = [[p for p in pairs if "kafka" in p], [p for p in pairs if "kafka" not in p]]
    return [lane for lane in lanes if lane]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=os.environ.get("PENSTOCK_BINARY"))
    parser.add_argument("--pairs", help="SOURCE:SINK,…; default: all")
    parser.add_argument("--without", action="append", default=[], help="a kind to leave out")
    parser.add_argument("--kills", type=int, default=15, help="of the pipeline, a pair")
    parser.add_argument("--server-kills", type=int, default=1, help="of each server, a pair")
    parser.add_argument("--cuts", type=int, default=2, help="a server and pair")
    parser.add_argument("--freezes", type=int, default=1, help="a server and pair")
    parser.add_argument("--hangs", type=int, default=1, help="a pair")
    parser.add_argument("--hang", type=float, default=3, help="the longest, s")
    parser.add_argument("--stops", type=int, default=1, help="by SIGTERM, a pair")
    parser.add_argument("--rate", type=int, default=2000, help="records a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="each source and each sink once")
    parser.add_argument("--keep", action="store_true", help="leave the folders")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    if options.short:
        for name, value in SHORT.items():
            setattr(options, name, value)
    begun = time.monotonic()
    lanes = chosen(options)
    with futures.ProcessPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(run_lane, lane, options) for lane in lanes]
        results = [result for lane in running for result in lane.result()]
    if any(result["wrong"] for result in results):
        return 1
    print(report(results, time.monotonic() - begun))
    return 0


if __name__ == "__main__":
    sys.exit(main())
