# SPDX-License-Identifier: Apache-2.0
"""What the pairs read: how records get in, and what a restart finds committed.

Each has config() for its stage; write(), which returns when the records are there for good;
places(), where each record is, by a client that is not ours where there is one; and committed(),
which asks whoever keeps the position (the broker, the server, the state folder) and gives a
function: place → whether it was committed.
"""
import collections
import json
import os
import re
import subprocess

from audit import key_of
from process import Commits
from servers import PATIENCE_S

PARTITIONS = 3


class FileSource:
    server = None
    ends = True  # without `follow` it comes to an end of its own

    def __init__(self, trial):
        self.path = os.path.join(trial.folder, "in.txt")
        self.tasks, self.trial = 1, trial
        open(self.path, "wb").close()

    def stage(self, follow):
        return {"type": "file", "config": {"path": "in.txt", "framing": "lines", "follow": follow}}

    def write(self, payloads):
        with open(self.path, "ab") as file:
            file.write("".join(payload + "\n" for payload in payloads).encode())

    def places(self):
        found, at = collections.defaultdict(list), 0
        with open(self.path, "rb") as file:
            for line in file:
                found[line.decode().rstrip("\n")].append(at)
                at += len(line)
        return found

    def committed(self):
        commits = Commits(self.trial.pipeline.positions())
        return lambda at: commits.covers("in.txt", at)


class KafkaSource:
    ends = False

    def __init__(self, trial):
        self.server, self.trial = trial.servers["kafka"], trial
        self.client = self.server.client
        self.topic = self.client.make_topic(trial.stem + "-in", PARTITIONS)
        self.part = self.client.confluent_kafka.TopicPartition
        self.asker = self.client.confluent_kafka.Consumer({  # joins nothing, only asks
            "bootstrap.servers": self.client.BROKERS, "group.id": trial.stem,
            "enable.auto.commit": False})
        self.tasks = trial.random.choice([1, 2])
        short = trial.options.short  # a busy machine shall not part the group
        self.static = trial.random.random() < 0.5 or short
        self.session = "20s" if short else "2s"

    def stage(self, _):
        config = {"brokers": self.server.proxy.address, "topics": [self.topic],
                  "group": self.trial.stem, "session_timeout": self.session, "revoke_timeout": "5s",
                  "connect_timeout": "30s"}
        if self.static:
            config["group_instance"] = "one"
        return {"type": "kafka", "threads": self.tasks, "config": config}

    def write(self, payloads):
        producer = self.server.producer
        for payload in payloads:
            producer.produce(self.topic, key=key_of(payload), value=payload)
        if producer.flush(PATIENCE_S):
            raise TimeoutError("the broker did not take the records")

    def places(self):
        found = collections.defaultdict(list)
        read = self.server.patiently(lambda: self.client.read(self.topic))
        for partition, messages in read.items():
            for message in messages:
                found[message.value().decode()].append((partition, message.offset()))
        return found

    def committed(self):
        """What the broker has for the group, or the state folder, whichever is further."""
        asked = [self.part(self.topic, p) for p in range(PARTITIONS)]
        found = self.server.patiently(lambda: self.asker.committed(asked, PATIENCE_S))
        next_one = {part.partition: part.offset for part in found}
        for position in self.trial.pipeline.positions():
            partition = int(position["partition"].rpartition("/")[2])
            at = int(re.match(r"\d+", position["position"])[0])
            next_one[partition] = max(at, next_one.get(partition, 0))
        return lambda place: place[1] < next_one.get(place[0], 0)


class JetStreamSource:
    ends = True

    def __init__(self, trial):
        self.server, self.trial, self.tasks = trial.servers["nats"], trial, 1
        self.stream = trial.stem + "-in"
        self.pending = trial.random.choice([200, 2000, 20000])
        self.server.ask(lambda client: client.make_stream(
            self.stream, [self.stream], duplicate_window=120 * 10**9))

    def stage(self, follow):
        return {"type": "jetstream", "config": {
            "url": "nats://" + self.server.proxy.address, "stream": self.stream,
            "consumer": "pipe", "alone": True, "ack_wait": "1s", "max_ack_pending": self.pending,
            "follow": follow, "connect_timeout": "30s"}}

    def write(self, payloads):
        """Again, by ids, until the stream has acknowledged them all."""
        given = [(payload, payload.encode()) for payload in payloads]
        self.server.ask(lambda client: collections.deque(client.store(self.stream, given), 0))

    def places(self):
        found = collections.defaultdict(list)
        for number, payload in enumerate(self.server.read(self.stream)):
            found[payload.decode()].append(number + 1)
        return found

    def committed(self):
        answer = self.server.ask(
            lambda client: client.api(f"CONSUMER.INFO.{self.stream}.pipe"))
        floor = answer["ack_floor"]["stream_seq"] if "ack_floor" in answer else 0
        return lambda number: number <= floor


class TopicSource:
    server = None
    ends = True

    def __init__(self, trial):
        self.trial, self.tasks = trial, trial.random.choice([1, 2])
        self.run("create", "--partitions", str(PARTITIONS), "--segment-bytes", "64KiB")

    def run(self, what, *options, given=None):
        done = subprocess.run(
            [self.trial.binary, "topic", what, "in", "--folder", self.trial.folder + "/topics",
             *options], input=given, capture_output=True, text=True, check=True,
            timeout=PATIENCE_S)
        return done.stdout

    def stage(self, follow):
        return {"type": "topic", "threads": self.tasks, "config": {
            "topic": "in", "folder": "topics", "group": "pairs", "follow": follow}}

    def write(self, payloads):
        self.run("write", "--key", ">",
                 given="".join(f"{key_of(payload)}>{payload}\n" for payload in payloads))

    def places(self):
        found = collections.defaultdict(list)
        for line in self.run("read", "--output", "json").splitlines():
            record = json.loads(line)
            found[record["payload"]].append((record["partition"], record["offset"]))
        return found

    def committed(self):
        next_one = {int(p["partition"]): int(p["position"].split("/")[0])
                    for p in self.trial.pipeline.positions()}
        return lambda place: place[1] < next_one.get(place[0], 0)


KINDS = {"file": FileSource, "kafka": KafkaSource, "jetstream": JetStreamSource,
         "topic": TopicSource}
