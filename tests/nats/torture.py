#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a pipeline between two streams, and the server, at any instant: nothing is lost, nothing is
there twice.

Each trial draws a flow (tasks, windows, a filter), feeds one stream without pause, and reads it
with `penstock run` into another one by ids. The program is killed with SIGKILL at random instants,
most of them while it is busy; the server is killed or ended in between. At the end the program
drains the rest, and every message must be in the other stream exactly once. Exits 1 at the first
broken promise.
"""
import argparse
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from nats_client import Client, Lost, Server  # noqa: E402

PATIENCE_S = 120
ACK_WAIT_S = 1
SKIPPED = "skip"


class Wrong(Exception):
    """A promise is broken."""


class Feed(threading.Thread):
    """Publishes until it is told to stop. What was acknowledged is in `stored`."""

    def __init__(self, url, seed, rate):
        super().__init__(daemon=True)
        self.url = url
        self.random = random.Random(seed)
        self.rate = rate
        self.done = threading.Event()
        self.stored = {}  # id → payload
        self.next = 0

    def payload(self, number):
        word = SKIPPED if number % 7 == 3 else "keep"
        return json.dumps({"n": number, "word": word, "pad": "." * (number * 37 % 300)}).encode()

    def run(self):
        pending = []
        while pending or not self.done.is_set():
            if not self.done.is_set():
                many = self.random.randrange(1, 2 * self.rate // 20)
                pending += range(self.next, self.next + many)
                self.next += many
            try:
                client = Client(self.url)
                try:
                    left = [n for n in pending if f"n{n}" not in self.stored]
                    messages = [(f"n{n}", self.payload(n)) for n in left]
                    for identity in client.store("in.orders", messages):
                        self.stored[identity] = self.payload(int(identity[1:]))
                    pending = []
                finally:
                    client.close()
            except Lost:
                pass
            time.sleep(0.05)


class Trial:
    def __init__(self, seed, binary, kills, server_kills, rate):
        self.random = random.Random(seed)
        self.binary = binary
        self.folder = tempfile.mkdtemp(prefix="penstock-nats-")
        self.server = Server(os.path.join(self.folder, "server"))
        self.events = ["pipeline"] * kills + ["server"] * server_kills
        self.random.shuffle(self.events)
        self.feed = Feed(self.server.url, seed, rate)
        self.process = None
        self.filter = self.random.random() < 0.5
        self.starts = 0

    def flow(self):
        draw = self.random.choice
        common = {"url": self.server.url}
        stages = [
            {"name": "in", "type": "jetstream", "threads": draw([1, 1, 2]), "output_queue": "a",
             "config": {**common, "stream": "IN", "consumer": "pipe",
                        "ack_wait": f"{ACK_WAIT_S}s",
                        "max_ack_pending": draw([200, 2000, 20000]),
                        "prefetch_records": draw([50, 1000, 5000])}},
            {"name": "out", "type": "jetstream", "threads": draw([1, 1, 2]), "input_queue": "a",
             "config": {**common, "subject": "out.orders", "stream": "OUT",
                        "unconfirmed_max": draw([10, 500, 4096])}}]
        queues = [{"name": "a", "capacity": draw([16, 1024])}]
        if self.filter:
            stages[0]["output_queue"] = "b"
            stages.insert(1, {"name": "keep", "type": "filter", "input_queue": "b",
                              "output_queue": "a",
                              "config": {"expression": f"word != '{SKIPPED}'"}})
            queues.append({"name": "b", "capacity": 1024})
        return {"name": "torture", "stages": stages, "queues": queues,
                "execution": {"mode": "streaming"}}

    def start(self):
        self.starts += 1
        path = os.path.join(self.folder, "flow.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.flow(), file, indent=1)
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "run", "--no-state", path], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.folder)

    def kill(self):
        code = self.process.poll()
        if code is not None:
            raise Wrong(f"the pipeline ended by itself with {code}:\n{self.log()}")
        self.process.kill()
        self.process.wait()

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def counted(self, stream):
        try:
            client = Client(self.server.url)
            try:
                return client.count(stream)
            finally:
                client.close()
        except Lost:
            return 0

    def run(self):
        client = Client(self.server.url)
        client.make_stream("IN", ["in.>"], duplicate_window=120 * 10**9)
        client.make_stream("OUT", ["out.>"], duplicate_window=120 * 10**9)
        client.close()
        self.feed.start()
        self.start()
        for event in self.events:
            # Short and long lives; the longer ones see what the killed one had on its way.
            before = self.counted("OUT")
            until = time.monotonic() + self.random.choice([0.1, 0.4, 1.5 * ACK_WAIT_S])
            while time.monotonic() < until and self.counted("OUT") - before < 2000:
                time.sleep(0.01)
            time.sleep(self.random.random() * 0.1)
            if event == "server":
                self.server.restart(self.random.choice(["kill", "stop"]))
            else:
                self.kill()
                self.start()
        self.feed.done.set()
        self.feed.join()
        wanted = [p for p in self.feed.stored.values()
                  if not (self.filter and SKIPPED.encode() in p[:40])]
        deadline = time.monotonic() + PATIENCE_S
        while self.counted("OUT") < len(wanted):
            if self.process.poll() is not None or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        time.sleep(2 * ACK_WAIT_S)  # what might come twice comes by then
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(PATIENCE_S) != 0:
            raise Wrong(f"the pipeline ended with {self.process.returncode}:\n{self.log()}")
        self.check(wanted)

    def check(self, wanted):
        client = Client(self.server.url)
        got = collections.Counter(message.payload for message in client.read("OUT"))
        client.close()
        wanted = collections.Counter(wanted)
        lost, extra = wanted - got, got - wanted
        if lost:
            raise Wrong(f"{sum(lost.values())} lost, the first {next(iter(lost))!r}\n{self.log()}")
        if extra:
            raise Wrong(f"{sum(extra.values())} too many, the first {next(iter(extra))!r}")

    def close(self, keep):
        self.feed.done.set()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.server.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=os.environ.get("PENSTOCK_BINARY"))
    parser.add_argument("--kills", type=int, default=12, help="of the program, in all")
    parser.add_argument("--kills-per-trial", type=int, default=6)
    parser.add_argument("--server-kills-per-trial", type=int, default=1)
    parser.add_argument("--rate", type=int, default=3000, help="messages a second, about")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    killed = ended = records = starts = 0
    seed = options.seed
    while killed < options.kills:
        trial = Trial(seed, os.path.abspath(options.binary), options.kills_per_trial,
                      options.server_kills_per_trial, options.rate)
        wrong = None
        try:
            trial.run()
        except (Wrong, Lost) as error:
            wrong = str(error)
        trial.close(wrong)
        if wrong:
            print(f"BROKEN by seed {seed} (see {trial.folder}):\n{wrong}")
            return 1
        killed += options.kills_per_trial
        ended += options.server_kills_per_trial
        records += len(trial.feed.stored)
        starts += trial.starts
        seed += 1
    print(f"{seed - options.seed} flows, {killed} kills of the pipeline, {ended} of the server, "
          f"{records} messages, 0 lost, 0 twice, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
