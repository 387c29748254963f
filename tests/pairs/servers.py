# SPDX-License-Identifier: Apache-2.0
"""The real servers of a lane, each behind a proxy through which the pipeline reaches it."""
import base64
import importlib
import json
import os
import subprocess
import sys
import time

import nats_client
from proxy import Proxy

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "..")
PEERS = os.path.join(SOURCE, "build", "nats_peers", "venv", "bin", "python")
PATIENCE_S = 120


class Kafka:
    """A broker; `client` is tests/kafka's module of it, once there is one."""

    TOOL = os.path.join(SOURCE, "tools", "servers", "kafka")

    def __init__(self, folder):
        self.folder, self.proxy = folder, Proxy()
        self.start(KAFKA_PROXY=self.proxy.address, KAFKA_HEAP="384m",
                   BROKER_OPTIONS="group.min.session.timeout.ms=500")
        with open(os.path.join(folder, "addresses"), encoding="utf-8") as file:
            at = dict(line.strip().split("=", 1) for line in file)
        host, port = at["proxied"].split(":")
        self.proxy.target = host, int(port)
        os.environ.update(KAFKA_FOLDER=folder, PENSTOCK_SOURCE=SOURCE)
        sys.path.insert(0, os.path.join(HERE, "..", "kafka"))
        self.client = importlib.import_module("cluster")
        self.producer = self.client.confluent_kafka.Producer({
            "bootstrap.servers": at["plain"], "enable.idempotence": True, "linger.ms": 2,
            "partitioner": "murmur2_random", "message.timeout.ms": 1000 * PATIENCE_S})

    def start(self, **more):
        subprocess.run([self.TOOL, "start", self.folder], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, **more}, timeout=PATIENCE_S)

    def kill(self):
        subprocess.run([self.TOOL, "kill", self.folder], check=True, timeout=PATIENCE_S)

    def patiently(self, question):
        """question(), also from a broker that has only just begun again."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return question()
            except self.client.confluent_kafka.KafkaException:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def close(self):
        self.proxy.close()
        self.kill()


class Nats:
    """A server with JetStream."""

    def __init__(self, folder):
        self.proxy = Proxy()
        self.server = nats_client.Server(folder)
        host, port = self.server.url.split("://")[1].split(":")
        self.proxy.target = host, int(port)

    def start(self):
        self.server.run("start")

    def kill(self):
        self.server.run("kill")

    def close(self):
        self.proxy.close()
        self.server.close()

    def ask(self, question):
        """question(client), by a connection of its own past the proxy; also asked again of a server
        that has only just begun again."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                client = nats_client.Client(self.server.url)
                try:
                    return question(client)
                finally:
                    client.close()
            except nats_client.Lost:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def read(self, stream):
        """The payloads of a stream in its order, by the public Python client where it is there."""
        if not os.path.exists(PEERS):
            return self.ask(lambda client: [m.payload for m in client.read(stream)])
        count = self.ask(lambda client: client.count(stream))
        done = subprocess.run(
            [PEERS, os.path.join(HERE, "..", "nats", "python_peer.py"), self.server.url, "read",
             stream, str(count)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True,
            timeout=PATIENCE_S)
        return [base64.b64decode(json.loads(line)["payload"]) for line in done.stdout.splitlines()]
