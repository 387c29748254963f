#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run: SIGHUP lets pipelines go over to their changed files, and loses nothing."""
import json
import os
import signal
import threading
import time
import unittest
import urllib.request

from program import PATIENCE_S, Case, flow


def notice(text):
    """Whether a line of --output json is a notice with this in it."""
    return lambda line: line.startswith('{"kind": "notice"') and text in line


class Writer(threading.Thread):
    """Appends numbered lines until it is told to stop."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.count = 0
        self.over = threading.Event()

    def run(self):
        with open(self.path, "a", encoding="utf-8") as file:
            while not self.over.wait(0.001):
                for _ in range(50):
                    file.write(f"line {self.count}\n")
                    self.count += 1
                file.flush()

    def stop(self):
        self.over.set()
        self.join()


class Reload(Case):
    def follow(self, *between, out="a.txt", **more):
        source = {"name": "read", "type": "file",
                  "config": {"path": "in.txt", "follow": True, "follow_interval": "5ms"}}
        sink = {"name": "write", "type": "file", "config": {"path": out}}
        return flow(source, *between, sink, job=False, name="follow", epoch_interval="10ms", **more)

    def run_json(self, *arguments):
        process = self.start("run", "--output", "json", *arguments)
        self.wait_for_line(process.stderr, lambda line: '"state": "running"' in line)
        return process

    def hang_up(self, process, text):
        """Signals it and waits for the notice with `text`."""
        process.send_signal(signal.SIGHUP)
        return json.loads(self.wait_for_line(process.stderr, notice(text)))["message"]

    def lines_of(self, name):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()

    def wait_for(self, ready):
        end = time.monotonic() + PATIENCE_S
        while not ready():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_under_load_nothing_is_lost(self):
        self.write("in.txt", "")
        path = self.write("flow.yaml", self.follow())
        process = self.run_json("flow.yaml")
        writer = Writer(os.path.join(self.folder, "in.txt"))
        writer.start()
        slow = {"type": "noop_transform", "threads": 1, "chain": False}
        for i, between in enumerate([[slow], [], [slow, slow], []]):
            before = writer.count
            self.wait_for(lambda: writer.count > before + 500)
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.follow(*between, out=f"b{i}.txt"))
            said = self.hang_up(process, "reloaded follow from flow.yaml")
            self.assertIn("all that was read was delivered, and it goes on", said)
        writer.stop()
        outs = ["a.txt"] + [f"b{i}.txt" for i in range(4)]
        self.wait_for(lambda: sum(len(self.lines_of(out)) for out in outs) >= writer.count)
        self.assertEqual(self.stop(process)[0], 0)
        got = [line for out in outs for line in self.lines_of(out)]
        self.assertEqual(got, [f"line {n}" for n in range(writer.count)])  # in order, nothing twice
        self.assertTrue(all(self.lines_of(out) for out in outs))

    def test_without_a_state_folder_it_goes_on_too(self):
        self.write("in.txt", "one\n")
        self.write("flow.yaml", self.follow())
        process = self.run_json("--no-state", "flow.yaml")
        self.wait_for(lambda: self.lines_of("a.txt") == ["one"])
        self.write("flow.yaml", self.follow(out="b.txt"))
        self.hang_up(process, "reloaded follow")
        self.write("in.txt", "one\ntwo\n")
        self.wait_for(lambda: self.lines_of("b.txt"))
        self.assertEqual(self.stop(process)[0], 0)
        self.assertEqual(self.lines_of("b.txt"), ["two"])

    def test_a_wrong_file_is_told_and_the_old_one_runs_on(self):
        self.write("in.txt", "one\n")
        self.write("flow.yaml", self.follow())
        process = self.run_json("flow.yaml")
        self.write("flow.yaml", self.follow().replace('"file"', '"fiel"'))
        said = self.hang_up(process, "still running on the old one")
        self.assertIn('error[unknown-type]', said)
        self.assertIn('did you mean "file"?', said)
        self.write("flow.yaml", self.follow().replace('"name": "follow"', '"name": "other"'))
        self.assertIn("[cannot-reload]", self.hang_up(process, "still running"))
        self.write("in.txt", "one\ntwo\n")
        self.wait_for(lambda: self.lines_of("a.txt") == ["one", "two"])
        self.assertEqual(self.stop(process)[0], 0)

    def test_a_file_that_cannot_start_makes_way_for_the_old_one(self):
        self.write("in.txt", "one\n")
        self.write("flow.yaml", self.follow())
        process = self.run_json("flow.yaml")
        self.write("flow.yaml", self.follow(out="in.txt/none.txt"))
        self.assertIn("could not start", self.hang_up(process, "going on with the old one"))
        self.write("in.txt", "one\ntwo\n")
        self.wait_for(lambda: self.lines_of("a.txt") == ["one", "two"])
        self.assertEqual(self.stop(process)[0], 0)

    def test_state_is_kept_by_the_name_of_its_stage(self):
        def counting(threads, name="count"):
            return self.follow({"name": name, "type": "count", "key": "payload",
                                "threads": threads, "config": {"mode": "running"}},
                               checkpoint_interval="20ms")
        self.write("in.txt", "x\ny\nx\n")
        self.write("flow.yaml", counting(1))
        process = self.run_json("flow.yaml")
        self.wait_for(lambda: len(self.lines_of("a.txt")) == 3)
        self.write("flow.yaml", counting(1, name="tally"))
        self.assertIn("[state-changed]", self.hang_up(process, "still running"))
        self.write("flow.yaml", counting(3))
        self.hang_up(process, "reloaded follow")
        self.write("in.txt", "x\ny\nx\nx\n")
        self.wait_for(lambda: "x\t3" in self.lines_of("a.txt"))
        self.assertEqual(self.stop(process)[0], 0)

    def test_of_a_folder_new_files_start_and_lost_ones_stop(self):
        self.write("in.txt", "one\n")
        self.write("flows/follow.yaml", self.follow())
        self.write("flows/tick.yaml", flow({"type": "generator", "config": {"rate": 100}},
                                           {"type": "blackhole"}, job=False, name="tick"))
        process = self.run_json("--metrics", "127.0.0.1:0", "flows")
        os.remove(os.path.join(self.folder, "flows/tick.yaml"))
        self.write("flows/tock.yaml", flow({"type": "generator", "config": {"rate": 100}},
                                           {"type": "blackhole"}, job=False, name="tock"))
        self.hang_up(process, "tick.yaml is gone, and tick has stopped")
        self.wait_for_line(process.stderr, lambda line: '"pipeline": "tock"' in line and
                           '"state": "running"' in line)
        code, _, err = self.stop(process)
        self.assertEqual(code, 0, err)
        ends = {json.loads(line)["pipeline"] for line in err.splitlines()
                if '"kind": "summary"' in line}
        self.assertEqual(ends, {"follow", "tick", "tock"})

    def test_metrics_go_on(self):
        self.write("in.txt", "one\n")
        self.write("flow.yaml", self.follow())
        process = self.start("run", "--output", "json", "--metrics", "127.0.0.1:0", "flow.yaml")
        port = json.loads(self.wait_for_line(process.stderr,
                                             lambda line: "metrics are served" in line))["port"]
        self.wait_for_line(process.stderr, lambda line: '"state": "running"' in line)
        self.write("flow.yaml", self.follow({"name": "extra", "type": "noop_transform"}))
        self.hang_up(process, "reloaded follow")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics",
                                    timeout=PATIENCE_S) as response:
            self.assertIn('stage="extra"', response.read().decode())
        self.assertEqual(self.stop(process)[0], 0)

    def test_a_stop_while_it_drains_does_not_start_the_new_one(self):
        full = flow({"type": "generator"}, {"type": "stdout"}, job=False, name="full")
        self.write("full.yaml", full)
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        process = self.start("run", "--output", "json", "--drain-timeout", "1h", "full.yaml",
                             stdout=writer)
        os.close(writer)
        self.wait_for_line(process.stderr, lambda line: '"state": "running"' in line)
        process.send_signal(signal.SIGHUP)
        self.wait_for_line(process.stderr, lambda line: '"state": "draining"' in line)
        process.send_signal(signal.SIGTERM)
        self.wait_for_line(process.stderr, lambda line: '"stopping: ' in line)
        code, _, err = self.stop(process)
        self.assertEqual(code, 3, err)
        self.assertNotIn("reloaded", err)


if __name__ == "__main__":
    unittest.main()
