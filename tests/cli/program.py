# SPDX-License-Identifier: Apache-2.0
"""Runs the built penstock, for the tests beside this file."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

BINARY = os.environ["PENSTOCK_BINARY"]
SOURCE = os.environ["PENSTOCK_SOURCE"]
PATIENCE_S = 120  # a bound on what hangs; nothing waits for it to pass


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Case(unittest.TestCase):
    """A test with a folder of its own, which is also where state goes."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="penstock-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("PENSTOCK_", "XDG_")) and k != "NO_COLOR"}
        self.env["HOME"] = self.folder

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def link(self, name):
        """The program under another name."""
        path = os.path.join(self.folder, name)
        os.symlink(BINARY, path)
        return path

    def penstock(self, *arguments, binary=BINARY, given=""):
        """Runs it to its end; .returncode, .stdout, .stderr."""
        return subprocess.run([binary, *arguments], input=given, capture_output=True, text=True,
                              timeout=PATIENCE_S, cwd=self.folder, env=self.env, check=False)

    def start(self, *arguments, **more):
        """Starts it; the caller reads its pipes and ends it."""
        process = subprocess.Popen([BINARY, *arguments], stdin=subprocess.DEVNULL,
                                   stdout=more.get("stdout", subprocess.PIPE),
                                   stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                   env=self.env)

        def end():
            if process.poll() is None:
                process.kill()
            process.communicate()

        # Who waits for a line that never comes would wait for ever.
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.daemon = True
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        self.addCleanup(end)
        return process

    def wait_for_line(self, stream, wanted):
        """The first line for which wanted(line) is true; fails at the end of the stream."""
        seen = []
        for line in stream:
            seen.append(line)
            if wanted(line):
                return line
        self.fail("the stream ended after:\n" + "".join(seen[-20:]))

    def stop(self, process, how=signal.SIGTERM):
        """Signals it and waits; (exit code, stdout, stderr)."""
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err


def objects(text):
    """The JSON objects among the lines of a text."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def flow(*stages, job=True, **more):
    """A flow as JSON, which is YAML too: stages joined in a row by queues."""
    spec = {"stages": [], "queues": []}
    if job:
        spec["execution"] = {"mode": "EXECUTION_MODE_JOB"}
    for number, stage in enumerate(stages):
        stage = dict(stage)
        stage.setdefault("name", f"stage{number}")
        if number > 0:
            stage["input_queue"] = f"queue{number}"
        if number + 1 < len(stages):
            stage["output_queue"] = f"queue{number + 1}"
            spec["queues"].append({"name": f"queue{number + 1}", "capacity": 1024})
        spec["stages"].append(stage)
    spec.update(more)
    return json.dumps(spec)
