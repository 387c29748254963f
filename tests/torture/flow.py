# SPDX-License-Identifier: Apache-2.0
"""Draws a flow from a seed: its file, and what must come out of it.

A stream is what travels in one queue: which sources' lines, chosen by which tests. Stages turn
streams into streams; every stream that is left over gets a sink. Streams that meet never have a
line in common, so that a sink gets every line once if nothing goes wrong.
"""
import random
import re

import load

RETRY = {"initial": "5ms", "max": "100ms"}


class Stream:
    def __init__(self, queue, sources, tests=(), joined=False):
        self.queue = queue
        self.sources = sources  # names
        self.tests = tests      # (pattern, whether it must match)
        self.joined = joined    # a record may hold several lines

    def takes(self, line):
        return all((re.search(pattern, line) is not None) == wanted
                   for pattern, wanted in self.tests)


class Output:
    """A sink, and what is expected of it."""

    def __init__(self, name, kind, stream, **more):
        self.name = name        # of the stage
        self.kind = kind        # "file" or "http"
        self.stream = stream
        self.what = more.get("what", "lines")  # "lines", "counts": "key<tab>n", or "words"
        self.dead = more.get("dead")           # the Output of its dead letters
        self.limited = more.get("limited", False)  # a line may become a dead letter for no fault
        self.letters = more.get("letters", False)  # it is the Output of dead letters
        self.exact = more.get("exact", False)      # counts: never more than were there
        self.final = more.get("final", False)      # counts: one a key


class Flow:
    """A drawn flow. `kind`: "job" (ends by itself), "stream", "exactly" (exactly once; both)."""

    def __init__(self, seed, folder, http_port, sink_port):
        self.seed = seed
        self.random = random.Random(seed)
        self.folder = folder
        self.http_port = http_port
        self.sink_port = sink_port
        self.stages = []
        self.queues = {}
        self.loads = {}
        self.outputs = []
        self.holding = False  # something keeps records past a barrier
        self.slow = False     # something takes milliseconds a record
        self.headers = {}     # source → the header that has the key of its lines
        self.faults = {}
        self.draw()

    # Parts of the file.

    def queue(self):
        name = f"q{len(self.queues)}"
        self.queues[name] = {"name": name, "capacity": self.random.choice([4, 32, 128, 2048])}
        return name

    def stage(self, kind, prefix, inputs, outputs, config, **more):
        name = f"{prefix}{len(self.stages)}"
        stage = {"name": name, "type": kind, **more}
        if len(inputs) == 1:
            stage["input_queue"] = inputs[0]
        elif inputs:
            stage["inputs"] = inputs
        if isinstance(outputs, dict):
            stage["outputs"] = outputs
        elif outputs:
            stage["output_queue"] = outputs
        if config:
            stage["config"] = config
        self.stages.append(stage)
        return name

    def key_of(self, stream):
        """A `key:` by which lines of a stream keep order, if there is one."""
        if stream.joined:
            return None
        headers = {self.headers[source] for source in stream.sources}
        return {"header": headers.pop()} if len(headers) == 1 else None

    def document(self):
        readers = {}
        for stage in self.stages:
            for queue in stage.get("inputs", [stage.get("input_queue")]):
                readers[queue] = readers.get(queue, 0) + 1
        for name, queue in self.queues.items():
            if readers.get(name, 0) > 1:
                queue["broadcast"] = True
        return {
            "name": "torture",
            "execution": {"mode": "streaming" if self.endless else "job"},
            "guarantee": "exactly_once" if self.kind == "exactly" else "at_least_once",
            "epoch_interval": self.epoch,
            "checkpoint_interval": self.checkpoint,
            "drain_timeout": "20s",
            "queues": list(self.queues.values()),
            "stages": self.stages,
        }

    # Drawing.

    def draw(self):
        rng = self.random
        self.kind = rng.choices(["job", "stream", "exactly"], [35, 40, 25])[0]
        self.endless = self.kind == "stream" or (self.kind == "exactly" and rng.random() < 0.8)
        self.epoch = rng.choice(["5ms", "20ms", "100ms"])
        self.checkpoint = rng.choice(["20ms", "100ms", "1s"]) if self.epoch != "100ms" else "200ms"
        self.poison = 0.002 if self.kind != "exactly" and rng.random() < 0.4 else 0
        sources = rng.randrange(1, 4 if self.endless else 3)
        streams = []
        for i in range(sources):
            if self.kind == "stream" and not self.has_clients() and rng.random() < 0.5:
                streams.append(self.http_source(f"h{i}"))
            else:
                streams.append(self.file_source(f"s{i}"))
        for _ in range(rng.randrange(1, 6)):
            self.grow(streams)
        for stream in streams:
            self.end(stream)
        for output in self.outputs:
            output.exact = self.kind == "exactly" or (
                not self.holding and not self.has_clients() and self.straight(output))

    def straight(self, output):
        """Its records come one way: barriers need no alignment for a snapshot to be that of one
        position."""
        return len(output.stream.sources) == 1 and \
            all(stage.get("threads", 1) == 1 for stage in self.stages)

    def has_clients(self):
        return any(isinstance(a_load, load.HttpLoad) for a_load in self.loads.values())

    def file_source(self, name):
        rng = self.random
        files = rng.randrange(1, 4)
        self.loads[name] = load.FileLoad(name, self.folder, files, rng.random(), self.poison)
        config = {"path": f"in/{name}_*.txt", "file_header": "key"}
        if self.endless:
            config.update(follow=True, follow_interval="5ms")
        threads = rng.choice([1, 1, 2])
        if threads > 1 and rng.random() < 0.5:
            config["range_bytes"] = rng.choice([65536, 200_000])
        self.headers[name] = "key"
        queue = self.queue()
        self.stage("file", name, [], queue, config, threads=threads)
        self.stages[-1]["name"] = name
        stream = Stream(queue, [name])
        if self.kind == "job" and rng.random() < 0.8:  # so that a job is not over at once
            paced = self.queue()
            self.stage("throttle", "pace", [queue], paced, {"rate": 8000})
            self.holding = True
            stream = Stream(paced, [name])
        return stream

    def http_source(self, name):
        rng = self.random
        self.loads[name] = load.HttpLoad(name, self.http_port, rng.randrange(2, 9),
                                         rng.choice([1, 5, 40]), rng.randrange(1 << 30),
                                         self.poison)
        self.headers[name] = "X-Key"
        queue = self.queue()
        self.stage("http", name, [], queue, {"port": self.http_port, "keep_headers": ["X-Key"],
                                             "answer_timeout": "15s"})
        self.stages[-1]["name"] = name
        return Stream(queue, [name])

    def grow(self, streams):
        """One more stage, somewhere."""
        rng = self.random
        if len(streams) > 5:
            return
        grown = ["pass", "route", "fan_out"]
        if len(streams) > 1:
            grown.append("fan_in")
        if self.kind != "exactly":
            grown += ["delay", "batch", "slow"]
        how = rng.choice(grown)
        stream = streams.pop(rng.randrange(len(streams)))
        if how == "fan_out":  # both branches read the same queue
            streams += [Stream(stream.queue, stream.sources, stream.tests, stream.joined)
                        for _ in range(2)]
            for branch in streams[-2:]:
                branch.queue = self.branch(branch)
        elif how == "route":
            streams += self.route(stream)
        elif how == "fan_in":
            streams.append(self.fan_in(stream, streams))
        elif how == "batch":
            streams.append(self.batch(stream))
        else:
            streams.append(self.pass_on(stream, how))

    def branch(self, stream):
        queue = self.queue()
        self.stage("noop_transform", "branch", [stream.queue], queue, {})
        return queue

    def pass_on(self, stream, how):
        rng = self.random
        queue = self.queue()
        kind, config = "noop_transform", {}
        if how == "delay":
            kind, config = "delay", {"duration": rng.choice(["5ms", "50ms", "300ms"])}
        elif how == "slow":
            self.slow = True
            config = {"delay_ms": 1}
        if how != "pass":
            self.holding = True
        more = {"threads": rng.choice([1, 2, 3])}
        key = self.key_of(stream)
        if key is not None and rng.random() < 0.6:
            more["key"] = key
        if rng.random() < 0.3:
            more["chain"] = False
        self.stage(kind, how, [stream.queue], queue, config, **more)
        return Stream(queue, stream.sources, stream.tests, stream.joined)

    def batch(self, stream):
        queue = self.queue()
        self.holding = True
        self.stage("batch", "batch", [stream.queue], queue,
                   {"records_max": self.random.randrange(2, 30),
                    "timeout": self.random.choice(["5ms", "50ms"])})
        joined = Stream(queue, stream.sources, stream.tests, True)
        if self.random.random() < 0.5:
            return joined
        queue = self.queue()
        self.stage("split", "split", [joined.queue], queue, {"by": "lines"})
        parted = Stream(queue, stream.sources, stream.tests, False)
        parted.joined = True  # its lines have lost their headers
        return parted

    def route(self, stream):
        if stream.joined:
            return [stream]
        pattern = self.random.choice([r"\|\d*[0-4]\|", r"\|\d*7\|", r"w1"])
        yes, no = self.queue(), self.queue()
        self.stage("route", "route", [stream.queue], {"yes": yes, "no": no},
                   {"cases": [{"match": {"regex": pattern}, "output": "yes"}], "otherwise": "no"})
        return [Stream(queue, stream.sources, (*stream.tests, (pattern, wanted)))
                for queue, wanted in ((yes, True), (no, False))]

    def fan_in(self, stream, streams):
        for i, other in enumerate(streams):
            if not set(other.sources) & set(stream.sources) and not other.tests and \
                    not stream.tests:
                streams.pop(i)
                queue = self.queue()
                self.stage("noop_transform", "join", [stream.queue, other.queue], queue, {},
                           threads=self.random.choice([1, 2]))
                return Stream(queue, stream.sources + other.sources, (),
                              stream.joined or other.joined)
        return stream

    # Ends of streams.

    def end(self, stream):
        rng = self.random
        key = self.key_of(stream)
        kinds = ["file", "file"]
        if self.kind != "exactly":
            kinds += ["http", "http"]
        if key is not None:
            kinds.append("count")
        if not stream.joined:
            kinds.append("words")
        kind = rng.choice(kinds)
        if kind == "http":
            self.http_sink(stream)
        elif kind == "file":
            self.file_sink(stream)
        else:
            self.count(stream, kind, key)

    def count(self, stream, kind, key):
        rng = self.random
        queue = stream.queue
        if kind == "words":
            queue = self.queue()
            self.stage("split", "split", [stream.queue], queue, {"by": "words"})
            key = "payload"
        counted = self.queue()
        final = not self.endless and rng.random() < 0.5
        self.stage("count", "count", [queue], counted, {"mode": "final" if final else "running"},
                   key=key, threads=rng.choice([1, 2]))
        self.file_sink(Stream(counted, stream.sources, stream.tests),
                       what="words" if kind == "words" else "counts", final=final)

    def file_sink(self, stream, **more):
        rng = self.random
        name = f"file{len(self.stages)}"
        threads = 1 if more.get("letters") else rng.choice([1, 1, 2])
        path = f"out/{name}" + ("-{task}" if threads > 1 else "")
        config = {"path": path + ".txt", "append": True}
        if self.kind == "exactly" or rng.random() < 0.3:
            config.update(path=path + "-{part}.txt", part_bytes=rng.choice([3000, 200000]))
        if self.kind == "exactly":  # what is in a part that goes on growing is not there yet
            config["part_interval"] = "150ms"
        stage = {"threads": threads}
        key = self.key_of(stream) if more.get("what") is None and not more.get("letters") else None
        if more.get("what") is not None:
            key = "record_key"
        if threads > 1 and key is not None:
            stage["key"] = key
        self.stage("file", "file", [stream.queue], None, config, **stage)
        self.outputs.append(Output(name, "file", stream, **more))
        return self.outputs[-1]

    def http_sink(self, stream):
        rng = self.random
        self.holding = True
        name = f"http{len(self.stages)}"
        config = {"url": f"http://127.0.0.1:{self.sink_port}/{name}", "timeout": "5s",
                  "framing": rng.choice(["ndjson", "ndjson", "record"]),
                  "batch_records_max": rng.choice([1, 20, 500]),
                  "requests_max": rng.choice([1, 1, 1, 3])}
        alone = config["framing"] == "record" or config["batch_records_max"] == 1
        self.slow = self.slow or alone
        stage = {"retry": dict(RETRY), "threads": rng.choice([1, 1, 2])}
        key = self.key_of(stream)
        if key is not None and rng.random() < 0.7:
            stage["key"] = key
        if rng.random() < 0.2:
            self.queues[stream.queue]["ordering"] = "none"
        limited = rng.random() < 0.3
        dead = None
        if self.poison > 0 or limited:
            letters = self.queue()
            stage["dead_letter"] = letters
        if limited:
            stage["retry"]["max_attempts"] = 3
        self.stage("http", "http", [stream.queue], None, config, **stage)
        if self.poison > 0 or limited:
            dead = self.file_sink(Stream(letters, stream.sources, stream.tests, True), letters=True)
        self.faults[name] = {"busy": rng.choice([0, 0.05, 0.3]), "drop": 0.02, "forget": 0.02,
                             "slow": rng.choice([0, 0.05, 0.3])}
        self.outputs.append(Output(name, "http", stream, dead=dead, limited=limited))
