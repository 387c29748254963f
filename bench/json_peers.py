# SPDX-License-Identifier: Apache-2.0
"""Systems that run queries of NEXMark on the same bytes, file to file."""
import dataclasses
import glob
import os
import shutil
import typing

import measuring
from cases import HERE, JAVA_OPENS, fresh

QUERIES = {
    "q0": "every bid, without channel and address",
    "q1": "the same, its price × 0.908",
    "q2": "auction and price of the bids on every 123rd auction",
}
PEERS = os.path.join(HERE, "peers")


@dataclasses.dataclass
class Peer:
    """One system. `run(query, events, output)` runs it to the end and returns a measuring.Run."""
    name: str
    about: str
    run: typing.Callable
    queries: tuple = tuple(QUERIES)
    slow: bool = False    # gets the first lines of the file only
    share: float = None   # penstock is to do so many times its records per CPU second


def results(output):
    """The files of an output: itself, or what is in it."""
    if os.path.isdir(output):
        return [path for path in glob.glob(os.path.join(output, "*"))
                if not os.path.basename(path).startswith((".", "_"))]
    return [output]


def cleared(output):
    """The path, after what was there has gone."""
    if os.path.isdir(output):
        shutil.rmtree(output)
    return fresh(output)


def flow_of(query):
    return os.path.normpath(os.path.join(HERE, "..", "examples", "nexmark", query + ".yaml"))


def by_hand(bench):
    return Peer("by hand, simdjson", "`bench/ceiling/json.cc`, one thread",
                lambda query, events, output: measuring.run(
                    [bench.program("ceiling_json"), query, events, output]))


def penstock(bench):
    there = tuple(query for query in QUERIES if os.path.exists(flow_of(query)))
    return Peer("penstock", "`examples/nexmark`, one task",
                lambda query, events, output: measuring.run(
                    [os.path.join(bench.build, "penstock"), "run", "--quiet", "--no-state",
                     flow_of(query)], {"INPUT": events, "OUTPUT": output}), queries=there)


def python_peers(bench):
    python = bench.path("venv/bin/python")
    peers = [("DuckDB 2.0", "`bench/peers/duckdb_nexmark.py`, as many threads as cores; columns "
              "declared", "duckdb_nexmark.py", 1.8)]
    if os.path.exists(bench.path("venv/bytewax")):
        peers.append(("Bytewax 0.21", "`bench/peers/bytewax_nexmark.py`: orjson, a thousand lines "
                      "an operator call", "bytewax_nexmark.py", 4))
    for name, about, script, share in peers:
        yield Peer(name, about, lambda query, events, output, script=script: measuring.run(
            [python, os.path.join(PEERS, script), query, events, output]), share=share)


def flink(bench):
    jars = bench.path("flink/classes") + ":" + bench.path("flink/pyflink/lib/*")
    return Peer("Flink 2.2 SQL", "`bench/peers/FlinkNexmark.java`: in one process, parallelism 1, "
                "batch mode, objects reused, heap of 2 GB",
                lambda query, events, output: measuring.run(
                    ["java", *JAVA_OPENS, "-Xmx2g", "-cp", jars, "FlinkNexmark", query, events,
                     output]), share=10)


def bento(bench):
    return Peer("Bento 1.20", "`bench/peers/bento`: batches of 1000, two threads",
                lambda query, events, output: measuring.run(
                    [bench.path("bento"), "-c", os.path.join(PEERS, "bento", query + ".yaml")],
                    {"INPUT": events, "OUTPUT": output}), slow=True, share=30)


def tools():
    if shutil.which("jq"):
        yield Peer("jq 1.6", "`bench/peers/jq`", lambda query, events, output: measuring.run(
            ["jq", "-c", "-f", os.path.join(PEERS, "jq", query + ".jq"), events],
            stdout_path=output), slow=True, share=15)
    for way, about, share in (
            ("fields", "cuts lines at `:` and `,`, reads no JSON", 3),
            ("substrings", "finds two members by their names, reads no JSON", 3)):
        if shutil.which("mawk"):
            yield Peer(f"mawk, {way}", f"`bench/peers/mawk/q2_{way}.awk`: {about}",
                       lambda query, events, output, way=way: measuring.run(
                           ["mawk", "-f", os.path.join(PEERS, "mawk", f"{query}_{way}.awk"),
                            events], stdout_path=output), queries=("q2",), share=share)


def contenders(bench):
    """All that are there; bench/get_peers fetches the others."""
    there = [by_hand(bench), penstock(bench)]
    if os.path.exists(bench.path("venv/bin/python")):
        there += python_peers(bench)
    if os.path.exists(bench.path("flink/classes/FlinkNexmark.class")):
        there.append(flink(bench))
    if os.path.exists(bench.path("bento")):
        there.append(bento(bench))
    return there + list(tools())
