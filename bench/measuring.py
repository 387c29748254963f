# SPDX-License-Identifier: Apache-2.0
"""Runs programs and measures them from outside: wall and CPU time, peak memory, what they print."""
import contextlib
import dataclasses
import fcntl
import json
import os
import re
import statistics
import subprocess
import tempfile
import threading
import time


LOCK = None  # a file that is locked around each measurement, on machines that others measure on


@contextlib.contextmanager
def locked():
    if not LOCK:
        yield
        return
    with open(LOCK, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclasses.dataclass
class Run:
    """One run of a whole process. Peak memory is that of the process itself,
        not of its children."""
    seconds: float
    cpu_seconds: float
    peak_mib: float
    text: str

    def figures(self, name=None):
        """The last line of JSON that it printed, or the last of that name."""
        for line in reversed(self.text.splitlines()):
            if line.startswith("{") and (name is None or json.loads(line).get("name") == name):
                return json.loads(line)
        raise ValueError(f"no figures in: {self.text[-500:]!r}")


class PeakMemory(threading.Thread):
    """Looks at a process's peak memory until it has ended. (What wait4 says is no less than what
    this program itself had when it forked.)"""

    def __init__(self, pid):
        super().__init__()
        self.path, self.mib = f"/proc/{pid}/status", 0.0
        self.start()

    def run(self):
        while True:
            with open(self.path) as file:
                found = re.search(r"VmHWM:\s+(\d+)", file.read())
            if not found:  # it has ended, and waits for us
                return
            self.mib = max(self.mib, int(found.group(1)) / 1024)
            time.sleep(0.02)


def run(command, env=None, stdout_path=None, shell=False, seconds_max=600):
    """Runs to the end; anything but exit code 0 is an error, and so is no end."""
    environment = {**os.environ, **{k: str(v) for k, v in (env or {}).items()}}
    with tempfile.TemporaryFile() as out:
        target = open(stdout_path, "wb") if stdout_path else out
        start = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=target,
                                   stderr=subprocess.PIPE, shell=shell)
        alarm = threading.Timer(seconds_max, process.kill)
        alarm.start()
        peak = PeakMemory(process.pid)
        complaint = process.stderr.read()
        peak.join()
        alarm.cancel()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if stdout_path:
            target.close()
        if process.returncode != 0:
            raise RuntimeError(f"{command} ended with {process.returncode}: "
                               f"{complaint.decode(errors='replace')[-2000:]}")
        out.seek(0)
        text = out.read().decode(errors="replace")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak.mib, text)


def warm_memory(path, mib):
    """Takes so much memory for a file and lets it go: some machines are guests whose host takes
    back what is free, and the next to write a large file would pay for that."""
    block = bytes(1 << 20)
    with open(path, "wb") as file:
        for _ in range(mib):
            file.write(block)
    os.unlink(path)


def cpu_seconds(pid):
    """What a process has taken so far."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A process that runs until it is told to end; its CPU time and memory can be read."""

    def __init__(self, command, env=None):
        environment = {**os.environ, **{k: str(v) for k, v in (env or {}).items()}}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def first_line(self):
        return self.process.stdout.readline().decode()

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Series:
    """The same figure from several runs."""

    def __init__(self, values):
        self.values = sorted(values)

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def best(self):
        """Of a rate: what a run makes that the machine's other users disturb least."""
        return self.values[-1]

    @property
    def least(self):
        """The same of a time."""
        return self.values[0]

    @property
    def spread(self):
        """Largest and smallest run against the median, as a fraction."""
        middle = self.median
        return (self.values[-1] - self.values[0]) / middle if middle else 0.0


def alternate(contenders, rounds, say):
    """Runs every contender once a round, so that all see the same machine.

    contenders: name → function that runs it and returns name → figure.
    Returns name → figure → Series.
    """
    seen = {name: {} for name in contenders}
    for number in range(rounds):
        for name, measure in contenders.items():
            with locked():
                figures = measure()
            say(f"  {number + 1}/{rounds} {name}: " +
                ", ".join(f"{k} {v:,.4g}" for k, v in figures.items()))
            for key, value in figures.items():
                seen[name].setdefault(key, []).append(value)
    return {name: {key: Series(values) for key, values in figures.items()}
            for name, figures in seen.items()}
