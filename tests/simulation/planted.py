#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants one bug after the other into a copy of the sources; the simulator must find each.

Usage: tests/simulation/planted.py [--seeds N] [--build FOLDER] [--only NAME] [--list]

Shows that the simulator would notice: a bug that survives N seeds (default 3000) is a failure. The
sources are copied into FOLDER (default build/planted) and built there; nothing here is changed.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIP = {"build", ".git", ".ccache", "__pycache__", "bench", "docs"}
RUNTIME = "src/runtime/"

# Each edit is (file, old text, new text); the old text must stand in the file exactly once.
Bug = collections.namedtuple("Bug", "name edits")
BUGS = [
    Bug("commit before delivery", [
        (RUNTIME + "sink_op.cc", "  sink_->barrier(barrier, *this);\n",
         "  sink_->barrier(barrier, *this);\n  delivered(barrier.epoch);\n")]),
    Bug("a barrier overtakes records", [
        (RUNTIME + "edge.cc",
         "    if (!scatter_.empty()) flush_builder(c);\n    send(c, Element{",
         "    send(c, Element{")]),
    Bug("a hold is forgotten", [
        (RUNTIME + "chain_task.cc",
         "  for (const auto& op : ops_) report.floor = std::min(report.floor, op->floor());\n",
         "")]),
    Bug("the floor is off by one", [
        (RUNTIME + "ledger.cc", "safe = std::min(safe, floor - 1)",
         "safe = std::min(safe, floor)")]),
    Bug("what a retry sent again is not held", [
        (RUNTIME + "park.cc",
         "  for (const auto& [covered_by, epoch] : sent_) floor = std::min(floor, epoch);\n", "")]),
    Bug("the end of an input is not remembered", [
        (RUNTIME + "ledger.cc",
         "report.epoch == kFinalEpoch ? progress(tasks_[report.node]) + 1 : report.epoch;",
         "report.epoch;")]),
    Bug("positions are newer than the snapshot", [
        (RUNTIME + "ledger.cc", "source.with_checkpoints ? *checkpoint : complete(s);",
         "complete(s);")]),
    Bug("positions are older than the snapshot", [
        (RUNTIME + "ledger.cc", "if (noted.epoch <= to) positions",
         "if (noted.epoch < to) positions")]),
    Bug("the barrier of the dead letters passes too early", [
        (RUNTIME + "sink_op.cc", "  open_.push_back(barrier);\n",
         "  open_.push_back(barrier);\n"
         "  dead_letter_control(Element::barrier(barrier.epoch, barrier.checkpoint));\n"),
        (RUNTIME + "sink_op.cc",
         "      dead_letter_control(Element::barrier(newest, open_.front().checkpoint));\n", "")]),
    Bug("behind the end a barrier passes what no sink has confirmed", [
        (RUNTIME + "sink_op.cc", "late_.empty() || ended_ || !all_confirmed_",
         "late_.empty() || ended_")]),
    Bug("exactly once without alignment", [
        (RUNTIME + "chain_task.cc", "(exactly_once_ && lane.barrier > done_)", "false")]),
    Bug("a retried record lets its key's successors pass", [
        (RUNTIME + "park.cc", "    if (at == queues_.end()) return true;\n",
         "    return true;\n")]),
    Bug("restored positions are ignored", [
        (RUNTIME + "region.cc", "at == base.positions.end() ? Positions{} : at->second",
         "Positions{}")]),
    Bug("restored state is ignored", [
        (RUNTIME + "region.cc", "  if (snapshots.empty()) return {};\n", "  return {};\n")]),
    Bug("a restart forgets the second phase", [
        (RUNTIME + "region.cc",
         "  PENSTOCK_TRY(op.sink().commit(base.checkpoint_epoch, handles));\n", "")]),
    Bug("a drain does not wait for what is held", [
        (RUNTIME + "coordinator.cc", "!active_ && ledger_.settled() && !ledger_.behind()",
         "!active_ && ledger_.complete() >= *drain_barrier_")]),
    Bug("a producer that waits for room is not rung", [
        (RUNTIME + "chain_task.cc",
         "      lane.edge->budget().release(records, weight);\n      lane.edge->progressed();\n",
         "      lane.edge->budget().release(records, weight);\n")]),
    Bug("a watermark overtakes a parked record", [
        (RUNTIME + "stage_op.cc", "std::min(pending_watermark_us_, park_.oldest_event_time_us())",
         "pending_watermark_us_")]),
]


def copy_sources(to):
    """Copies what changed, so that only that is built again."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in SKIP]
        target = os.path.join(to, os.path.relpath(folder, ROOT))
        os.makedirs(target, exist_ok=True)
        for name in files:
            copy_file(os.path.join(folder, name), os.path.join(target, name))


def copy_file(source, target):
    with open(source, "rb") as file:
        wanted = file.read()
    if os.path.exists(target):
        with open(target, "rb") as file:
            if file.read() == wanted:
                return
    shutil.copy(source, target)


def plant(tree, bug):
    for path, old, new in bug.edits:
        file_name = os.path.join(tree, path)
        with open(file_name, encoding="utf-8") as file:
            text = file.read()
        if text.count(old) != 1:
            return f"{path} has its text {text.count(old)} times: the bug must be planted anew"
        with open(file_name, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
    return None


def heal(tree, bug):
    for path, _, _ in bug.edits:
        copy_file(os.path.join(ROOT, path), os.path.join(tree, path))


def build(tree):
    out = os.path.join(tree, "build")
    if not os.path.exists(os.path.join(out, "build.ninja")):
        subprocess.run(["cmake", "--preset", "release", "-B", out, "-DPENSTOCK_BENCH=OFF"],
                       cwd=tree, check=True, stdout=subprocess.DEVNULL)
    run = subprocess.run(["ninja", "-C", out, "simulate"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    if run.returncode != 0:
        sys.exit(run.stdout[-4000:])
    return os.path.join(out, "tests", "simulation", "simulate")


def hunt(program, seeds):
    """(seed or None, what it said)."""
    run = subprocess.run([program, "--seeds", f"1-{seeds}"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, errors="replace")
    found = re.search(r"^seed (\d+): (.*)$", run.stdout, re.M)
    if run.returncode == 0 or not found:
        return None, run.stdout[-300:] if run.returncode else "survived"
    return int(found.group(1)), found.group(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=3000)
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "planted"))
    parser.add_argument("--only", default="", help="a part of a bug's name")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    bugs = [bug for bug in BUGS if arguments.only in bug.name]
    if arguments.list:
        print("\n".join(bug.name for bug in bugs))
        return 0
    arguments.build = os.path.abspath(arguments.build)
    copy_sources(arguments.build)
    build(arguments.build)
    survivors = 0
    print(f"{'planted bug':<52} {'seeds':>6} {'s':>5}  found as")
    for bug in bugs:
        trouble = plant(arguments.build, bug)
        started = time.monotonic()
        seed, said = (None, trouble) if trouble else hunt(build(arguments.build), arguments.seeds)
        heal(arguments.build, bug)
        survivors += seed is None
        took = time.monotonic() - started
        print(f"{bug.name:<52} {seed or '-':>6} {took:>5.0f}  {said[:90]}", flush=True)
    if survivors:
        print(f"{survivors} planted bugs were not found")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
