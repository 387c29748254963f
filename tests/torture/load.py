# SPDX-License-Identifier: Apache-2.0
"""What is fed to a flow: files that are there or grow, and clients that POST until they are heard.

A record is one line, "source|key|number|extra word word": unique by its first three parts. Numbers
of a key ascend. The words are for stages that count.
"""
import http.client
import os
import random
import threading
import time

from server import POISON

WORDS = 40


def make_line(rng, source, key, number, poison):
    extra = POISON if poison > 0 and rng.random() < poison else "x" * rng.randrange(40)
    return f"{source}|{key}|{number:07d}|{extra} w{rng.randrange(WORDS)} w{rng.randrange(WORDS)}"


def line_key(line):
    """(source, key) of a line: what order is promised for."""
    source, key, _ = line.split("|", 2)
    return source, key


def line_number(line):
    return int(line.split("|", 3)[2])


class FileLoad:
    """Files of lines; each file is a key. `rate` > 0: they grow by so many lines a second."""

    def __init__(self, name, folder, files, seed, poison):
        self.name = name
        self.random = random.Random(seed)
        self.poison = poison
        self.paths = [f"in/{name}_{i}.txt" for i in range(files)]
        self.folder = folder
        self.lines = {}  # line → (path, offset of its first byte)
        self.sizes = [0] * files
        self.numbers = [0] * files
        self.stopping = threading.Event()
        self.thread = None
        os.makedirs(os.path.join(folder, "in"), exist_ok=True)
        for path in self.paths:
            with open(os.path.join(folder, path), "w", encoding="utf-8"):
                pass

    def write(self, count):
        """Appends `count` lines, to files by chance. A line may become whole only later."""
        chunks = [[] for _ in self.paths]
        for _ in range(count):
            i = self.random.randrange(len(self.paths))
            line = make_line(self.random, self.name, i, self.numbers[i], self.poison)
            self.numbers[i] += 1
            self.lines[line] = (self.paths[i], self.sizes[i])
            self.sizes[i] += len(line) + 1
            chunks[i].append(line + "\n")
        for path, chunk in zip(self.paths, chunks):
            data = "".join(chunk)
            cut = self.random.randrange(len(data) + 1)
            with open(os.path.join(self.folder, path), "a", encoding="utf-8") as file:
                file.write(data[:cut])
                file.flush()
                file.write(data[cut:])

    def start(self, rate):
        def grow():
            while not self.stopping.wait(0.02):
                self.write(max(1, int(rate * 0.02)))

        self.thread = threading.Thread(target=grow, daemon=True)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        if self.thread is not None:
            self.thread.join()

    def sent(self):
        """The lines that must be delivered."""
        return self.lines.keys()

    def offered(self):
        """The lines that may be delivered."""
        return self.lines.keys()


class HttpLoad:
    """Clients that POST lines to a source and send the same again until they are answered 2xx."""

    def __init__(self, name, port, clients, lines_max, seed, poison):
        self.name = name
        self.port = port
        self.clients = clients
        self.lines_max = lines_max  # in one request
        self.seed = seed
        self.poison = poison
        self.lock = threading.Lock()
        self.answered = {}  # line → True; in order
        self.tried = {}     # line → attempts
        self.refused = []   # answers that no client should get
        self.stopping = threading.Event()
        self.threads = []

    def start(self, rate):
        """Clients go as fast as they are answered, whatever the rate."""
        del rate
        for key in range(self.clients):
            thread = threading.Thread(target=self.client, args=(key,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def client(self, key):
        rng = random.Random(self.seed * 1000 + key)
        number = 0
        connection = None
        while not self.stopping.is_set():
            lines = []
            for _ in range(rng.randrange(self.lines_max) + 1):
                lines.append(make_line(rng, self.name, key, number, self.poison))
                number += 1
            while True:
                with self.lock:
                    for line in lines:
                        self.tried[line] = self.tried.get(line, 0) + 1
                connection, status = self.post(connection, key, lines)
                if status is not None and 200 <= status < 300:
                    with self.lock:
                        self.answered.update(dict.fromkeys(lines, True))
                    break
                if status is not None and status not in (429, 503, 504):
                    self.refused.append(status)
                if self.stopping.wait(0.01):
                    return
        if connection is not None:
            connection.close()

    def post(self, connection, key, lines):
        """(the connection to use next, the status or None if there was no answer)."""
        try:
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            headers = {"X-Key": f"{self.name}-{key}", "Content-Type": "application/x-ndjson"}
            connection.request("POST", "/", "\n".join(lines), headers)
            response = connection.getresponse()
            response.read()
            return connection, response.status
        except (OSError, http.client.HTTPException):
            if connection is not None:
                connection.close()
            return None, None

    def stop(self):
        """Clients give up at their next failure; what was answered by then counts."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def sent(self):
        return self.answered.keys()

    def offered(self):
        return self.tried.keys()


def wait_until(ready, patience_s, progress=lambda: None):
    """False if ready() has not become true, nor progress() changed, for so many seconds."""
    seen = progress()
    end = time.monotonic() + patience_s
    while not ready():
        if time.monotonic() > end:
            now = progress()
            if now == seen:
                return False
            seen = now
            end = time.monotonic() + patience_s
        time.sleep(0.05)
    return True
