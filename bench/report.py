# SPDX-License-Identifier: Apache-2.0
"""What was measured, as text and as Markdown."""
import dataclasses
import os
import platform
import subprocess


@dataclasses.dataclass
class Bar:
    """One promise: a figure and what it must be."""
    what: str
    value: float
    limit: float
    at_least: bool = True
    unit: str = ""

    def met(self):
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self):
        sign = "≥" if self.at_least else "≤"
        return (f"| {self.what} | {number(self.value)}{self.unit} | {sign} "
                f"{number(self.limit)}{self.unit} | {'yes' if self.met() else '**no**'} |")


@dataclasses.dataclass
class Table:
    """Figures of several contenders."""
    columns: list  # headings of the figures
    rows: list     # (contender, [Series or None, …])

    def markdown(self):
        lines = ["| | " + " | ".join(self.columns) + " |",
                 "|---|" + "---|" * len(self.columns)]
        for name, figures in self.rows:
            cells = ["–" if f is None else f"{number(f.median)} ± {f.spread / 2:.0%}"
                     for f in figures]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        return "\n".join(lines)


@dataclasses.dataclass
class Outcome:
    """One case: what was done, what came out, what it had to show."""
    title: str
    about: str
    tables: list
    bars: list


def number(value):
    if value == 0:
        return "0"
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.1f} M" if abs(value) < 1e9 else f"{value / 1e9:,.1f} G"
    if abs(value) >= 10_000:
        return f"{value / 1e3:,.0f} k"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.2f}"


def machine():
    """One line about the machine and its compiler."""
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as file:
        memory_gib = int(file.readline().split()[1]) / 2**20
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True,
                              check=False).stdout.split("\n")[0]
    return (f"{len(os.sched_getaffinity(0))} cores of {model}, {memory_gib:.0f} GiB, "
            f"Linux {platform.release()}, {compiler}")


def markdown(outcomes, rounds, load):
    peers = os.path.join(os.path.dirname(__file__), "..", "docs", "benchmarks_json.md")
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. What is compared, and with what: "
        "[bench/README.md](../bench/README.md)." +
        (" JSON queries beside other systems: [benchmarks_json.md](benchmarks_json.md)."
         if os.path.exists(peers) else ""),
        "",
        f"Machine: {machine()}. Load of other work when it began: {load:.1f}.",
        "",
        f"Method: whole processes, {rounds} rounds, in each round every contender once, in turn. "
        "A figure is the median; ± is half of what lies between the best and the worst run. A "
        "ratio is one of medians; of the JSON cases, whose two tasks take all of the machine, it "
        "is one of best runs, as other users of the machine can only take from a run.",
        "",
        "| bar | measured | asked | met |",
        "|---|---|---|---|",
    ]
    for outcome in outcomes:
        lines += [bar.row() for bar in outcome.bars]
    for outcome in outcomes:
        lines += ["", f"## {outcome.title}", "", outcome.about]
        for table in outcome.tables:
            lines += ["", table.markdown()]
    return "\n".join(lines) + "\n"
