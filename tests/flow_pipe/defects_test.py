#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each defect that users of flow-pipe's own runtime meet, as a claim that it does not happen here.

Runs the program named by PENSTOCK_BINARY as a user would. Nothing here sleeps: a test waits for
output that must come.
"""
import os
import signal
import subprocess
import sys
import tempfile
import unittest

PENSTOCK = os.environ["PENSTOCK_BINARY"]
COMPAT = os.environ.get("PENSTOCK_COMPAT_DIR") or os.path.join(
    os.path.dirname(__file__), "..", "..", "..", "shared", "compat")


class FlowPipeDefects(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def flow(self, text, name="flow.yaml"):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        return self.path(name)

    def start(self, flow, **kwargs):
        return subprocess.Popen(
            [PENSTOCK, "run", flow, "--state", self.path("state"), "--quiet"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kwargs)

    def run_flow(self, flow):
        process = self.start(flow)
        out, err = process.communicate(timeout=60)
        return process.returncode, out.splitlines(), err

    def finish(self, process):
        """The rest of both outputs. (communicate() would lose what readline() has buffered.)"""
        out = process.stdout.read()
        err = process.stderr.read()
        process.wait(timeout=60)
        process.stdout.close()
        process.stderr.close()
        return out, err

    def test_a_short_job_delivers_everything_whatever_the_order_of_its_stages(self):
        stages = {
            "source": "{name: a, type: noop_source, threads: 1, output_queue: q, "
                      "config: {max_messages: 100, message: m}}",
            "sink": "{name: b, type: stdout_sink, threads: 1, input_queue: q}",
        }
        for order in (("source", "sink"), ("sink", "source")):
            flow = self.flow("execution: {mode: EXECUTION_MODE_JOB}\n"
                             "queues: [{name: q, capacity: 8}]\nstages:\n"
                             + "".join(f"  - {stages[name]}\n" for name in order))
            code, lines, err = self.run_flow(flow)
            self.assertEqual(code, 0, err)
            self.assertEqual(len(lines), 100)

    def test_a_stop_delivers_what_was_read(self):
        flow = self.flow(
            "queues: [{name: q1, capacity: 128}, {name: q2, capacity: 128}]\nstages:\n"
            "  - {name: a, type: noop_source, threads: 1, output_queue: q1,"
            " config: {message: m, delay_ms: 1}}\n"
            "  - {name: t, type: noop_transform, threads: 1, input_queue: q1, output_queue: q2,"
            " config: {delay_ms: 2}}\n"
            "  - {name: z, type: stdout_sink, threads: 1, input_queue: q2}\n")
        process = self.start(flow)
        first = [process.stdout.readline() for _ in range(20)]
        process.send_signal(signal.SIGTERM)
        rest, err = self.finish(process)
        self.assertEqual(process.returncode, 0, err)
        lines = [line.strip() for line in first] + rest.splitlines()
        numbers = [int(line.rsplit("#", 1)[1]) for line in lines]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assertGreater(len(numbers), 20)

    def test_a_failure_is_not_reported_as_success(self):
        with open(self.path("no"), "w", encoding="utf-8"):
            pass  # a file where the path needs a folder
        flow = self.flow(
            "execution: {mode: EXECUTION_MODE_JOB}\nqueues: [{name: q}]\nstages:\n"
            "  - {name: a, type: noop_source, threads: 1, output_queue: q,"
            " config: {max_messages: 5}}\n"
            f"  - {{name: b, type: file, threads: 1, input_queue: q,"
            f" config: {{path: {self.path('no/such/folder/file')}}}}}\n")
        code, _, err = self.run_flow(flow)
        self.assertEqual(code, 1, err)
        self.assertIn("no/such/folder", err)

    def test_a_quiet_source_has_not_ended(self):
        flow = self.flow("queues: [{name: q}]\nstages:\n"
                         "  - {name: a, type: stdin, threads: 1, output_queue: q}\n"
                         "  - {name: b, type: stdout, threads: 1, input_queue: q}\n")
        process = self.start(flow, stdin=subprocess.PIPE)
        for word in ("one", "two", "three"):  # each is asked for only after the last came through
            process.stdin.write(word + "\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline().strip(), word)
        process.stdin.close()
        _, err = self.finish(process)
        self.assertEqual(process.returncode, 0, err)

    def test_a_finite_flow_ends_by_itself_without_an_execution_block(self):
        flow = self.flow("queues: [{name: q}]\nstages:\n"
                         "  - {name: a, type: noop_source, threads: 1, output_queue: q,"
                         " config: {max_messages: 3}}\n"
                         "  - {name: b, type: stdout_sink, threads: 1, input_queue: q}\n")
        code, lines, err = self.run_flow(flow)
        self.assertEqual((code, len(lines)), (0, 3), err)

    def test_what_can_never_run_is_refused_at_once(self):
        for text in ("stages: []\n",
                     "queues: [{name: q}]\nstages:\n"
                     "  - {name: b, type: stdout_sink, threads: 1, input_queue: q}\n"):
            code, _, err = self.run_flow(self.flow(text))
            self.assertEqual(code, 2, err)
            self.assertIn("flow.yaml:", err)

    def test_a_value_that_looks_like_a_boolean_is_still_a_text(self):
        flow = self.flow("name: \"on\"\nenv: {DEBUG: \"true\", PORT: 8080}\nlabels: {build: yes}\n"
                         "queues: [{name: q}]\nstages:\n"
                         "  - {name: a, type: noop_source, threads: 1, output_queue: q,"
                         " config: {max_messages: 1, message: \"no\"}}\n"
                         "  - {name: b, type: stdout_sink, threads: 1, input_queue: q}\n")
        code, lines, err = self.run_flow(flow)
        self.assertEqual((code, len(lines)), (0, 1), err)
        self.assertTrue(lines[0].startswith("no #"), lines)

    def test_shipped_flows_with_an_end_deliver_everything(self):
        flows = os.path.join(COMPAT, "flow-pipe", "flows")
        if not os.path.isdir(flows):
            self.skipTest("the compat folder is not here")
        for name, count in (("schema.registry.yaml", 10), ("fanout.yaml", 20)):
            code, lines, err = self.run_flow(os.path.join(flows, name))
            self.assertEqual((code, len(lines)), (0, count), err)

    def test_a_crash_loses_nothing_and_a_finished_flow_is_not_resumed(self):
        with open(self.path("in.txt"), "w", encoding="utf-8") as out:
            out.writelines(f"line {i}\n" for i in range(20000))
        flow = self.flow(
            "queues: [{name: q, capacity: 64}, {name: r, capacity: 64}]\nstages:\n"
            f"  - {{name: a, type: file, threads: 1, output_queue: q,"
            f" config: {{path: {self.path('in.txt')}}}}}\n"
            "  - {name: t, type: throttle, threads: 1, input_queue: q, output_queue: r,"
            " config: {rate: 20000}}\n"
            "  - {name: b, type: stdout, threads: 1, input_queue: r}\n")
        process = self.start(flow)
        lines = [process.stdout.readline().strip() for _ in range(5000)]
        process.kill()
        out, _ = self.finish(process)
        lines += out.split("\n")[:-1]  # what stands behind the last newline was cut by the kill
        code, rest, err = self.run_flow(flow)
        self.assertEqual(code, 0, err)
        expected = {f"line {i}" for i in range(20000)}
        self.assertEqual(expected - set(lines) - set(rest), set())
        self.assertLess(len(rest), 20000, "it began at the beginning")
        code, again, err = self.run_flow(flow)
        self.assertEqual((code, len(again)), (0, 20000), err)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
