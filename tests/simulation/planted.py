#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants one bug after the other into a copy of the sources; the simulator must find each.

Usage: tests/simulation/planted.py [--of engine|topiclog] [--seeds N] [--build FOLDER] [--only NAME]
       [--list]

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

LOG = "src/topiclog/"
LOG_BUGS = [
    Bug("readers see what is not on the disk", [
        (LOG + "partition_writer.cc", "  if (rule_ == Visible::kWritten) show(index_.end.offset);",
         "  if (rule_ != Visible::kReleased) show(index_.end.offset);")]),
    Bug("an append is acknowledged before its sync", [
        (LOG + "topic_writer.cc", "  if (end && durable()) PENSTOCK_TRY(partitions_[p]->sync());\n",
         "")]),
    Bug("only the last segment is synced", [
        (LOG + "partition_writer.cc",
         "    for (const Unsynced& segment : unsynced_) files.push_back(segment.file);\n", "")]),
    Bug("the name of a new segment is not synced", [
        (LOG + "partition_writer.cc",
         "    if (names && done) done = place_.disk->sync_folder(folder_);\n", "")]),
    Bug("a torn tail is not cut off", [
        (LOG + "partition_writer.cc", "    PENSTOCK_TRY(file_->truncate(last.end.bytes));\n", "")]),
    Bug("bodies are not looked at after a crash", [
        (LOG + "chain.cc", "walk_segment(**file, bases_[i], 0, true,",
         "walk_segment(**file, bases_[i], 0, false,")]),
    Bug("what does not connect is kept", [
        (LOG + "partition_writer.cc",
         "  PENSTOCK_TRY(drop_lost(chain->lost));\n", "")]),
    Bug("recovery does not sync what it found", [
        (LOG + "partition_writer.cc",
         "  PENSTOCK_TRY(sync_all());\n  visible_ = durable_;\n",
         "  durable_ = visible_ = index_.end.offset;\n"
         "  durable_bytes_ = index_.end.bytes;\n")]),
    Bug("a write that failed is left in the file", [
        (LOG + "partition_writer.cc",
         "    if (const Result<void> cut = cut_file(index_.end.bytes); !cut) return "
         "fail(cut.error());\n", "")]),
    Bug("a sync that failed is tried again", [
        (LOG + "partition_writer.cc",
         "      done.error().code = \"topic-sync-failed\";\n"
         "      return fail(std::move(done.error()));\n", "      return done;\n")]),
    Bug("a commit is not synced", [
        (LOG + "topic_writer.cc",
         "place_.disk->write(path + \".tmp\", bytes, true));\n"
         "  return place_.disk->rename(path + \".tmp\", path, true);",
         "place_.disk->write(path + \".tmp\", bytes, false));\n"
         "  return place_.disk->rename(path + \".tmp\", path, false);")]),
    Bug("a restart shows what is not committed", [
        (LOG + "topic_writer.cc",
         "      if (open.name == options_.transaction) visible[p] = std::min(visible[p], "
         "open.ends[p]);\n", "")]),
    Bug("a restart leaves what was not committed", [
        (LOG + "topic_writer.cc", "    PENSTOCK_TRY(partitions_[p]->cut(to[p]));\n",
         "    (void)to;\n")]),
    Bug("retention removes the newest first", [
        (LOG + "partition_writer.cc",
         "    PENSTOCK_TRY(place_.disk->remove(path(segment_name(segment.base))));\n"
         "    PENSTOCK_TRY(place_.disk->sync_folder(folder_));\n",
         "    PENSTOCK_TRY(place_.disk->remove(path(segment_name(sealed_.back().base))));\n"
         "    PENSTOCK_TRY(place_.disk->sync_folder(folder_));\n")]),
]

# What is looked for: the bugs, and the program (its target and its place) that must find them.
HUNTS = {"engine": (BUGS, "simulate", "tests/simulation/simulate"),
         "topiclog": (LOG_BUGS, "topiclog_simulate", "tests/topiclog/topiclog_simulate")}


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


def build(tree, hunted):
    _, target, program = HUNTS[hunted]
    out = os.path.join(tree, "build")
    if not os.path.exists(os.path.join(out, "build.ninja")):
        subprocess.run(["cmake", "--preset", "release", "-B", out, "-DPENSTOCK_BENCH=OFF"],
                       cwd=tree, check=True, stdout=subprocess.DEVNULL)
    run = subprocess.run(["ninja", "-C", out, target], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    if run.returncode != 0:
        sys.exit(run.stdout[-4000:])
    return os.path.join(out, program)


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
    parser.add_argument("--of", choices=sorted(HUNTS), default="engine")
    parser.add_argument("--seeds", type=int, default=3000)
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "planted"))
    parser.add_argument("--only", default="", help="a part of a bug's name")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    bugs = [bug for bug in HUNTS[arguments.of][0] if arguments.only in bug.name]
    if arguments.list:
        print("\n".join(bug.name for bug in bugs))
        return 0
    arguments.build = os.path.abspath(arguments.build)
    copy_sources(arguments.build)
    build(arguments.build, arguments.of)
    survivors = 0
    print(f"{'planted bug':<52} {'seeds':>6} {'s':>5}  found as")
    for bug in bugs:
        trouble = plant(arguments.build, bug)
        started = time.monotonic()
        seed, said = (None, trouble) if trouble else hunt(
            build(arguments.build, arguments.of), arguments.seeds)
        heal(arguments.build, bug)
        survivors += seed is None
        took = time.monotonic() - started
        print(f"{bug.name:<52} {seed or '-':>6} {took:>5.0f}  {said[:90]}", flush=True)
    if survivors:
        print(f"{survivors} planted bugs were not found")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
