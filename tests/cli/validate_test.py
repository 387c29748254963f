#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate and plan: messages, exit codes and formats."""
import json
import os
import unittest

from program import SOURCE, Case, flow

BAD = """\
queues:
  - name: lines
    capcity: 10
stages:
  - name: read
    type: stdin
    threads: none
    output_queue: lins
"""
GOOD = flow({"type": "noop_source", "config": {"max_messages": 3}}, {"type": "stdout"})


class Validate(Case):
    def test_all_problems_at_once_with_their_places(self):
        self.write("bad.yaml", BAD)
        result = self.penstock("validate", "bad.yaml")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        for message in ("bad.yaml:3:5: error[unknown-field]: ", 'did you mean "capacity"?',
                        "bad.yaml:7:14: error[bad-integer]: ", "penstock explain "):
            self.assertIn(message, result.stderr)

    def test_json_for_programs(self):
        self.write("bad.yaml", BAD)
        self.write("good.yaml", GOOD)
        result = self.penstock("validate", "--output", "json", "bad.yaml", "good.yaml")
        self.assertEqual((result.returncode, result.stderr), (2, ""))
        report = json.loads(result.stdout)
        self.assertFalse(report["valid"])
        bad, good = report["files"]
        self.assertEqual((bad["valid"], good["valid"]), (False, True))
        first = bad["problems"][0]
        self.assertEqual((first["severity"], first["code"], first["line"], first["column"]),
                         ("error", "unknown-field", 3, 5))

    def test_good_files_and_folders(self):
        self.write("flows/a.yaml", GOOD)
        self.write("flows/b.json", GOOD)
        self.write("flows/notes.txt", "no flow")
        result = self.penstock("validate", "flows")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "flows/a.yaml: valid (2 stages, 1 queue)\n"
                                        "flows/b.json: valid (2 stages, 1 queue)\n")

    def test_missing_file_and_empty_folder(self):
        os.mkdir(os.path.join(self.folder, "empty"))
        for path in ("none.yaml", "empty"):
            result = self.penstock("validate", path)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(path, result.stderr)

    def test_as_flowctl_it_answers_as_flowctl_did(self):
        flowctl = self.link("flowctl")
        self.write("good.yaml", GOOD)
        self.write("bad.yaml", BAD)
        good = self.penstock("validate", "good.yaml", binary=flowctl)
        self.assertEqual((good.returncode, good.stdout), (0, "✅ flow is valid\n"))
        bad = self.penstock("validate", "bad.yaml", binary=flowctl)
        self.assertEqual(bad.returncode, 2)
        self.assertTrue(bad.stderr.startswith("❌ flow is invalid\n"))

    def test_secrets_are_not_shown(self):
        self.write("password", "open-sesame-1234\n")
        self.write("bad.yaml", "stages:\n  - name: ${file:password}\n    type: stdin\n"
                               "    threads: ${file:password}\n")
        for arguments in (["bad.yaml"], ["--output", "json", "bad.yaml"]):
            result = self.penstock("validate", *arguments)
            self.assertEqual(result.returncode, 2)
            self.assertNotIn("sesame", result.stdout + result.stderr)


class Plan(Case):
    def test_every_format(self):
        self.write("good.yaml", GOOD)
        text = self.penstock("plan", "good.yaml")
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        self.assertIn("at least once", text.stdout)
        self.assertTrue(self.penstock("plan", "--format", "dot", "good.yaml")
                        .stdout.startswith("digraph"))
        self.assertTrue(self.penstock("plan", "--format", "mermaid", "good.yaml")
                        .stdout.startswith("flowchart"))
        plan = json.loads(self.penstock("plan", "--format", "json", "good.yaml").stdout)
        self.assertEqual([stage["type"] for stage in plan["stages"]], ["noop_source", "stdout"])
        self.assertEqual(plan["paths"][0]["guarantee"], "at least once")

    def test_bad_file(self):
        self.write("bad.yaml", BAD)
        result = self.penstock("plan", "bad.yaml")
        self.assertEqual((result.returncode, result.stdout), (2, ""))


class Examples(Case):
    def test_every_example_in_the_tree_is_valid(self):
        seen = 0
        for top in ("src", "examples", "docs"):
            for folder, _, files in os.walk(os.path.join(SOURCE, top)):
                for name in files:
                    if name == "example.yaml" or (top == "examples" and name.endswith(".yaml") and
                                                  not name.endswith("_test.yaml")):
                        seen += 1
                        result = self.penstock("validate", os.path.join(folder, name))
                        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(seen, 10)


if __name__ == "__main__":
    unittest.main()
