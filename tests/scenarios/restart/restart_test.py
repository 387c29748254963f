#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the scenarios again as processes: with other numbers of tasks and workers, and killed twice
(SIGKILL) and restored on the same state folder with other numbers than before.

At least once: what comes out, without its repeats, must be what the scenario expects, in the order
that it asks for. Exactly once: what comes out must be that. The sources and sinks are those of
scenario_process.cc; a source gives a part of its records and waits, so that a kill finds the run in
its middle. What cannot be run so is printed with its reason.
"""
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

BINARY = os.environ["SCENARIO_PROCESS"]
SCENARIOS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROJECT = os.path.dirname(os.path.dirname(SCENARIOS))  # scenarios name files from there
PATIENCE_S = 60   # a bound on what hangs; nothing waits for it to pass
COMMIT_S = 0.5    # how long a kill waits for a commit that may never come
REFUSED = 4

# By round, the lives of a run: (percent of the records given, times the tasks, workers, whether the
# kill waits for a commit). The last of them comes to the end.
ROUNDS = [
    [(35, 1, 2, False), (70, 2, 3, True), (100, 0.5, 1, None)],
    [(50, 2, 1, True), (50, 0.5, 2, False), (100, 1, 3, None)],
    [(67, 0.5, 3, True), (95, 1, 1, True), (100, 2, 2, None)],
    [(10, 3, 2, True), (80, 1, 1, False), (100, 2, 2, None)],
]
STRAIGHT = [(2, 1), (0.5, 3)]

# file: why none of its cases can be killed
NOT_KILLED = {
    "delivery/what_a_stage_holds_is_given_out_at_the_end.yaml":
        "batches are cut anew behind the last commit, so that others come out",
}


class Wrong(Exception):
    pass


class Trial:
    """One case in one way."""

    def __init__(self, path, case, guarantee):
        self.path = path
        self.case = case
        self.guarantee = guarantee
        self.folder = tempfile.mkdtemp(prefix="penstock-scenario-")
        os.mkdir(self.folder + "/out")
        self.tasks_changed = False

    def command(self, verb, *more):
        return [BINARY, verb, self.path, self.case["name"], "--out", self.folder + "/out",
                "--guarantee", self.guarantee, *more]

    def start(self, percent, threads, workers, state):
        return subprocess.Popen(
            self.command("run", "--hold-percent", str(percent), "--threads", str(threads),
                         "--workers", str(workers), *state),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=PROJECT)

    def committed(self):
        """Changes with every commit."""
        files = glob.glob(self.folder + "/state/**", recursive=True)
        try:
            return {(f, os.stat(f).st_mtime_ns, os.stat(f).st_ino) for f in files}
        except FileNotFoundError:  # a commit renames files
            return None

    def kill_when_held(self, process, wait_for_commit):
        """False if it ended before, as a case does that fails early."""
        holding, before = None, self.committed()
        while holding != 0:
            line = process.stdout.readline()
            if not line:
                return False
            word, _, rest = line.strip().partition(" ")
            if word == "refused":
                return False
            if word == "tasks":
                self.tasks_changed = True
            if word == "holding":
                holding = int(rest)
            if word == "held":
                holding -= 1
        end = time.monotonic() + COMMIT_S
        while wait_for_commit and self.committed() in (before, None) and time.monotonic() < end \
                and process.poll() is None:
            time.sleep(0.002)
        process.kill()
        process.communicate(timeout=PATIENCE_S)
        return True

    def finish(self, process):
        out, err = process.communicate(timeout=PATIENCE_S)
        if "tasks " in out:
            self.tasks_changed = True
        if process.returncode == REFUSED:
            return out.partition("refused ")[2].strip() or "refused"
        if self.case["failed"]:
            if process.returncode != 1 or self.case["error"] not in err:
                raise Wrong(f"it should have failed: exit code {process.returncode}: {err}")
            return None
        if process.returncode != 0:
            raise Wrong(f"exit code {process.returncode}: {err}")
        return None

    def compare(self):
        result = subprocess.run(self.command("compare"), capture_output=True, text=True,
                                timeout=PATIENCE_S, check=False)
        if result.returncode != 0:
            raise Wrong(result.stdout + result.stderr)

    def straight(self, threads, workers):
        """Why it cannot be run so, or None."""
        refused = self.finish(self.start(100, threads, workers, []))
        if refused is None:
            self.compare()
        return refused

    def killed(self, lives):
        state = ["--state", self.folder + "/state"]
        for percent, threads, workers, wait_for_commit in lives:
            process = self.start(percent, threads, workers, state)
            if percent < 100 and self.kill_when_held(process, wait_for_commit):
                continue
            refused = self.finish(process)
            if refused is not None:
                return refused
            if percent == 100 or self.case["failed"]:
                break
            raise Wrong("it ended before it could be killed")
        self.compare()
        return None


def jobs():
    """(file, case, how, guarantee) of all that there is to run."""
    for path in sorted(glob.glob(SCENARIOS + "/*/*.yaml")):
        name = os.path.relpath(path, SCENARIOS)
        if name.startswith("diagnostics/"):
            continue
        listed = subprocess.run([BINARY, "list", path], capture_output=True, text=True, check=True)
        for case in json.loads(listed.stdout):
            for how in STRAIGHT:
                yield path, name, case, how, "at_least_once"
            for lives in ROUNDS:
                for guarantee in ("at_least_once", "exactly_once"):
                    yield path, name, case, lives, guarantee


def why_not(name, case, how, guarantee):
    if case["refused"]:
        return "the pipeline is refused: nothing runs"
    if how in ROUNDS and name in NOT_KILLED:
        return NOT_KILLED[name]
    if guarantee == "exactly_once" and case["faults"]:
        return "the sink that misbehaves is not two-phase"
    return None


def run(job):
    path, name, case, how, guarantee = job
    what = (f"killed twice, {guarantee}, round {ROUNDS.index(how) + 1}" if how in ROUNDS
            else f"straight, tasks ×{how[0]}, workers {how[1]}")
    result = {"what": f"{name}: {case['name']}: {what}", "skipped": None, "wrong": None}
    result["skipped"] = why_not(name, case, how, guarantee)
    if result["skipped"]:
        return result
    trial = Trial(path, case, guarantee)
    try:
        result["skipped"] = trial.killed(how) if how in ROUNDS else trial.straight(*how)
    except (Wrong, subprocess.TimeoutExpired) as wrong:
        result["wrong"] = f"{wrong}\n(see {trial.folder})"
        return result
    result["tasks"] = trial.tasks_changed
    shutil.rmtree(trial.folder, ignore_errors=True)
    return result


def main():
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        results = list(pool.map(run, jobs()))
    said = set()
    for result in results:
        if result["wrong"]:
            print(f"FAIL {result['what']}\n{result['wrong']}")
        elif result["skipped"]:
            what, reason = result["what"].partition(", round")[0], result["skipped"].splitlines()[0]
            if (what, reason) not in said:
                print(f"not  {what}: {reason}")
            said.add((what, reason))
        else:
            print(f"pass {result['what']}{', tasks changed' if result['tasks'] else ''}")
    ran = [r for r in results if not r["skipped"]]
    failed = [r for r in ran if r["wrong"]]
    killed = [r for r in ran if "killed" in r["what"]]
    changed = [r for r in ran if r.get("tasks")]
    print(f"{len(ran)} runs, {len(killed)} of them killed twice, {len(changed)} with other numbers "
          f"of tasks, {len(results) - len(ran)} not possible, {len(failed)} failed, "
          f"{time.monotonic() - begun:.1f} s")
    # A change that made all of them impossible must not look like success.
    enough = len(killed) >= 60 and len(changed) >= 40
    return 1 if failed or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
