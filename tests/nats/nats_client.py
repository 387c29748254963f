# SPDX-License-Identifier: Apache-2.0
"""A few words of the NATS protocol, for tests: publish, request, and read a stream."""
import collections
import itertools
import json
import os
import socket
import subprocess

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/servers/nats")
Message = collections.namedtuple("Message", "subject reply headers payload")


class Lost(Exception):
    """The connection is over."""


class Server:
    """A server of a test's own, in a folder."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.options = options
        self.url = self.run("start", *options).strip()

    def run(self, *arguments):
        return subprocess.run([TOOL, arguments[0], self.folder, *arguments[1:]], check=True,
                              stdout=subprocess.PIPE, text=True, timeout=120).stdout

    def restart(self, how="kill"):
        self.run(how)
        self.run("start", *self.options)

    def close(self):
        self.run("kill")


class Client:
    """One connection; one thread."""

    def __init__(self, url, timeout=10):
        host, port = url.split("://")[1].split(":")
        try:
            self.socket = socket.create_connection((host, int(port)), timeout)
        except OSError as error:
            raise Lost(str(error)) from error
        self.file = self.socket.makefile("rb")
        self.inbox = "_INBOX." + os.urandom(8).hex()
        self.numbers = itertools.count(1)
        self.waiting = {}  # answers
        self.early = collections.deque()  # what is being read and came before the answer
        self.line()  # INFO
        self.send(b'CONNECT {"verbose":false,"headers":true,"no_responders":true,'
                  b'"protocol":1}\r\nSUB %s.* 1\r\n' % self.inbox.encode())

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Lost(str(error)) from error

    def line(self):
        try:
            line = self.file.readline()
        except OSError as error:
            raise Lost(str(error)) from error
        if not line.endswith(b"\r\n"):
            raise Lost("end of connection")
        return line[:-2].decode()

    def next(self):
        """The next message."""
        while True:
            words = self.line().split(" ")
            if words[0] == "PING":
                self.send(b"PONG\r\n")
            elif words[0] == "-ERR":
                raise Lost(" ".join(words))
            elif words[0] in ("MSG", "HMSG"):
                return self.message(words)

    def message(self, words):
        sizes = 2 if words[0] == "HMSG" else 1
        total = int(words[-1])
        try:
            data = self.file.read(total + 2)
        except OSError as error:
            raise Lost(str(error)) from error
        if len(data) < total + 2:
            raise Lost("end of connection")
        header_size = int(words[-2]) if sizes == 2 else 0
        reply = words[3] if len(words) == 4 + sizes else ""
        headers = {}
        lines = data[:header_size].decode().split("\r\n")
        if header_size and " " in lines[0]:
            headers["Status"] = lines[0].split(" ")[1]
        for line in lines[1:]:
            if ":" in line:
                name, value = line.split(":", 1)
                headers[name] = value.strip()
        return Message(words[1], reply, headers, data[header_size:total])

    def publish(self, subject, payload, headers=None, reply=""):
        """Without waiting."""
        reply = reply + " " if reply else ""
        if headers:
            block = "NATS/1.0\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n"
            head = f"HPUB {subject} {reply}{len(block)} {len(block) + len(payload)}\r\n{block}"
        else:
            head = f"PUB {subject} {reply}{len(payload)}\r\n"
        self.send(head.encode() + payload + b"\r\n")

    def ask(self, subject, body=b"", headers=None):
        """Publishes with an inbox of its own; answer() gives what came back."""
        number = f"{self.inbox}.{next(self.numbers)}"
        self.publish(subject, body, headers, number)
        return number

    def answer(self, number):
        while number not in self.waiting:
            message = self.next()
            if message.subject.startswith(self.inbox):
                self.waiting[message.subject] = message
            else:
                self.early.append(message)
        return self.waiting.pop(number)

    def api(self, subject, **body):
        answer = self.answer(self.ask("$JS.API." + subject, json.dumps(body).encode()))
        if answer.headers.get("Status") == "503":
            raise Lost("JetStream is not there")
        return json.loads(answer.payload)

    def make_stream(self, name, subjects, **more):
        answer = self.api("STREAM.CREATE." + name, name=name, subjects=subjects, storage="file",
                          max_consumers=-1, max_msgs=-1, max_bytes=-1, **more)
        if "error" in answer:
            raise RuntimeError(answer["error"]["description"])

    def count(self, stream):
        return self.api("STREAM.INFO." + stream)["state"]["messages"]

    def store(self, subject, messages, window=500):
        """Publishes (id, payload) to a stream; only what is acknowledged counts. Yields ids."""
        asked = collections.deque()
        for identity, payload in messages:
            asked.append((identity, self.ask(subject, payload, {"Nats-Msg-Id": identity})))
            if len(asked) >= window:
                yield self.stored(*asked.popleft())
        while asked:
            yield self.stored(*asked.popleft())

    def stored(self, identity, number):
        answer = self.answer(number)
        if not answer.payload or b'"error"' in answer.payload:
            raise Lost(f"not stored: {answer.payload!r}")
        return identity

    def read(self, stream):
        """All messages of a stream, from its first on."""
        total = self.count(stream)
        inbox = "_READ." + os.urandom(8).hex()
        self.send(f"SUB {inbox} 2\r\n".encode())
        answer = self.api("CONSUMER.CREATE." + stream, stream_name=stream, config={
            "deliver_subject": inbox, "ack_policy": "none", "deliver_policy": "all"})
        if "error" in answer:
            raise RuntimeError(answer["error"]["description"])
        for _ in range(total):
            yield self.early.popleft() if self.early else self.next()
        self.send(b"UNSUB 2\r\n")
