# SPDX-License-Identifier: Apache-2.0
"""Benchmarks of Kafka → filter → Kafka beside a bare loop of the same client; a real broker."""
import json
import os
import signal
import subprocess
import threading
import time

import measuring
from cases import rates
from measuring import alternate
from report import Bar, Outcome

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
SERVER = os.path.join(ROOT, "tools", "servers", "kafka")
PARTITIONS = 4
SIZES = {100: 4_000_000, 315: 2_000_000}
PACED, RATE = 20_000, 1_000


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

    def stop(self):
        subprocess.run([SERVER, "kill", self.folder], check=True)
        subprocess.run(["rm", "-rf", self.folder], check=True)


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
    """Rates of one contender, from the first record that it read to the last that it wrote."""

    def __init__(self, bench, broker):
        self.bench, self.broker, self.runs = bench, broker, 0
        self.penstock = os.path.join(bench.build, "penstock")

    def fill(self, topic, records, size):
        """JSON records of that size, by a flow of ours."""
        self.broker.client("make", topic, PARTITIONS)
        if self.broker.client("ends", topic) >= records:
            return
        pad = "x" * (size - len('{"id":,"pad":""}') - 7)
        file = self.bench.path("kafka.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"name": "fill", "execution": {"mode": "EXECUTION_MODE_JOB"}, "stages": [
                {"name": "made", "type": "generator", "threads": 1, "output_queue": "records",
                 "config": {"count": records, "key": "{{random:1-1000}}",
                            "template": f'{{"id":{{{{n}}}},"pad":"{pad}"}}'}},
                {"name": "out", "type": "kafka", "threads": 1, "input_queue": "records",
                 "config": {"brokers": self.broker.at, "topic": topic, "linger": "20ms"}}],
                "queues": [{"name": "records", "capacity": 4096}]}, out)
        measuring.run([self.penstock, "run", "--no-state", "--output", "none",
                       file])

    def ours(self, given, taken, records, once):
        self.runs += 1
        group = f"ours-{os.getpid()}-{self.runs}"
        file = self.bench.path("kafka.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump(flow(self.broker.at, given, taken, once, group), out)
        before = self.broker.client("ends", taken)
        peak = None
        process = subprocess.Popen([self.penstock, "run", "--no-state",
                                    "--output", "none", file], stderr=subprocess.PIPE)
        peak = measuring.PeakMemory(process.pid)
        seen = self.broker.client("wait", taken, before + records)
        process.send_signal(signal.SIGTERM)
        complaint = process.stderr.read().decode()
        peak.join()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):
            raise RuntimeError(complaint)
        return {"rate": records / seen["seconds"], "peak": peak.mib,
                "per_cpu": records / (usage.ru_utime + usage.ru_stime)}

    def bare(self, given, taken, records, mode):
        before = self.broker.client("ends", taken)
        watch = {}
        watcher = threading.Thread(
            target=lambda: watch.update(self.broker.client("wait", taken, before + records)))
        watcher.start()
        run = measuring.run([self.bench.program("ceiling_kafka"), self.broker.at, given, taken,
                             str(records), mode, "queued.max.messages.kbytes=32768"])
        watcher.join()
        return {"rate": records / watch["seconds"], "peak": run.peak_mib,
                "per_cpu": records / run.cpu_seconds}

    def latency(self, command, given, taken):
        """Milliseconds from the scheduled sending to the arrival behind the contender."""
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(5)  # it joins its group
        found = self.broker.client("paced", given, taken, PACED, RATE)
        process.terminate()
        process.wait()
        return found


def kafka(bench):
    if subprocess.run([SERVER, "install"], check=False, capture_output=True).returncode != 0:
        bench.say("  no broker can be had here: left out")
        return None
    broker = Broker(bench.path("kafka-broker"))
    try:
        return measured(bench, broker)
    finally:
        broker.stop()


def measured(bench, broker):
    tables, bars, all_of = [], [], Measured(bench, broker)
    for size, records in SIZES.items():
        given = f"in-{size}"
        all_of.fill(given, records, size)
        taken = f"out-{size}"
        broker.client("make", taken, PARTITIONS)
        seen = alternate({
            f"bare loop, {size} B": lambda: all_of.bare(given, taken, records, "plain"),
            f"penstock at least once, {size} B":
                lambda: all_of.ours(given, taken, records, False),
            f"bare loop, transactions of 100 ms, {size} B":
                lambda: all_of.bare(given, taken, records, "transactions"),
            f"penstock exactly once, 100 ms, {size} B":
                lambda: all_of.ours(given, taken, records, True),
        }, bench.rounds, bench.say)
        tables.append(rates(seen, seen, {"rate": "records/s", "per_cpu": "records per CPU second",
                                         "peak": "peak MiB"}))
        bare, least, bare_once, once = (s["rate"].median for s in seen.values())
        bars += [Bar(f"at least once / bare loop, {size} B", least / bare, 0.85),
                 Bar(f"exactly once / bare transactions, {size} B", once / bare_once, 0.8)]
    broker.client("make", "paced-in", PARTITIONS)
    broker.client("make", "paced-out", PARTITIONS)
    file = bench.path("kafka.json")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(flow(broker.at, "paced-in", "paced-out", False, f"paced-{os.getpid()}"), out)
    seen = alternate({
        "bare loop": lambda: all_of.latency(
            [bench.program("ceiling_kafka"), broker.at, "paced-in", "paced-out", "0", "latency"],
            "paced-in", "paced-out"),
        "penstock": lambda: all_of.latency(
            [all_of.penstock, "run", "--no-state", "--output", "none", file],
            "paced-in", "paced-out"),
    }, bench.rounds, bench.say)
    tables.append(rates(seen, seen, {"p50": "p50 ms", "p99": "p99 ms"}))
    bare, ours = seen.values()
    bars += [Bar("latency at 1,000 records/s / bare loop, p50",
                 ours["p50"].median / bare["p50"].median, 1.2, at_least=False),
             Bar("latency at 1,000 records/s / bare loop, p99",
                 ours["p99"].median / bare["p99"].median, 1.5, at_least=False)]
    return Outcome(
        "Kafka",
        f"A topic of {PARTITIONS} partitions, filtered (all pass) into another, with the broker on "
        "the same machine. The rate is from the first record that arrives to the last, seen by a "
        "third client. The bare loop is the same librdkafka with the same settings and a local "
        "queue of 32 MiB. Latency is from the scheduled sending to the arrival behind the flow.",
        tables, bars)


CASES = {"kafka": kafka}
