#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every component's example.yaml runs, from a copy of its folder."""
import json
import os
import shutil
import unittest
import urllib.request

from program import PATIENCE_S, SOURCE, Case, free_port, objects

# These need a server, and run beside one: tests/kafka.
ELSEWHERE = {"kafka"}
FOLDERS = [os.path.join(SOURCE, "src", room, name)
           for room in ("stages", "connectors")
           for name in sorted(os.listdir(os.path.join(SOURCE, "src", room)))
           if name not in ELSEWHERE and
           os.path.exists(os.path.join(SOURCE, "src", room, name, "example.yaml"))]


SERVERS = os.environ.get("PENSTOCK_SERVERS", "")


class Examples(Case):
    def copy(self, folder):
        for name in os.listdir(folder):
            if name.endswith((".yaml", ".txt", ".json", ".md", ".csv")):
                shutil.copy(os.path.join(folder, name), self.folder)

    def setUp(self):
        super().setUp()
        for name, variable in (("nats", "NATS_URL"),):  # servers that a fixture has started
            path = os.path.join(SERVERS, name, "url")
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    self.env[variable] = file.read().strip()

    def is_job(self):
        with open(os.path.join(self.folder, "example.yaml"), encoding="utf-8") as file:
            return "EXECUTION_MODE_JOB" in file.read()

    def test_jobs_end_with_everything_delivered(self):
        self.assertGreater(len(FOLDERS), 10)
        for folder in FOLDERS:
            self.copy(folder)
            if not self.is_job():
                continue
            with self.subTest(os.path.relpath(folder, SOURCE)):
                result = self.penstock("run", "--output", "json", "--no-state", "example.yaml",
                                       given="one\ntwo\n")
                self.assertEqual(result.returncode, 0, result.stderr)
                stages = objects(result.stderr)[-1]["stages"]
                sinks = [stage for stage in stages if stage["kind"] == "sink"]
                self.assertGreater(sum(stage["records_in"] for stage in sinks), 0)

    def test_the_others_run_until_they_are_stopped(self):
        for folder in FOLDERS:
            self.copy(folder)
            if self.is_job():
                continue
            with self.subTest(os.path.relpath(folder, SOURCE)):
                self.env["HTTP_PORT"] = str(free_port())
                process = self.start("run", "--output", "json", "--no-state", "example.yaml")
                self.wait_for_line(process.stderr, lambda line: line.startswith("{") and
                                   json.loads(line).get("state") == "running")
                if folder.endswith("/http"):
                    url = f"http://127.0.0.1:{self.env['HTTP_PORT']}/"
                    with urllib.request.urlopen(url, b"hello", timeout=PATIENCE_S) as answer:
                        self.assertEqual(answer.status // 100, 2)
                self.assertTrue(process.stdout.readline())
                code, _, err = self.stop(process)
                self.assertIn(code, (0, 3), err)


if __name__ == "__main__":
    unittest.main()
