# SPDX-License-Identifier: Apache-2.0
"""Compares what a flow's sinks got with what its sources were given."""
import collections
import glob
import os
import re

import load
from process import Wrong


class Chunk:
    """Lines that a sink got in one go, in order."""

    def __init__(self, track, incarnation, lines, answered=True):
        self.track = track  # where order is kept: a task's file, a server's path
        self.incarnation = incarnation
        self.lines = lines
        self.answered = answered


def natural(path):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path)]


class Outbox:
    """The files that sinks write, cut at the ends of the processes that wrote them."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "out")
        self.marks = []  # by incarnation: path → bytes that are there as complete lines

    def paths(self):
        return sorted(glob.glob(os.path.join(self.folder, "*.txt")), key=natural)

    def bytes(self):
        return sum(os.path.getsize(path) for path in self.paths())

    def mark(self, shrinks):
        """The process that wrote is gone."""
        sizes = {}
        for path in self.paths():
            with open(path, "rb") as file:
                data = file.read()
            sizes[path] = data.rfind(b"\n") + 1
            before = self.marks[-1].get(path, 0) if self.marks else 0
            if sizes[path] < before and not shrinks:
                raise Wrong(f"{path} had {before} bytes of complete lines and has {sizes[path]}")
        self.marks.append(sizes)

    def chunks(self, output, by_incarnation):
        for path in self.paths():
            name = os.path.basename(path)
            if not re.match(re.escape(output.name) + r"[-.]", name):
                continue
            with open(path, "rb") as file:
                data = file.read()
            track = re.sub(r"-\d+\.txt$", "", name) if output.parts else name
            begin = 0
            for incarnation, sizes in enumerate(self.marks if by_incarnation else ()):
                end = sizes.get(path, 0)
                yield Chunk(track, incarnation, split_lines(data[begin:end]))
                begin = max(begin, end)
            rest = data[begin:data.rfind(b"\n") + 1]
            yield Chunk(track, len(self.marks), split_lines(rest))


def split_lines(data):
    return [line for line in data.decode().split("\n") if line]


class Checker:
    def __init__(self, flow, outbox, server, pipeline):
        self.flow = flow
        self.outbox = outbox
        self.server = server
        self.pipeline = pipeline
        self.owner = {}  # line's source → load
        self.orders = {}  # (source, sink stage) → as `penstock plan` promises
        self.repeats = 0
        self.delivered = 0

    def chunks(self, output):
        if output.kind == "file":
            return list(self.outbox.chunks(output, self.flow.kind != "exactly"))
        with self.server.lock:
            deliveries = list(self.server.sinks["/" + output.name].deliveries)
        return [Chunk(output.name, d.incarnation, d.lines, d.answered) for d in deliveries]

    def must(self, output):
        return {line for source in output.stream.sources
                for line in list(self.flow.loads[source].sent()) if output.stream.takes(line)}

    def may(self, output):
        return {line for source in output.stream.sources
                for line in list(self.flow.loads[source].offered()) if output.stream.takes(line)}

    # Whether everything has come.

    def missing(self, output):
        """Up to a few of the lines (or counts) that should be there and are not."""
        got = {line for chunk in self.chunks(output) if chunk.answered for line in chunk.lines}
        if output.what != "lines":
            return [f"{key}\t{n}" for key, most in self.counts(self.must(output), output).items()
                    for n in ([most] if output.final else range(1, most + 1))
                    if f"{key}\t{n}" not in got and not (output.final and not output.exact)][:5]
        if output.letters:
            return []
        letters = self.letters(output)
        lacking = []
        for line in self.must(output):
            poisoned = load.POISON in line and output.kind == "http"
            either = output.limited or (output.stream.joined and output.dead is not None)
            if line not in got and not ((poisoned or either) and line in letters):
                lacking.append(line)
        return sorted(lacking)[:5]

    def letters(self, output):
        """The lines among the output's dead letters."""
        if output.dead is None:
            return set()
        return {line for chunk in self.chunks(output.dead) for line in chunk.lines}

    def counts(self, lines, output):
        counts = collections.Counter()
        for line in lines:
            if output.what == "words":
                counts.update(line.split())
            else:
                counts[self.key_text(line)] += 1
        return counts

    def key_text(self, line):
        """The text of the header that the line's key has."""
        source, key = load.line_key(line)
        if isinstance(self.flow.loads[source], load.HttpLoad):
            return f"{source}-{key}"
        return f"in/{source}_{key}.txt"

    def complete(self):
        return not any(self.missing(output) for output in self.flow.outputs)

    # Whether it is right.

    def check(self):
        for source, a_load in self.flow.loads.items():
            for status in getattr(a_load, "refused", ()):
                raise Wrong(f"a client of {source} was answered {status}")
        for output in self.flow.outputs:
            chunks = self.chunks(output)
            lacking = self.missing(output)
            if lacking:
                raise Wrong(f"{output.name} never got {lacking}")
            if output.what == "lines":
                self.check_lines(output, chunks)
                self.check_order(output, chunks)
            else:
                self.check_counts(output, chunks)

    def check_lines(self, output, chunks):
        may = self.may(output)
        times = collections.Counter()
        for chunk in chunks:
            for line in chunk.lines:
                if line not in may:
                    raise Wrong(f"{output.name} got {line!r}, which nobody sent there")
                times[line] += 1
                if chunk.answered:
                    self.check_repeat(output, chunk, line)
        self.delivered += len(times)
        self.repeats += sum(times.values()) - len(times)
        if self.flow.kind == "exactly" and max(times.values(), default=0) > 1:
            raise Wrong(f"{output.name} got {times.most_common(3)}, exactly once was asked for")
        self.check_once_a_life(output, chunks)

    def check_repeat(self, output, chunk, line):
        """Nothing is delivered by a process that was started behind it."""
        a_load = self.flow.loads[line.split("|", 1)[0]]
        if isinstance(a_load, load.FileLoad) and self.flow.kind != "exactly" and \
                self.pipeline.commits[chunk.incarnation].covers(*a_load.lines[line]):
            raise Wrong(f"{output.name} got {line!r} from process {chunk.incarnation}, "
                        "which found it committed at its start")

    def check_once_a_life(self, output, chunks):
        if self.flow.kind == "exactly":
            return
        seen = set()
        for chunk in chunks:
            if not chunk.answered or chunk.incarnation in self.pipeline.resets:
                continue
            for line in chunk.lines:
                a_load = self.flow.loads[line.split("|", 1)[0]]
                if not isinstance(a_load, load.FileLoad):
                    continue
                if (chunk.incarnation, line) in seen:
                    raise Wrong(f"{output.name} got {line!r} twice from process "
                                f"{chunk.incarnation}")
                seen.add((chunk.incarnation, line))

    def check_order(self, output, chunks):
        """After dropping repeats, over all processes and in each of them. What one process gave up
        another may deliver, behind its successors."""
        letters = self.letters(output)
        tracks = collections.defaultdict(list)
        for chunk in chunks:
            tracks[chunk.track, "ever"] += chunk.lines
            tracks[chunk.track, chunk.incarnation] += chunk.lines
        for (track, life), lines in tracks.items():
            seen, last = set(), {}
            for line in lines:
                key = load.line_key(line)
                if line in seen or not self.promised(key[0], output):
                    continue
                if life == "ever" and line in letters:
                    continue
                seen.add(line)
                number = load.line_number(line)
                if number <= last.get(key, -1):
                    raise Wrong(f"{track} got {line!r} behind {last[key]} (process {life}), but "
                                f"order {self.orders[key[0], output.name]} is promised")
                last[key] = number

    def promised(self, source, output):
        """Whether lines of a file, or of a client, come in order."""
        if self.orders.get((source, output.name), "none") == "none":
            return False
        for stage in self.flow.stages:
            # With several tasks, a file's ranges are read side by side.
            if stage["name"] == source and stage.get("threads", 1) > 1:
                return False
            # What is tried again keeps in front of its key only, where it has one.
            if stage["name"] == output.name and "retry" in stage and "key" not in stage:
                return False
        return True

    def check_counts(self, output, chunks):
        least = self.counts(self.must(output), output)
        most = self.counts(self.may(output), output)
        top, times = collections.Counter(), collections.Counter()
        last = {}
        for chunk in chunks:
            for line in chunk.lines:
                key, _, n = line.rpartition("\t")
                n = int(n)
                if key not in most:
                    raise Wrong(f"{output.name} counted {key!r}, which nobody sent there")
                times[line] += 1
                if times[line] == 1 and not output.final:
                    if self.flow.kind != "exactly" and n <= last.get((chunk.track, key), 0):
                        raise Wrong(f"{output.name} got {line!r} behind {last[chunk.track, key]}")
                    last[chunk.track, key] = n
                top[key] = max(top[key], n)
        for key, n in least.items():
            if top[key] < n or (output.exact and top[key] > n):
                raise Wrong(f"{output.name} counted {top[key]} of {key!r}, there were {n}")
        if self.flow.kind == "exactly" and max(times.values(), default=0) > 1:
            raise Wrong(f"{output.name} got {times.most_common(3)}, exactly once was asked for")
        self.delivered += len(times)
        self.repeats += sum(times.values()) - len(times)
