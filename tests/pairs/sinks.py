# SPDX-License-Identifier: Apache-2.0
"""What the pairs write, and who reads it afterwards.

Each has stage(); size(), which grows while something is delivered; and tracks(): what is there in
the end, in order, by a client that is not ours where there is one.
"""
import json
import os
import subprocess

from audit import delivery, key_of
from process import Wrong
from server import Server, Sink
from servers import PATIENCE_S

PARTITIONS = 2


class FileSink:
    server = None
    ids = repeats_when_cut = False

    def __init__(self, trial):
        self.path = os.path.join(trial.folder, "out.txt")

    def stage(self):
        return {"type": "file", "config": {"path": "out.txt", "append": True}}

    def size(self):
        return os.path.getsize(self.path) if os.path.exists(self.path) else 0

    def tracks(self):
        if not os.path.exists(self.path):
            return []
        with open(self.path, "rb") as file:
            data = file.read()
        return [[delivery(line) for line in data[:data.rfind(b"\n") + 1].decode().splitlines()]]


class KafkaSink:
    ids = repeats_when_cut = False

    def __init__(self, trial):
        self.server = trial.servers["kafka"]
        self.client = self.server.client
        self.topic = self.client.make_topic(trial.stem + "-out", PARTITIONS)
        self.watcher = self.client.confluent_kafka.Consumer({
            "bootstrap.servers": self.client.BROKERS, "group.id": "watcher"})

    def stage(self):
        return {"type": "kafka", "config": {"brokers": self.server.proxy.address,
                                            "topic": self.topic, "connect_timeout": "30s"}}

    def size(self):
        part = self.client.confluent_kafka.TopicPartition
        return self.server.patiently(lambda: sum(
            self.watcher.get_watermark_offsets(part(self.topic, p), PATIENCE_S)[1]
            for p in range(PARTITIONS)))

    def tracks(self):
        found = []
        for messages in self.server.patiently(lambda: self.client.read(self.topic)).values():
            found.append([delivery(message.value().decode()) for message in messages])
            check_keys(found[-1], [message.key().decode() for message in messages])
        return found


class JetStreamSink:
    """Where no proof is that places tell records apart, our map gives them ids, or nobody does."""

    def __init__(self, trial):
        self.server, self.stream = trial.servers["nats"], trial.stem + "-out"
        self.by_header = trial.source_name in ("kafka", "topic")
        self.ids = self.by_header or trial.source_name == "jetstream"
        self.repeats_when_cut = not self.ids
        self.server.ask(lambda client: client.make_stream(
            self.stream, [self.stream], duplicate_window=600 * 10**9))

    def stage(self):
        more = {"message_id": "header", "message_id_header": "Id"} if self.by_header else {}
        return {"type": "jetstream", "config": {
            "url": "nats://" + self.server.proxy.address, "subject": self.stream,
            "stream": self.stream, "connect_timeout": "30s", **more}}

    def size(self):
        return self.server.ask(lambda client: client.count(self.stream))

    def tracks(self):
        return [[delivery(payload.decode()) for payload in self.server.read(self.stream)]]


class TopicSink:
    server = None
    ids = repeats_when_cut = False

    def __init__(self, trial):
        self.trial = trial
        self.folder = os.path.join(trial.folder, "topics")

    def stage(self):
        return {"type": "topic", "config": {"topic": "out", "folder": "topics",
                                            "partitions": PARTITIONS, "segment_bytes": "64KiB"}}

    def size(self):
        return sum(os.path.getsize(os.path.join(folder, name))
                   for folder, _, names in os.walk(os.path.join(self.folder, "out"))
                   for name in names if name.endswith(".log"))

    def tracks(self):
        if not os.path.exists(os.path.join(self.folder, "out")):
            return []
        done = subprocess.run([self.trial.binary, "topic", "read", "out", "--folder", self.folder,
                               "--output", "json"], capture_output=True, text=True, check=False,
                              timeout=PATIENCE_S)
        if done.returncode != 0:
            raise Wrong(f"topic read: {done.stderr}")
        records = [json.loads(line) for line in done.stdout.splitlines()]
        found = [[r for r in records if r["partition"] == p] for p in range(PARTITIONS)]
        for track in found:
            check_keys([delivery(r["payload"]) for r in track], [r["key"] for r in track])
        return [[delivery(r["payload"]) for r in track] for track in found]


class HttpSink:
    server = None
    ids = repeats_when_cut = False  # what was not answered is counted one by one

    def __init__(self, trial):
        self.at = Server(trial.seed)
        self.taken = self.at.sinks["/out"] = Sink({"busy": 0.02, "drop": 0.005, "forget": 0.005})

    def stage(self):
        return {"type": "http_sink", "retry": {"initial": "5ms", "max": "100ms"},
                "config": {"url": f"http://127.0.0.1:{self.at.port}/out"}}

    def size(self):
        return len(self.taken.deliveries)

    def settle(self):
        self.at.settle()

    def tracks(self):
        with self.at.lock:
            taken = list(self.taken.deliveries)
        return [[delivery(line, one.answered) for one in taken for line in one.lines]]

    def close(self):
        self.at.close()


def check_keys(track, keys):
    for one, key in zip(track, keys):
        if key_of(one.payload) != key:
            raise Wrong(f"the key of {one} is {key}")


KINDS = {"file": FileSink, "kafka": KafkaSink, "jetstream": JetStreamSink, "topic": TopicSink,
         "http_sink": HttpSink}
