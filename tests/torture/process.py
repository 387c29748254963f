# SPDX-License-Identifier: Apache-2.0
"""Processes of the pipeline, one after the other, and how each of them dies."""
import json
import os
import re
import signal
import subprocess
import time

from load import wait_until

PATIENCE_S = 90  # so long without a sign of life, and it hangs


class Wrong(Exception):
    """A promise was broken."""


class Commits:
    """Which bytes of which files a commit point says are delivered."""

    def __init__(self, positions):
        self.stretches = {}  # path → [(begin, end)]
        self.text = set()    # "partition at position", as the log has it
        for position in positions:
            partition, value = position["partition"], position["position"]
            if not position["finished"]:
                self.text.add(f"{partition} at {value}")
            found = re.match(r"at=(\d+)", value)
            if found and "|" in partition:
                path, begin = partition.rsplit("|", 1)
                path = path.rsplit("@", 1)[0]
                self.stretches.setdefault(path, []).append((int(begin), int(found.group(1))))

    def covers(self, path, offset):
        return any(begin <= offset < end for begin, end in self.stretches.get(path, ()))


class Pipeline:
    """One flow, run again and again in its folder."""

    def __init__(self, binary, folder, rng):
        self.binary = binary
        self.folder = folder
        self.random = rng
        self.process = None
        self.log = None
        self.incarnation = -1
        self.commits = []  # by incarnation: what was committed when it started
        self.resets = set()  # incarnations that started again by themselves

    def command(self, *arguments):
        done = subprocess.run([self.binary, *arguments], cwd=self.folder, capture_output=True,
                              text=True, timeout=PATIENCE_S, check=False)
        if done.returncode != 0:
            raise Wrong(f"penstock {' '.join(arguments)}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def positions(self):
        if not os.path.isdir(os.path.join(self.folder, "state")):
            return []
        shown = json.loads(self.command("positions", "show", "flow.json", "--state", "state",
                                        "--output", "json"))
        return [p for region in shown["regions"] for p in region["positions"]]

    def log_path(self, incarnation):
        return os.path.join(self.folder, f"log{incarnation}.txt")

    def start(self):
        self.incarnation += 1
        self.commits.append(Commits(self.positions()))
        self.log = open(self.log_path(self.incarnation), "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.binary, "run", "flow.json", "--state", "state", "--if-done", "skip",
             "--output", "none", "--workers", str(self.random.choice([1, 2, 3]))],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)

    def manifest_times(self):
        """When the commit points were written last."""
        times = {}
        for folder, _, names in os.walk(os.path.join(self.folder, "state")):
            if "manifest" in names:
                try:
                    times[folder] = os.stat(os.path.join(folder, "manifest")).st_mtime_ns
                except FileNotFoundError:
                    pass
        return times

    def wait_for_commit(self):
        """Returns the moment a commit point was written; False if none was for a while."""
        before = self.manifest_times()
        end = time.monotonic() + 0.7
        while time.monotonic() < end and self.process.poll() is None:
            if self.manifest_times() != before:
                return True
            time.sleep(0.0005)
        return False

    def live(self):
        """Lets it run for a while, drawn by chance; False if it ended by itself."""
        how = self.random.random()
        if how < 0.15:
            wait = self.random.uniform(0, 0.06)  # while it starts
        elif how < 0.45:
            for _ in range(self.random.choice([1, 1, 2, 3, 8])):
                if not self.wait_for_commit():
                    break
            wait = self.random.uniform(0, 0.004)
        else:
            wait = min(2.0, self.random.expovariate(1 / 0.35))
        try:
            self.process.wait(timeout=wait)
            return False
        except subprocess.TimeoutExpired:
            return True

    def kill(self):
        """SIGKILL; now and then in the middle of a stop. False if it had ended before."""
        if self.random.random() < 0.15:
            self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(timeout=self.random.uniform(0, 0.3))
                self.ended(code, (0, 3, -signal.SIGTERM))  # the last: it had not begun yet
                return code == -signal.SIGTERM
            except subprocess.TimeoutExpired:
                pass
        self.process.kill()
        code = self.process.wait()
        if code in (-signal.SIGKILL, -signal.SIGTERM):
            self.close()
            return True
        self.ended(code, (0, 3))
        return False

    def ended(self, code, right):
        """It ended by itself or on request, with this exit code."""
        self.close()
        if code not in right:
            raise Wrong(f"exit code {code}\n{self.read_log(self.incarnation)[-3000:]}")

    def close(self):
        self.log.close()
        self.check_log()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        # It may have been asked before it had begun to listen: everything was delivered already.
        self.ended(self.process.wait(timeout=PATIENCE_S), (0, -signal.SIGTERM))

    def finish(self, progress):
        """Waits for the end of a job, as long as something comes out of it."""
        if not wait_until(lambda: self.process.poll() is not None, PATIENCE_S, progress):
            raise Wrong(f"nothing came out of it for {PATIENCE_S} s")
        self.ended(self.process.returncode, (0,))

    def abandon(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def read_log(self, incarnation):
        with open(self.log_path(incarnation), encoding="utf-8", errors="replace") as log:
            return log.read()

    def check_log(self):
        """What the restart printed is what the commit point says; nothing broke."""
        text = self.read_log(self.incarnation)
        for sign in ("CHECK failed", "Sanitizer", "terminate called"):
            if sign in text:
                raise Wrong(f"the process broke\n{text[-3000:]}")
        if "starting again from the last commit point" in text:
            self.resets.add(self.incarnation)
        known = self.commits[self.incarnation].text
        for printed in re.findall(r"resuming \S+ behind epoch \d+ \((.*?)\);", text):
            for one in printed.split(", "):
                if one not in ("…", "") and " at at=" in one and one not in known:
                    if self.incarnation not in self.resets:
                        raise Wrong(f"printed at the restart: {one}; committed: {sorted(known)}")
