#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nats, jetstream: without a server, with a wrong one; what plan and run say."""
import unittest

from program import Case, flow


class Nats(Case):
    def setUp(self):
        super().setUp()
        self.env["PENSTOCK_TOPICS"] = self.folder + "/topics"
        self.write("words.txt", "one\ntwo\nthree\n")

    def run_flow(self, *stages, name="flow"):
        self.write(name + ".yaml", flow(*stages, name=name))
        return self.penstock("run", "--no-state", name + ".yaml")

    def test_subjects_without_a_server_are_topics_of_this_machine(self):
        written = self.run_flow(
            {"type": "file", "config": {"path": "words.txt"}},
            {"type": "jetstream", "config": {"subject": "words"}}, name="write")
        self.assertEqual(written.returncode, 0, written.stderr)
        self.assertIn('topic "words": no broker is named', written.stderr)
        read = self.run_flow(
            {"type": "jetstream", "config": {"stream": "WORDS", "subjects": ["words"],
                                             "follow": False}},
            {"type": "stdout"}, name="read")
        self.assertEqual(read.returncode, 0, read.stderr)
        self.assertEqual(read.stdout, "one\ntwo\nthree\n")

    def test_a_server_that_is_not_there_is_named_and_secrets_are_not(self):
        for kind in ("nats", "jetstream"):
            with self.subTest(kind):
                result = self.run_flow(
                    {"type": "file", "config": {"path": "words.txt"}},
                    {"type": kind, "config": {
                        "url": "nats://127.0.0.1:1", "subject": "words",
                        "connect_timeout": "300ms",
                        "auth": {"user": "me", "password": "sesame"}}})
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("nats-unreachable", result.stderr)
                self.assertIn("127.0.0.1:1", result.stderr)
                self.assertNotIn("sesame", result.stderr + result.stdout)

    def test_plan_says_whether_repeats_are_dropped(self):
        for kind, said in (("jetstream", "repeats are dropped"), ("nats", "repeats are kept")):
            with self.subTest(kind):
                config = {"url": "nats://127.0.0.1:1"}
                config.update({"stream": "IN"} if kind == "jetstream" else {"subjects": ["in"]})
                self.write("flow.yaml", flow(
                    {"type": kind, "config": config},
                    {"type": "jetstream", "config": {"url": "nats://127.0.0.1:1",
                                                     "subject": "out"}}))
                result = self.penstock("plan", "flow.yaml")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(said, result.stdout)


if __name__ == "__main__":
    unittest.main()
