# SPDX-License-Identifier: Apache-2.0
"""The benchmarks: each runs contenders in turn and says what it had to show."""
import os
import re
import shutil
import socket
import subprocess
import time

import measuring
from measuring import Series, Server, alternate
from report import Bar, Outcome, Table

HERE = os.path.dirname(os.path.abspath(__file__))


class Bench:
    """What every case needs: programs, a folder for its files, how often, how loud."""

    def __init__(self, build, folder, rounds, say, peers, long):
        self.build, self.folder, self.rounds, self.say = build, folder, rounds, say
        self.peers, self.long = peers, long

    def path(self, name):
        return os.path.join(self.folder, name)

    def program(self, name):
        return os.path.join(self.build, "bench", name)

    def flow(self, name):
        return [os.path.join(self.build, "penstock"), "run", "--quiet", "--fresh", "--state",
                self.path("state"), os.path.join(HERE, "flows", name + ".yaml")]

    def text(self):
        """The text that is counted and copied; made once."""
        path = self.path("words.txt")
        if not os.path.exists(path):
            self.say("making the text")
            measuring.run([self.program("word_text"), path + ".part"])
            os.rename(path + ".part", path)
        with open(path, "rb") as file:  # into the page cache
            while file.read(1 << 24):
                pass
        return path

    def figures(self, name, *arguments):
        """Runs a ceiling: records per second by its own clock, and per CPU second."""
        run = measuring.run([self.program(name), *map(str, arguments)])
        own = run.figures()
        return {"rate": own["records_per_second"],
                "per_cpu": own["records"] / own["cpu_seconds"]}

    def flow_figures(self, name, records, env=None, processors=None):
        """Runs a flow: records per second and per CPU second of the whole process. `processors`
        are those that it may have, for taskset; else all."""
        pinned = ["taskset", "-c", processors] if processors else []
        run = measuring.run(pinned + self.flow(name), env)
        return {"rate": records / run.seconds, "per_cpu": records / run.cpu_seconds,
                "mib": run.peak_mib}


def fresh(path):
    """The path, after what was there has gone: nobody pays for truncating the last run's output."""
    if os.path.exists(path):
        os.unlink(path)
    return path


def rates(seen, names, columns):
    """A table of the figures `columns` (key → heading)."""
    return Table(list(columns.values()),
                 [(name, [seen[name].get(key) for key in columns]) for name in names])


def handover(bench):
    records = 100_000_000
    env = {"RECORDS": records}
    seen = alternate({
        "ceiling: two threads": lambda: bench.figures("ceiling_handover", records // 1_000_000),
        "penstock 1-1-1": lambda: bench.flow_figures("handover_1", records, env),
        "penstock 8-8-8": lambda: bench.flow_figures("handover_8", records, env),
    }, bench.rounds, bench.say)
    ceiling, one, eight = (s["rate"].median for s in seen.values())
    return Outcome(
        "Hand-over between tasks",
        "Three stages that are not chained (`generator`, `noop_transform`, `blackhole` with "
        "`touch`), 64-byte records, every byte written and read. The ceiling is two bare threads "
        "that hand recycled arenas of 512 such records through a mutex queue.",
        [rates(seen, seen, {"rate": "records/s", "per_cpu": "records per CPU second",
                            "mib": "peak MiB"})],
        [Bar("1-1-1 tasks / two bare threads", one / ceiling, 0.6),
         Bar("1-1-1 tasks, records/s", one, 30e6),
         Bar("8-8-8 tasks / 1-1-1 tasks", eight / one, 0.8)])


def chained(bench):
    records = 200_000_000
    seen = alternate({
        "ceiling: bare loop": lambda: bench.figures("ceiling_bare_loop", records // 1_000_000),
        "penstock chained": lambda: bench.flow_figures("chained", records, {"RECORDS": records}),
    }, 4 * bench.rounds, bench.say)  # short, and neighbours of a virtual machine are felt
    ceiling, penstock = (s["rate"].median for s in seen.values())
    return Outcome(
        "A chain in one task",
        "The same three stages in one task, against a loop that makes the same records in one "
        "arena and reads them.",
        [rates(seen, seen, {"rate": "records/s", "per_cpu": "records per CPU second"})],
        [Bar("chained / bare loop", penstock / ceiling, 0.8)])


def epochs(bench):
    records, often = 100_000_000, 100  # times as many epochs as there are with the default
    def run(interval):
        return bench.flow_figures("epochs", records, {"RECORDS": records, "EPOCH": interval})
    seen = alternate({
        "epochs of 1 ms": lambda: run("1ms"),
        "one epoch": lambda: run("1h"),
    }, 2 * bench.rounds, bench.say)
    with_epochs, without = (s["per_cpu"].median for s in seen.values())
    return Outcome(
        "What epochs cost",
        "The hand-over with an epoch every millisecond, and with none until the end. What an epoch "
        "costs does not depend on how many there are, so those of 100 ms cost a hundredth of that, "
        "which by itself is less than two runs differ by. Compared by CPU time, which is steadier "
        "than wall time.",
        [rates(seen, seen, {"rate": "records/s", "per_cpu": "records per CPU second"})],
        [Bar("CPU time per record more, with epochs of 100 ms", (without / with_epochs - 1) / often,
             0.01, at_least=False)])


def same_counts(path, other):
    """Whether two files have the same lines in any order."""
    with open(path, "rb") as a, open(other, "rb") as b:
        return sorted(a.read().splitlines()) == sorted(b.read().splitlines())


JAVA_OPENS = ["--add-opens=java.base/java." + package + "=ALL-UNNAMED"
              for package in ("lang", "net", "time", "util", "util.concurrent")]


def word_count_peers(bench):
    """Name → function that counts the words of one file into another, as a Run. Those that are not
    there are left out: bench/get_peers fetches them."""
    peers = {"tr, sort, uniq": lambda text, out: measuring.run(
        f"tr -s '[:space:]' '\\n' < {text} | sort | uniq -c > {out}", shell=True)}
    if shutil.which("mawk"):
        script = '{for(i=1;i<=NF;i++)c[$i]++} END{for(w in c) print w"\\t"c[w]}'
        peers["mawk"] = lambda text, out: measuring.run(["mawk", script, text], stdout_path=out)
    python = bench.path("venv/bin/python")
    if os.path.exists(python):
        duckdb = os.path.join(HERE, "peers", "duckdb_words.py")
        peers["DuckDB"] = lambda text, out: measuring.run([python, duckdb, text, out])
    if os.path.exists(bench.path("flink/classes")):
        classes = bench.path("flink/classes") + ":" + bench.path("flink/pyflink/lib/*")

        def flink(text, out):
            shutil.rmtree(out + ".folder", ignore_errors=True)
            return measuring.run(["java", *JAVA_OPENS, "-Xmx2g", "-cp", classes, "FlinkWords",
                                  text, out + ".folder"])
        peers["Flink, batch, parallelism 1"] = flink
    return peers


def without_start(bench, count, lines, text):
    """Figures of one run of a peer, without what it takes to count an empty file."""
    empty, out = bench.path("empty.txt"), bench.path("peer.out")
    with open(empty, "w"):
        pass
    start, run = count(empty, out), count(text, out)
    figures = {"rate": lines / max(run.seconds - start.seconds, 1e-9),
               "per_cpu": lines / max(run.cpu_seconds - start.cpu_seconds, 1e-9)}
    if run.peak_mib > 4:  # else it was a shell, whose children did the work
        figures["mib"] = run.peak_mib
    return figures


def word_count(bench):
    text = bench.text()
    with open(text, "rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    outputs = {name: bench.path(name + ".out") for name in ("table", "map", "one", "two")}

    def by_hand(variant):
        run = measuring.run([bench.program("ceiling_word_count"), variant, text,
                           fresh(outputs[variant])])
        return {"rate": lines / run.seconds, "per_cpu": lines / run.cpu_seconds,
                "mib": run.peak_mib}

    def flow(name, output):
        return bench.flow_figures(name, lines, {"INPUT": text, "OUTPUT": fresh(outputs[output])})

    seen = alternate({
        "by hand, open addressing": lambda: by_hand("table"),
        "by hand, unordered_map": lambda: by_hand("map"),
        "penstock, one task": lambda: flow("word_count_1", "one"),
        "penstock, two tasks": lambda: flow("word_count_2", "two"),
    }, bench.rounds, bench.say)
    for name in ("one", "two"):
        if not same_counts(outputs[name], outputs["table"]):
            raise RuntimeError(f"the counts of {outputs[name]} are wrong")
    peers = {}
    if bench.peers:
        peers = alternate({name: lambda c=count: without_start(bench, c, lines, text)
                           for name, count in word_count_peers(bench).items()},
                          min(bench.rounds, 3), bench.say)
    one, two = seen["penstock, one task"], seen["penstock, two tasks"]
    ceiling = max(seen["by hand, open addressing"]["rate"].median,
                  seen["by hand, unordered_map"]["rate"].median)
    asked = {"tr, sort, uniq": 10, "Flink, batch, parallelism 1": 6, "mawk": 2, "DuckDB": 1}
    bars = [Bar("word count, one task / by hand", one["rate"].median / ceiling, 0.7),
            Bar("word count, two tasks / one", two["rate"].median / one["rate"].median, 1.6)]
    bars += [Bar(f"word count per CPU second / {name}",
                 one["per_cpu"].median / series["per_cpu"].median, asked[name])
             for name, series in peers.items()]
    everyone = {**seen, **peers}
    return Outcome(
        "Word count",
        "A file of 200 MB (2.7 M lines of ten words, 200,000 different ones by Zipf's law) into a "
        "file of final counts: `file`, `split`, `count`, `file`. All contenders give the same "
        "counts. Start-up is included for the programs by hand and for penstock, and taken off for "
        "the others.",
        [rates(everyone, everyone, {"rate": "lines/s", "per_cpu": "lines per CPU second",
                                    "mib": "peak MiB"})],
        bars)


def copy_lines(bench):
    text = bench.text()
    copy, own = bench.path("copy.out"), bench.path("copy_by_hand.out")
    lines = 2_700_000
    tables, bars = [], []
    for durability in ("kill", "power"):
        by_hand, flow = f"by hand, {durability}", f"penstock, {durability}"
        seen = alternate({
            by_hand: lambda d=durability: bench.figures("ceiling_copy_lines", text, fresh(own), d),
            flow: lambda d=durability: bench.flow_figures(
                "copy_lines", lines, {"INPUT": text, "OUTPUT": fresh(copy), "DURABILITY": d}),
        }, bench.rounds, bench.say)
        tables.append(rates(seen, seen, {"rate": "lines/s", "per_cpu": "lines per CPU second"}))
        bars.append(Bar(f"copy of lines / by hand, durability {durability}",
                        seen[flow]["rate"].median / seen[by_hand]["rate"].median, 0.6))
    if subprocess.run(["cmp", "-s", text, copy], check=False).returncode != 0:
        raise RuntimeError("the copy differs")
    return Outcome(
        "Copy of a file, line by line",
        "`file` to `file`, against a loop that reads, looks for every newline, and writes; with "
        "`power` both sync the copy to disk.", tables, bars)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError(f"nobody listens on port {port}")


def wrk(bench, port, body, connections, seconds):
    """Load from one thread of wrk; answered requests per second."""
    script = bench.path("post.lua")
    with open(script, "w") as file:
        file.write('wrk.method = "POST"\n'
                   'wrk.headers["Content-Type"] = "application/x-ndjson"\n'
                   f"wrk.body = {body}\n")
    text = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", script,
                           f"http://127.0.0.1:{port}/"], capture_output=True, text=True,
                          check=True).stdout
    if "Non-2xx" in text:
        raise RuntimeError(f"requests were refused: {text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))


def http(bench):
    single, lines = 'string.rep("x", 100)', 'string.rep(string.rep("x", 99) .. "\\n", 100)'

    def ceiling(body, connections, records):
        port = free_port()
        with Server([bench.program("ceiling_http_server"), str(port)]):
            wait_for(port)
            return {"rate": records * wrk(bench, port, body, connections, 5)}

    def flow(answer, body, connections, records):
        port = free_port()
        with Server(bench.flow("http"), {"PORT": port, "ANSWER": answer}) as server:
            wait_for(port)
            rate = records * wrk(bench, port, body, connections, 5)
            return {"rate": rate, "mib": server.rss_mib()}

    seen = alternate({
        "Beast, one record a request": lambda: ceiling(single, 512, 1),
        "penstock accept, one record": lambda: flow("accept", single, 512, 1),
        "penstock commit, one record": lambda: flow("commit", single, 512, 1),
        "Beast, 100 lines a request": lambda: ceiling(lines, 16, 100),
        "penstock accept, 100 lines": lambda: flow("accept", lines, 16, 100),
        "penstock commit, 100 lines": lambda: flow("commit", lines, 16, 100),
    }, bench.rounds, bench.say)
    rate = {name: figures["rate"].median for name, figures in seen.items()}
    return Outcome(
        "HTTP source",
        "POSTs of 100 bytes over 512 connections, and NDJSON bodies of 100 lines over 16. `wrk` "
        "makes the load with one thread on the same machine, so a server has what is left. "
        "`accept` answers when the records have left the source, `commit` when they are delivered "
        "and recorded.",
        [rates(seen, seen, {"rate": "records/s", "mib": "MiB"})],
        [Bar("single POSTs, accept / bare Beast server",
             rate["penstock accept, one record"] / rate["Beast, one record a request"], 0.7),
         Bar("NDJSON bodies, accept, records/s", rate["penstock accept, 100 lines"], 1e6)])


def latency(bench):
    def figures(name, *command):
        own = measuring.run(list(command)).figures(name)
        return {"p50": own["p50_us"], "p99": own["p99_us"]}

    flow = os.path.join(HERE, "flows", "latency.yaml")
    seen = alternate({
        "futex ping-pong": lambda: figures("ping_pong", bench.program("ceiling_ping_pong")),
        "penstock, task to task": lambda: figures("latency", bench.program("micro_flow"), flow),
    }, bench.rounds, bench.say)
    ping_pong, penstock = (s["p99"].median for s in seen.values())
    return Outcome(
        "Latency of a hand-over",
        "One record every 10 µs from one task to another, against two threads that wake each "
        "other through a futex with as long a pause.",
        [rates(seen, seen, {"p50": "p50 µs", "p99": "p99 µs"})],
        [Bar("hand-over p99 / futex ping-pong p99", penstock / ping_pong, 3, at_least=False)])


def idle(bench):
    def figures():
        port = free_port()
        with Server(bench.flow("http"), {"PORT": port}) as server:
            wait_for(port)
            time.sleep(1)
            before = server.cpu_seconds()
            time.sleep(10)
            return {"core": (server.cpu_seconds() - before) / 10, "mib": server.rss_mib()}

    def start():
        begin = time.monotonic()
        process = subprocess.Popen(bench.flow("first_record"), stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        process.stdout.read(1)
        seconds = time.monotonic() - begin
        process.stdout.read()
        process.wait()
        return {"ms": 1000 * seconds}

    quiet = alternate({"penstock, idle": figures}, min(bench.rounds, 3), bench.say)
    begun = alternate({"penstock, first record": start}, 4 * bench.rounds, bench.say)
    core, mib = (quiet["penstock, idle"][key] for key in ("core", "mib"))
    return Outcome(
        "At rest and at the start",
        "An HTTP source without clients for ten seconds; and the time from the start of the "
        "process to the first byte of its first record.",
        [rates(quiet, quiet, {"core": "cores", "mib": "MiB"}),
         rates(begun, begun, {"ms": "ms to the first record"})],
        [Bar("idle, part of a core", core.median, 0.002, at_least=False),
         Bar("idle, MiB", mib.median, 48, at_least=False),
         Bar("start to first record, ms", begun["penstock, first record"]["ms"].median, 100,
             at_least=False)])


def memory(bench):
    seconds = 600 if bench.long else 30
    samples = []
    with Server(bench.flow("endless")) as server:
        time.sleep(seconds / 10)
        for _ in range(20):
            samples.append(server.rss_mib())
            time.sleep(seconds / 20)
    first, last = Series(samples[:5]), Series(samples[-5:])
    bench.say(f"  {first.median:.1f} MiB, {seconds} s later {last.median:.1f} MiB")
    return Outcome(
        "Memory at full speed",
        f"Records at full speed through an exchange by key, for {seconds} seconds"
        f"{'' if bench.long else ' (ten minutes with --long)'}.",
        [Table(["MiB at first", "MiB at the end"], [("penstock", [first, last])])],
        [Bar("memory at the end / at first", last.median / first.median, 1.05, at_least=False)])


CASES = {case.__name__: case for case in (
    handover, chained, epochs, word_count, copy_lines, http, latency, idle, memory)}
