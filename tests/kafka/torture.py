# SPDX-License-Identifier: Apache-2.0
"""Kafka → Kafka under kills, hangs, broker restarts and rebalances, counted by another client.

Some processes of one pipeline read a topic as a group and write another. They are killed with
SIGKILL at random instants, stopped, or stopped for so long that their partitions go to others
(zombies); now and then the broker is killed. A writer numbers the records of each key. In the end
a consumer that reads committed records must find every number: exactly once each and in order under
exactly_once; under at_least_once in order once repeats are dropped.

Usage (tests/kafka/run starts the broker): python3 torture.py --kills 300 --processes 3
"""
import argparse
import collections
import datetime
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
import unittest

import confluent_kafka

import cluster
from torture_evidence import Evidence, keep_stacks

BINARY = os.environ["PENSTOCK_BINARY"]
PATIENCE_S = 180  # a bound on what hangs
KEYS = 97


class Writer(threading.Thread):
    """Numbers the records of each key, until it is stopped."""

    def __init__(self, topic, rate):
        super().__init__()
        self.topic, self.rate, self.over = topic, rate, threading.Event()
        self.sent = collections.Counter()

    def run(self):
        producer = confluent_kafka.Producer({
            "bootstrap.servers": cluster.BROKERS, "enable.idempotence": True, "linger.ms": 2,
            "partitioner": "murmur2_random", "message.timeout.ms": 300_000})
        chance, begun, count = random.Random(1), time.monotonic(), 0
        while not self.over.is_set():
            while count < (time.monotonic() - begun) * self.rate:
                key = chance.randrange(KEYS)
                try:
                    producer.produce(self.topic, key=str(key), value=f"{key}:{self.sent[key] + 1}")
                except BufferError:  # no broker for long
                    break
                self.sent[key] += 1
                count += 1
            producer.poll(0.005)
        if producer.flush(PATIENCE_S):
            raise TimeoutError("the writer could not write")

    def stop(self):
        self.over.set()
        self.join()


class Process:
    """One process of the pipeline, again and again."""

    def __init__(self, number, folder, document):
        self.folder = os.path.join(folder, f"process{number}")
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "flow.json"), "w", encoding="utf-8") as file:
            json.dump(document, file)
        self.running, self.log = None, os.path.join(self.folder, "log")
        self.starts = 0

    def start(self):
        self.starts += 1
        with open(self.log, "a", encoding="utf-8") as log:
            self.running = subprocess.Popen(
                [BINARY, "run", "flow.json", "--state", "state", "--output", "none",
                 "--if-done", "skip"],  # it may be killed behind its end
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

    def signal(self, how):
        if self.running is not None and self.running.poll() is None:
            self.running.send_signal(how)

    def end(self, how):
        """Signals it and waits; its exit code."""
        self.signal(how)
        try:
            return self.running.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            keep_stacks(self.running.pid, self.folder)
            raise

    def look(self):
        """It must not have ended by itself, except that it found no broker when it started: then
        whoever runs it starts it again."""
        if self.running.poll() is None:
            return
        with open(self.log, encoding="utf-8") as log:
            said = log.read()
        away = ("[kafka-unreachable]", "[kafka-unavailable]")
        last = [line for line in said.splitlines() if line.startswith("penstock: ")][-1:]
        if self.running.returncode == 1 and last and " could not start: " in last[0] and \
                any(code in last[0] for code in away):
            self.start()
            return
        raise AssertionError(f"a process ended with {self.running.returncode}:\n{said[-3000:]}")


def flow(given, taken, group, once, instance):
    source = {"brokers": cluster.BROKERS, "topics": [given], "session_timeout": "6s",
              "revoke_timeout": "5s"}
    if group:
        source["group"] = group
    if instance:
        source["group_instance"] = instance
    return {"name": group or "job", "guarantee": "exactly_once" if once else "at_least_once",
            "stages": [
                {"name": "in", "type": "kafka", "threads": 1, "output_queue": "read",
                 "config": source},
                {"name": "out", "type": "kafka", "threads": 1, "input_queue": "read",
                 "config": {"brokers": cluster.BROKERS, "topic": taken,
                            "transaction_timeout": "10s"}}],
            "queues": [{"name": "read", "capacity": 1024}]}


class Trial:
    def __init__(self, options):
        self.options, self.chance = options, random.Random(options.seed)
        self.folder = tempfile.mkdtemp(prefix="penstock-kafka-torture-")
        stem = f"torture-{os.getpid()}-{options.seed}-{time.monotonic_ns()}"
        self.given = cluster.make_topic(stem + "-in", options.partitions)
        self.taken = cluster.make_topic(stem + "-out", options.partitions)
        self.evidence = Evidence(self.folder)
        self.writer = Writer(self.given, options.rate)
        self.processes = [
            Process(n, self.folder, flow(self.given, self.taken, stem, options.once,
                                         f"member{n}" if options.static else None))
            for n in range(options.processes)]
        self.done = collections.Counter()

    def run(self):
        begun = time.monotonic()
        self.writer.start()
        for process in self.processes:
            process.start()
        while self.done["kill"] < self.options.kills:
            self.strike(self.chance.choice(self.processes))
        self.writer.stop()
        expected = sum(self.writer.sent.values())
        self.wait_for(expected)
        for process in self.processes:
            process.look()
        for process in self.processes:
            code = process.end(signal.SIGTERM)
            assert code in (0, 3), f"a stop ended with {code}"
        repeats = self.check()
        what = ", ".join(f"{n} {w}s" for w, n in sorted(self.done.items())
                         if w in ("broker kill", "kill", "stop", "zombie"))
        return (f"{expected} records, {len(self.processes)} processes, {what}: 0 lost, "
                f"{repeats} repeated, order per key kept, {time.monotonic() - begun:.0f} s")

    def strike(self, process):
        self.pause(self.chance.choice([0.05, 0.2, 0.5, 1.0, self.options.calm]))
        process.look()
        luck = self.chance.random()
        if luck < self.options.broker:
            self.note("broker kill")
            subprocess.run([cluster.TOOL, "kill", cluster.FOLDER], check=True)
            subprocess.run([cluster.TOOL, "start", cluster.FOLDER], check=True,
                           stdout=subprocess.DEVNULL)
            self.note("broker is back")
            return
        luck -= self.options.broker
        if luck < self.options.zombie:
            self.note("zombie", process)
            process.signal(signal.SIGSTOP)
            self.pause(self.options.hang)
            process.signal(signal.SIGCONT)
            self.note("zombie goes on", process)
            return
        stop = luck < self.options.zombie + self.options.stop
        self.note("stop" if stop else "kill", process)
        process.end(signal.SIGTERM if stop else signal.SIGKILL)
        self.pause(self.chance.choice([0, 0, 0.3]))
        self.note("start", process)
        process.start()

    def note(self, what, process=None):
        """Counts what is done, and keeps when, in UTC as the processes' logs have it."""
        self.done[what] += 1
        now = datetime.datetime.now(datetime.timezone.utc)
        whom = "" if process is None else " " + os.path.basename(process.folder)
        with open(os.path.join(self.folder, "strikes"), "a", encoding="utf-8") as file:
            print(now.isoformat(timespec="milliseconds"), what + whom, file=file)

    def pause(self, seconds):
        threading.Event().wait(self.chance.uniform(0, seconds))

    def wait_for(self, expected):
        """Until that many different records are there."""
        until = time.monotonic() + PATIENCE_S
        found = set()
        consumer = confluent_kafka.Consumer({
            "bootstrap.servers": cluster.BROKERS, "group.id": "watcher",
            "enable.auto.commit": False, "auto.offset.reset": "earliest"})
        consumer.assign([confluent_kafka.TopicPartition(self.taken, p, 0)
                         for p in range(self.options.partitions)])
        while len(found) < expected:
            for message in consumer.consume(5000, 0.2):
                if message.error() is None:
                    found.add(message.value())
            for process in self.processes:
                process.look()
            if time.monotonic() > until:
                self.evidence.explain(self.taken, [(p, -1) for p in range(self.options.partitions)])
                raise AssertionError(f"{len(found)} of {expected} records came")
        consumer.close()

    def check(self):
        """What is there, record by record; the number of repeats. What the writer has written twice
        itself, as it may when the broker is killed, is not held against the pipeline."""
        repeats = self.count(self.given, False) if self.done["broker kill"] else 0
        if repeats:
            print(f"the writer's own client has written {repeats} records twice", file=sys.stderr)
        return self.count(self.taken, self.options.once, repeats) - repeats

    def count(self, topic, once, allowed=0):
        """Repeats in a topic in which every record must be, in order."""
        seen, first, again = collections.Counter(), {}, []
        for number, part in cluster.read(topic).items():
            for message in part:
                key, count = (int(x) for x in message.value().split(b":"))
                if count <= seen[key]:
                    again.append((number, first[key, count], message.offset(), key, count))
                    continue
                if count != seen[key] + 1:
                    self.evidence.explain(topic, [(number, message.offset())])
                assert count == seen[key] + 1, f"{topic}: key {key}: {count} follows {seen[key]}"
                seen[key] = count
                first[key, count] = message.offset()
        assert seen == self.writer.sent, f"{topic}: records are missing"
        if once and len(again) != allowed:
            self.evidence.explain(topic, [one[:3] for one in again])
        assert not once or len(again) == allowed, \
            f"{topic}: {len(again)} came again, as (partition, offset, the later one, key, " \
            f"count): {again[:20]}"
        return len(again)

    def close(self, keep):
        self.writer.over.set()
        for process in self.processes:
            if process.running is not None and process.running.poll() is None:
                process.running.kill()
                process.running.wait()
        if keep:
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=6)
    parser.add_argument("--rate", type=int, default=2000, help="records a second")
    parser.add_argument("--calm", type=float, default=3.0, help="longest pause between strikes, s")
    parser.add_argument("--hang", type=float, default=30.0, help="longest hang of a zombie, s")
    parser.add_argument("--zombie", type=float, default=0.03, help="how often, of all strikes")
    parser.add_argument("--stop", type=float, default=0.1, help="how often one is only stopped")
    parser.add_argument("--broker", type=float, default=0.03, help="how often the broker is killed")
    parser.add_argument("--static", action="store_true", help="members have names")
    parser.add_argument("--at-least-once", dest="once", action="store_false")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def run(arguments):
    trial = Trial(parse(arguments))
    failed = True
    try:
        result = trial.run()
        failed = False
        return result
    finally:
        trial.close(failed)


def run_job(kills, seed):
    """A job that keeps its positions itself, killed again and again: exactly once to its end."""
    chance, records = random.Random(seed), 200_000
    stem = f"job-{os.getpid()}-{seed}"
    given, taken = cluster.make_topic(stem + "-in", 3), cluster.make_topic(stem + "-out", 3)
    cluster.write(given, [{"value": str(i), "key": str(i % KEYS)} for i in range(records)])
    document = flow(given, taken, None, True, None)
    document["stages"][0]["config"]["follow"] = False
    document["execution"] = {"mode": "EXECUTION_MODE_JOB"}
    folder = tempfile.mkdtemp(prefix="penstock-kafka-job-")
    process, killed = Process(0, folder, document), 0
    while True:
        process.start()
        try:
            code = process.running.wait(chance.uniform(0.05, 0.5) if killed < kills else PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.end(signal.SIGKILL)
            killed += 1
            continue
        if code != 0:
            process.look()
        break
    assert killed > 0, "it was too quick to be killed"
    found = sorted(int(v) for v in cluster.values(taken))
    assert found == list(range(records)), f"{len(found)} of {records}, {len(set(found))} different"
    shutil.rmtree(folder, ignore_errors=True)
    return f"a job of {records} records, {killed} kills: each exactly once"


class Short(unittest.TestCase):
    """Some kills in each build; `tools/nightly kafka` has the many."""

    def test_a_job_with_positions_of_its_own_is_exactly_once_too(self):
        print(run_job(5, 5), file=sys.stderr)

    def test_exactly_once_under_kills_loses_nothing_and_repeats_nothing(self):
        print(run(["--kills", "6", "--processes", "2", "--static", "--calm", "1", "--zombie", "0",
                   "--broker", "0", "--seed", "3"]), file=sys.stderr)

    def test_at_least_once_under_kills_loses_nothing(self):
        print(run(["--kills", "6", "--processes", "2", "--static", "--calm", "1", "--zombie", "0",
                   "--broker", "0", "--seed", "4", "--at-least-once"]), file=sys.stderr)


if __name__ == "__main__":
    print(run(sys.argv[1:]))
