# SPDX-License-Identifier: Apache-2.0
"""Benchmarks of Kafka → filter → Kafka beside a bare loop of the same client; a real broker."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import measuring
from cases import rates
from measuring import alternate
from report import Bar, Outcome

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
PEERS = os.path.join(ROOT, "bench", "peers")
SERVER = os.path.join(ROOT, "tools", "servers", "kafka")
PARTITIONS = 4
SIZES = {100: 4_000_000, 315: 2_000_000}
PACED, RATE = 10_000, 1_000
SMALL = ("queued.max.messages.kbytes=32768", "out.queue.buffering.max.kbytes=65536")
LARGE = ("queued.max.messages.kbytes=2000000", "queued.min.messages=10000000",
         "out.queue.buffering.max.messages=10000000", "out.queue.buffering.max.kbytes=2000000")


class Broker:
    """A broker of its own, with a heap of a gigabyte."""

    def __init__(self, folder):
        self.folder = folder
        found = subprocess.run([SERVER, "start", folder], check=True, capture_output=True,
                               text=True, env={**os.environ, "KAFKA_HEAP": "1g"}).stdout
        self.at = dict(line.split("=", 1) for line in found.splitlines())["plain"]
        self.python = subprocess.run([SERVER, "python"], check=True, capture_output=True,
                                     text=True).stdout.strip()

    def client(self, *arguments):
        """kafka_client.py of this folder; the last line that it prints, read as JSON."""
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kafka_client.py")
        done = subprocess.run([self.python, script, self.at, *map(str, arguments)], check=True,
                              capture_output=True, text=True)
        return json.loads(done.stdout.splitlines()[-1]) if done.stdout else None

    def cpu_seconds(self):
        with open(os.path.join(self.folder, "pid"), encoding="utf-8") as file:
            return measuring.cpu_seconds(file.read().strip())

    def stop(self):
        subprocess.run([SERVER, "kill", self.folder], check=True)


def flow(at, given, taken, once, group):
    """A flow that filters as the bare loop does."""
    return {"name": group, "guarantee": "exactly_once" if once else "at_least_once",
            "stages": [
                {"name": "in", "type": "kafka", "threads": 1, "output_queue": "read",
                 "config": {"brokers": at, "topics": [given], "group": group}},
                {"name": "some", "type": "filter", "threads": 1, "input_queue": "read",
                 "output_queue": "kept", "config": {"expression": "id >= 0"}},
                {"name": "out", "type": "kafka", "threads": 1, "input_queue": "kept",
                 "config": {"brokers": at, "topic": taken}}],
            "queues": [{"name": "read", "capacity": 4096}, {"name": "kept", "capacity": 4096}]}


class Measured:
    """Figures of one contender. Rates are from the first record that it wrote to the last."""

    def __init__(self, bench, broker):
        self.bench, self.broker, self.runs = bench, broker, 0
        self.penstock = os.path.join(bench.build, "penstock")

    def fill(self, topic, records, size):
        """JSON records of that size, by a flow of ours."""
        self.broker.client("make", topic, PARTITIONS)
        pad = "x" * (size - len('{"id":,"pad":""}') - 7)
        file = self.write({"name": "fill", "execution": {"mode": "EXECUTION_MODE_JOB"}, "stages": [
            {"name": "made", "type": "generator", "threads": 1, "output_queue": "records",
             "config": {"count": records, "key": "{{random:1-1000}}",
                        "template": f'{{"id":{{{{n}}}},"pad":"{pad}"}}'}},
            {"name": "out", "type": "kafka", "threads": 1, "input_queue": "records",
             "config": {"brokers": self.broker.at, "topic": topic, "linger": "20ms"}}],
            "queues": [{"name": "records", "capacity": 4096}]})
        measuring.run([self.penstock, "run", "--no-state", "--output", "none", file])

    def write(self, text):
        file = self.bench.path("kafka.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump(text, out)
        return file

    def into_new_topic(self, records, work):
        """What work(topic, watch) returns, and the rate; watch() waits for all records there."""
        self.runs += 1
        taken = f"out-{os.getpid()}-{self.runs}"
        self.broker.client("make", taken, PARTITIONS)
        before = self.broker.cpu_seconds()
        try:
            seconds, figures = work(taken, lambda: self.broker.client("wait", taken, records))
        finally:
            self.broker.client("drop", taken)
        return {"rate": records / seconds, **figures,
                "broker_cpu": (self.broker.cpu_seconds() - before) * 1e6 / records}

    def endless(self, given, records, command_into):
        """A program that goes on until it is told to end."""
        def work(taken, watch):
            process = subprocess.Popen(command_into(given, taken), stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE)
            peak = measuring.PeakMemory(process.pid)
            complaint = []
            listener = threading.Thread(
                target=lambda: complaint.append(process.stderr.read().decode()))
            listener.start()
            try:
                seen = watch()
            finally:
                process.send_signal(signal.SIGTERM)
                listener.join()
                peak.join()
                _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in (0, 3, 143, -signal.SIGTERM):
                raise RuntimeError(complaint[0][-2000:])
            cpu = usage.ru_utime + usage.ru_stime
            return seen["seconds"], {"per_cpu": records / cpu, "peak": peak.mib}

        return self.into_new_topic(records, work)

    def ours(self, given, records, once):
        def command(given, taken):
            return [self.penstock, "run", "--no-state", "--output", "none",
                    self.write(flow(self.broker.at, given, taken, once, f"ours-{taken}"))]

        return self.endless(given, records, command)

    def bare(self, given, records, mode, *properties):
        def work(taken, watch):
            seen = {}
            watcher = threading.Thread(target=lambda: seen.update(watch()))
            watcher.start()
            run = measuring.run([self.bench.program("ceiling_kafka"), self.broker.at, given, taken,
                                 str(records), mode, *properties])
            watcher.join()
            return seen["seconds"], {"per_cpu": records / run.cpu_seconds, "peak": run.peak_mib}

        return self.into_new_topic(records, work)

    def latency(self, command_into, wait_s=5):
        """Milliseconds from the scheduled sending to the arrival behind the contender."""
        self.runs += 1
        given, taken = (f"paced-{way}-{os.getpid()}-{self.runs}" for way in ("in", "out"))
        for topic in (given, taken):
            self.broker.client("make", topic, PARTITIONS)
        process = subprocess.Popen(command_into(given, taken), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            time.sleep(wait_s)  # it joins its group
            return self.broker.client("paced", given, taken, PACED, RATE)
        finally:
            process.terminate()
            process.wait()


def served(bench, work):
    """With a broker of its own, in memory where that is possible: whatever a disk is busy with is
    nobody's merit."""
    if subprocess.run([SERVER, "install"], check=False, capture_output=True).returncode != 0:
        bench.say("  no broker can be had here: left out")
        return None
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = tempfile.mkdtemp(prefix="penstock-kafka-", dir=memory)
    try:
        broker = Broker(os.path.join(folder, "broker"))
        try:
            return work(Measured(bench, broker))
        finally:
            broker.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


COLUMNS = {"rate": "records/s", "per_cpu": "records per client CPU second", "peak": "peak MiB",
           "broker_cpu": "broker CPU s per million"}
ABOUT = (f"A topic of {PARTITIONS} partitions, filtered (all pass) into another; one broker on the "
         "same machine, its files on a file system in memory. ")


def kafka(bench):
    return served(bench, lambda of: throughput(bench, of))


def throughput(bench, of):
    tables, bars = [], []
    for size, records in SIZES.items():
        given = f"in-{size}"
        of.fill(given, records, size)
        of.bare(given, records, "plain", *SMALL)  # the broker is slow at first
        seen = alternate({
            f"bare loop, {size} B": lambda: of.bare(given, records, "plain", *LARGE),
            f"bare loop, 32 MiB, {size} B": lambda: of.bare(given, records, "plain", *SMALL),
            f"penstock at least once, {size} B": lambda: of.ours(given, records, False),
            f"bare loop, transactions of 100 ms, {size} B":
                lambda: of.bare(given, records, "transactions", *LARGE),
            f"bare loop, transactions of 100 ms, 32 MiB, {size} B":
                lambda: of.bare(given, records, "transactions", *SMALL),
            f"penstock exactly once, 100 ms, {size} B": lambda: of.ours(given, records, True),
        }, bench.rounds, bench.say)
        tables.append(rates(seen, seen, COLUMNS))
        large, small, least, large_once, small_once, once = (
            s["rate"].median for s in seen.values())
        bars += [Bar(f"Kafka at least once / bare loop, {size} B", least / max(large, small), 0.85),
                 Bar(f"Kafka exactly once / bare transactions, {size} B",
                     once / max(large_once, small_once), 0.8)]
    return Outcome(
        "Kafka",
        ABOUT + "The rate is from the first record that arrives to the last, seen by a third "
        "client. The bare loop is the same librdkafka, with local queues of any size or of "
        "32 MiB; a bar compares with the faster of the two.",
        tables, bars)


def kafka_latency(bench):
    return served(bench, lambda of: latency(bench, of))


def latency(bench, of):
    at = of.broker.at

    def bare(given, taken):
        return [bench.program("ceiling_kafka"), at, given, taken, "0", "latency"]

    def penstock(given, taken):
        return [of.penstock, "run", "--no-state", "--output", "none",
                of.write(flow(at, given, taken, False, f"ours-{taken}"))]

    for _ in range(2):  # the broker's virtual machine has to compile what it does now
        of.latency(bare)
        of.latency(penstock)
    seen = alternate({"bare loop": lambda: of.latency(bare),
                      "penstock": lambda: of.latency(penstock)}, bench.rounds, bench.say)
    bare, ours = seen.values()
    return Outcome(
        "Latency through Kafka",
        ABOUT + f"{RATE:,} records a second; from the scheduled sending to the arrival behind the "
        "flow, both in one program that is none of the contenders. The bare loop wakes on the "
        "first record. Four runs before these are not counted: the broker is slow at first.",
        [rates(seen, seen, {"p50": "p50 ms", "p99": "p99 ms"})],
        [Bar("Kafka at 1,000 records/s / bare loop, p50",
             ours["p50"].median / bare["p50"].median, 1.2, at_least=False),
         Bar("Kafka at 1,000 records/s / bare loop, p99",
             ours["p99"].median / bare["p99"].median, 1.5, at_least=False)])


def kafka_peers(bench):
    if not bench.peers:
        return None
    return served(bench, lambda of: beside_peers(bench, of))


def streams(bench, of, mode):
    def command(given, taken):
        return ["java", "-Xmx512m", "-cp",
                bench.path("streams/classes") + ":" + bench.path("streams/lib/*"),
                "StreamsFilter", of.broker.at, given, taken, mode, bench.path("streams.state")]

    return command


def bento(bench, of):
    def command(given, taken):
        return ["env", f"BROKERS={of.broker.at}", f"FROM={given}", f"TO={taken}",
                f"GROUP=bento-{taken}", bench.path("bento"), "-c",
                os.path.join(PEERS, "bento", "kafka.yaml")]

    return command


def beside_peers(bench, of):
    size, records, given = 100, SIZES[100], "in-100"
    contenders = {"penstock at least once": lambda: of.ours(given, records, False),
                  "penstock exactly once": lambda: of.ours(given, records, True)}
    asked = {}  # name: (beside whom, times its records per CPU second)

    def add(name, beside, times, command):
        contenders[name] = lambda: of.endless(given, records, command)
        asked[name] = (beside, times)

    if os.path.exists(bench.path("streams/classes/StreamsFilter.class")):
        add("Kafka Streams 4.3, at_least_once", "penstock at least once", 3,
            streams(bench, of, "at_least_once"))
        add("Kafka Streams 4.3, exactly_once_v2", "penstock exactly once", 3,
            streams(bench, of, "exactly_once_v2"))
    if os.path.exists(bench.path("bento")):
        add("Bento 1.20", "penstock at least once", 7, bento(bench, of))
    of.fill(given, records, size)
    for _ in range(2):  # the broker is slow at first
        of.bare(given, records, "plain", *SMALL)
    seen = alternate(contenders, bench.rounds, bench.say)
    bars = []
    for name, (beside, times) in asked.items():
        for key, what, limit in (("per_cpu", "records per client CPU second", times),
                                 ("rate", "records/s", 1)):
            bars.append(Bar(f"{beside} / {name}, {what}",
                            seen[beside][key].median / seen[name][key].median, limit))
    return Outcome(
        "Kafka beside other systems",
        ABOUT + f"{records:,} records of {size} bytes; commits every 100 ms; one task or thread "
        "each, Bento two. penstock and Bento filter by a member of the JSON, Kafka Streams by the "
        "first byte. CPU time is that of the whole process with its start.",
        [rates(seen, seen, COLUMNS)], bars)


CASES = {"kafka": kafka, "kafka_latency": kafka_latency, "kafka_peers": kafka_peers}
