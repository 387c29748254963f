#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills pipelines that write and read topics; proves that nothing is lost, and nothing twice.

One pipeline fills a topic without end; another copies that to a second topic, by key, into other
partitions. Both are killed with SIGKILL again and again, at random instants, most of them within
milliseconds of a commit. A reader that is never killed follows the second topic all the while.
Under exactly_once: each topic has every record once, in the order of its key, and the reader was
never shown a record that went away again. Under at_least_once: every record at least once, in the
order of its key after dropping repeats.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from process import PATIENCE_S, Pipeline, Wrong  # noqa: E402

FROM_PARTITIONS, TO_PARTITIONS, KEYS = 3, 4, 8
BLOCK = 64  # the generator gives each of its partitions so many numbers in a row


def flow(name, source, sink, guarantee):
    return {"name": name, "guarantee": guarantee, "epoch_interval": "20ms",
            "checkpoint_interval": "60ms", "queues": [{"name": "q", "capacity": 1024}],
            "stages": [{"name": "in", "output_queue": "q", **source},
                       {"name": "out", "type": "topic", "input_queue": "q", "config": sink}]}


class Reader:
    """`penstock topic read --follow` of the copy: what a reader is shown, as it is shown it."""

    def __init__(self, binary, folder):
        self.process = subprocess.Popen(
            [binary, "topic", "read", "copy", "--folder", folder + "/topics", "--follow",
             "--output", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.seen = []  # (partition, offset, payload)
        self.thread = threading.Thread(target=self.take, daemon=True)
        self.thread.start()

    def take(self):
        for line in self.process.stdout:
            record = json.loads(line)
            self.seen.append((record["partition"], record["offset"], record["payload"]))

    def close(self):
        self.process.terminate()
        self.thread.join()
        error = self.process.stderr.read()
        self.process.wait()
        return error


class Trial:
    def __init__(self, seed, binary, kills, guarantee, rate):
        self.binary = os.path.abspath(binary)
        self.kills = kills
        self.once = guarantee == "exactly_once"
        self.random = random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix="penstock-topics-")
        topics = self.folder + "/topics"
        feed = flow("feed", {"type": "generator", "config": {
            "rate": rate, "template": "{{partition}}|{{n}}", "key": "{{partition}}",
            "partitions": KEYS}}, {"topic": "filled", "folder": topics,
                                   "partitions": FROM_PARTITIONS, "segment_bytes": "64KiB"},
                    guarantee)
        copy = flow("copy", {"type": "topic", "threads": 2, "config": {
            "topic": "filled", "folder": topics}},
                    {"topic": "copy", "folder": topics, "segment_bytes": "64KiB",
                     "partitions": TO_PARTITIONS}, guarantee)
        self.reader = None
        self.pipelines = []
        for document in (feed, copy):
            own = os.path.join(self.folder, document["name"])
            os.makedirs(own)
            with open(os.path.join(own, "flow.json"), "w", encoding="utf-8") as file:
                json.dump(document, file)
            self.pipelines.append(Pipeline(self.binary, own, self.random))

    def topic(self, name):
        done = subprocess.run([self.binary, "topic", "read", name, "--folder",
                               self.folder + "/topics", "--output", "json"],
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode != 0:
            raise Wrong(f"topic read {name}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def run(self):
        # They are there from the start, so that readers can follow them.
        for topic, partitions in (("filled", FROM_PARTITIONS), ("copy", TO_PARTITIONS)):
            subprocess.run([self.binary, "topic", "create", topic, "--folder",
                            self.folder + "/topics", "--partitions", str(partitions),
                            "--segment-bytes", "64KiB"], check=True, stdout=subprocess.DEVNULL)
        self.reader = Reader(self.binary, self.folder)
        killed = 0
        for pipeline in self.pipelines:
            pipeline.start()
        while killed < self.kills:
            pipeline = self.random.choice(self.pipelines)
            if not pipeline.live():
                raise Wrong("it ended by itself:\n" +
                            pipeline.read_log(pipeline.incarnation)[-2000:])
            killed += pipeline.kill()
            pipeline.start()
        feed, copy = self.pipelines
        time.sleep(0.3)  # so that it has begun to listen to signals
        feed.stop()
        filled = self.topic("filled")
        self.wait_for(copy, len({r["payload"] for r in filled}))
        copy.stop()
        error = self.reader.close()
        return self.compare(filled, self.topic("copy"), self.reader.seen, error, killed)

    def wait_for(self, copy, wanted):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if len({r["payload"] for r in self.topic("copy")}) >= wanted:
                return
            if copy.process.poll() is not None:
                raise Wrong("the copy ended by itself:\n" + copy.read_log(copy.incarnation)[-2000:])
            time.sleep(0.2)
        raise Wrong(f"not everything came within {PATIENCE_S} s")

    def compare(self, filled, copy, shown, error, killed):
        if error and self.once:
            raise Wrong(f"the reader complained: {error}")
        for name, records in (("filled", filled), ("copy", copy)):
            self.check_topic(name, records)
        missing = {r["payload"] for r in filled} ^ {r["payload"] for r in copy}
        if missing:
            raise Wrong(f"only in one of the topics: {sorted(missing)[:5]}")
        there = {(r["partition"], r["offset"]): r["payload"] for r in copy}
        if self.once:
            for partition, offset, payload in shown:
                if there.get((partition, offset)) != payload:
                    raise Wrong(f"a reader was shown {payload} at {partition}:{offset}, now there "
                                f"is {there.get((partition, offset))}")
            if len({(p, o) for p, o, _ in shown}) != len(shown):
                raise Wrong("a reader was shown a record twice")
        return {"kills": killed, "records": len({r["payload"] for r in filled}),
                "in_copy": len(copy), "shown": len(shown)}

    def check_topic(self, name, records):
        """Every number of a key once, and one behind the other."""
        last, seen = {}, set()
        for record in records:
            key, number = record["payload"].split("|")
            if record["key"] != key:
                raise Wrong(f"{name}: the key of {record['payload']} is {record['key']}")
            if record["payload"] in seen:
                if self.once:
                    raise Wrong(f"{name} has {record['payload']} twice")
                continue
            seen.add(record["payload"])
            if key in last:
                jump = (KEYS - 1) * BLOCK if (last[key] + 1) % BLOCK == 0 else 0
                if int(number) != last[key] + 1 + jump:
                    raise Wrong(f"{name} has {record['payload']} behind {last[key]}")
            last[key] = int(number)

    def close(self, keep):
        for pipeline in self.pipelines:
            pipeline.abandon()
        if self.reader is not None:
            self.reader.process.kill()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=os.environ.get("PENSTOCK_BINARY"))
    parser.add_argument("--kills", type=int, default=100, help="under each guarantee")
    parser.add_argument("--rate", type=int, default=5000, help="records a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for guarantee in ("exactly_once", "at_least_once"):
        trial = Trial(options.seed, options.binary, options.kills, guarantee, options.rate)
        begun = time.monotonic()
        try:
            told = trial.run()
        except Wrong as broken:
            trial.close(keep=True)
            print(f"BROKEN under {guarantee} by seed {options.seed} (see {trial.folder}):\n"
                  f"{broken}")
            return 1
        trial.close(keep=False)
        print(f"{guarantee}: {told['kills']} kills, {told['records']} records, 0 lost, "
              f"{told['in_copy'] - told['records']} twice, {told['shown']} shown to a reader, "
              f"{time.monotonic() - begun:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
