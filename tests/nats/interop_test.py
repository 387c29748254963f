#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What clients that we did not write publish, the program passes on, and such clients read:
payloads byte by byte, headers, ids. Every writer with every reader, over JetStream and over plain
NATS."""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from nats_client import Client, Server  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.environ["PENSTOCK_BINARY"]
PEERS = os.environ["PENSTOCK_NATS_PEERS"]  # what tools/get_nats_peers fetched
PATIENCE_S = 120
PAYLOADS = [b"", b"plain", "grün 🜁".encode(), bytes(range(256)), b"line\r\nMSG a 1 0\r\n" * 3,
            b"x" * 100_000]
MESSAGES = [{"payload": base64.b64encode(payload).decode(),
             "headers": {} if i == 1 else {"X-Number": [str(i)], "traceparent": [f"00-{i}-01"]}}
            for i, payload in enumerate(PAYLOADS)]


def peers():
    found = {}
    python = os.path.join(PEERS, "venv", "bin", "python")
    if os.path.exists(python):
        found["nats-py"] = [python, os.path.join(HERE, "python_peer.py")]
    if os.path.exists(os.path.join(PEERS, "go_peer")):
        found["nats.go"] = [os.path.join(PEERS, "go_peer")]
    return found


@unittest.skipUnless(peers(), "no NATS clients here: run tools/get_nats_peers")
class Interop(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="penstock-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.server = Server(os.path.join(self.folder, "server"))
        self.addCleanup(self.server.close)

    def ask(self, peer, *words, given=""):
        return subprocess.run([*peer, self.server.url, *words], input=given, text=True, check=True,
                              stdout=subprocess.PIPE, timeout=PATIENCE_S).stdout

    def flow(self, kind, source, sink, **more):
        flow = {"name": "interop", "queues": [{"name": "q"}], **more, "stages": [
            {"name": "in", "type": kind, "output_queue": "q",
             "config": {"url": self.server.url, **source}},
            {"name": "out", "type": kind, "input_queue": "q",
             "config": {"url": self.server.url, **sink}}]}
        path = os.path.join(self.folder, "flow.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(flow, file)
        return path

    def compare(self, text, subject, ids):
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        self.assertEqual(len(lines), len(MESSAGES))
        for i, (wanted, got) in enumerate(zip(MESSAGES, lines)):
            self.assertEqual(got["payload"], wanted["payload"])
            self.assertEqual(got["subject"], subject)
            identity = got["headers"].pop("Nats-Msg-Id", None)
            self.assertEqual(identity is not None, ids, i)
            self.assertEqual(got["headers"], wanted["headers"], i)

    def test_streams_pass_from_every_client_to_every_other(self):
        given = "".join(json.dumps(message) + "\n" for message in MESSAGES)
        number = 0
        for writer, write in peers().items():
            for reader, read in peers().items():
                number += 1
                with self.subTest(writer=writer, reader=reader):
                    into, out = f"IN{number}", f"OUT{number}"
                    client = Client(self.server.url)
                    for name in (into, out):
                        client.make_stream(name, [name])
                    self.ask(write, "store", into, given=given)
                    path = self.flow("jetstream",
                                     {"stream": into, "follow": False, "subjects": [into]},
                                     {"subject": out}, execution={"mode": "job"})
                    subprocess.run([BINARY, "run", "--no-state", path], check=True,
                                   timeout=PATIENCE_S, stderr=subprocess.DEVNULL)
                    self.compare(self.ask(read, "read", out, str(len(MESSAGES))), out, True)
                    self.assertEqual(client.count(out), len(MESSAGES))
                    client.close()

    def test_plain_messages_pass_from_every_client_to_every_other(self):
        given = "".join(json.dumps(message) + "\n" for message in MESSAGES)
        path = self.flow("nats", {"subjects": ["from"]}, {"subject": "to"},
                         execution={"mode": "streaming"})
        program = subprocess.Popen([BINARY, "run", "--no-state", "--output", "json", path],
                                   stderr=subprocess.PIPE, text=True)
        try:
            for line in program.stderr:
                if line.startswith("{") and json.loads(line).get("state") == "running":
                    break
            for writer, write in peers().items():
                for reader, read in peers().items():
                    with self.subTest(writer=writer, reader=reader):
                        listener = subprocess.Popen(
                            [*read, self.server.url, "listen", "to", str(len(MESSAGES))],
                            stdout=subprocess.PIPE, text=True)
                        self.assertEqual(listener.stdout.readline(), "ready\n")
                        self.ask(write, "tell", "from", given=given)
                        heard, _ = listener.communicate(timeout=PATIENCE_S)
                        self.compare(heard, "to", False)
        finally:
            program.terminate()
            program.communicate(timeout=PATIENCE_S)


if __name__ == "__main__":
    unittest.main()
