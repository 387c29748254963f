#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""topic: what is made, written, read, shown and deleted; beside pipelines and against them."""
import json
import os
import subprocess
import unittest

from program import BINARY, Case, flow, objects


class Topic(Case):
    def setUp(self):
        super().setUp()
        self.env["PENSTOCK_TOPICS"] = self.folder + "/topics"

    def done(self, *arguments, given=""):
        result = self.penstock("topic", *arguments, given=given)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def refused(self, code, *arguments):
        result = self.penstock("topic", *arguments)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(code, result.stderr)

    def test_what_is_written_is_read(self):
        self.done("create", "orders")
        self.done("write", "orders", given="one\ntwo\nthree")
        self.assertEqual(self.done("read", "orders"), "one\ntwo\nthree\n")
        self.assertEqual(self.done("read", "orders", "--from", "1", "--limit", "1"), "two\n")

    def test_keys_choose_partitions_and_json_shows_everything(self):
        self.done("create", "orders", "--partitions", "4")
        self.done("write", "orders", "--key", ":", given="a:1\nb:2\na:3\n")
        seen = objects(self.done("read", "orders", "--output", "json"))
        by_key = {key: [(r["partition"], r["payload"]) for r in seen if r["key"] == key]
                  for key in "ab"}
        self.assertEqual([payload for _, payload in by_key["a"]], ["1", "3"])
        self.assertEqual(len({partition for partition, _ in by_key["a"]}), 1)
        self.assertEqual([payload for _, payload in by_key["b"]], ["2"])

    def test_tombstones_pass_through_pipelines(self):
        self.done("create", "a")
        self.done("write", "a", "--key", ":", "--tombstones", given="k:1\nk:\nempty\n")
        self.write("copy.yaml", flow(
            {"type": "topic", "config": {"topic": "a", "follow": False}},
            {"type": "throttle", "config": {"rate": 100000}},
            {"type": "topic", "config": {"topic": "b"}}, name="copy"))
        result = self.penstock("run", "copy.yaml")
        self.assertEqual(result.returncode, 0, result.stderr)
        for topic in ("a", "b"):
            seen = objects(self.done("read", topic, "--output", "json"))
            self.assertEqual([(r.get("key"), r["payload"]) for r in seen],
                             [("k", "1"), ("k", None), (None, "empty")])

    def test_bytes_that_are_no_text_are_shown_as_base64(self):
        self.done("create", "a")
        path = os.path.join(self.folder, "bytes")
        with open(path, "wb") as file:
            file.write(b"\xff\xfe\n")
        with open(path, "rb") as file:
            subprocess.run([BINARY, "topic", "write", "a"], stdin=file, env=self.env, check=True,
                           cwd=self.folder, stderr=subprocess.DEVNULL)
        seen = objects(self.done("read", "a", "--output", "json"))
        self.assertEqual(seen[0]["payload_base64"], "//4=")

    def test_list_and_describe_and_delete(self):
        self.done("create", "orders", "--partitions", "2", "--retention", "1h")
        self.done("write", "orders", "--partition", "1", given="a\nb\n")
        self.assertEqual(json.loads(self.done("list", "--output", "json"))[0]["records"], 2)
        self.assertIn("orders", self.done("list"))
        shown = json.loads(self.done("describe", "orders", "--output", "json"))
        self.assertEqual([p["next"] for p in shown["partitions"]], [0, 2])
        self.assertEqual(shown["retention_ms"], 3600000)
        self.assertIn("kept: 1h", self.done("describe", "orders"))
        self.done("delete", "orders")
        self.assertEqual(json.loads(self.done("list", "--output", "json")), [])

    def test_mistakes_have_one_clear_error_each(self):
        self.refused("topic-not-found", "read", "nothing")
        self.refused("bad-topic-name", "create", "a/b")
        self.refused("bad-topic-settings", "create", "a", "--partitions", "0")
        self.done("create", "a")
        self.done("create", "a")
        self.refused("topic-exists", "create", "a", "--partitions", "2")
        self.refused("partitions, from 0", "read", "a", "--partition", "1")

    def test_a_pipeline_writes_and_another_reads_as_a_group(self):
        write = flow({"type": "noop_source", "config": {"message": "m", "max_messages": 50}},
                     {"type": "topic", "config": {"topic": "t", "partitions": 2}}, name="write")
        read = flow({"type": "topic", "config": {"topic": "t", "follow": False, "group": "g"}},
                    {"type": "stdout"}, name="read")
        self.write("write.yaml", write)
        self.write("read.yaml", read)
        self.assertEqual(self.penstock("run", "write.yaml").returncode, 0)
        result = self.penstock("run", "read.yaml")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(sorted(result.stdout.splitlines()), sorted(f"m #{n}" for n in range(50)))
        shown = json.loads(self.done("describe", "t", "--output", "json"))
        self.assertEqual(sum(p["next"] for p in shown["groups"]["g"]), 50)
        self.assertEqual(sum(p["lag"] for p in shown["groups"]["g"]), 0)
        again = self.penstock("run", "--fresh", "read.yaml")
        self.assertEqual((again.returncode, again.stdout), (0, ""))

    def test_exactly_once_shows_all_at_the_end(self):
        self.write("in.txt", "".join(f"m #{n}\n" for n in range(50)))
        text = flow({"type": "file", "config": {"path": "in.txt"}},
                    {"type": "topic", "config": {"topic": "t"}}, name="once",
                    guarantee="exactly_once")
        self.write("once.yaml", text)
        result = self.penstock("run", "once.yaml")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.done("read", "t"), "".join(f"m #{n}\n" for n in range(50)))

    def test_following_sees_what_another_process_writes(self):
        self.done("create", "t")
        self.done("write", "t", given="before\n")
        reader = self.start("topic", "read", "t", "--follow", "--limit", "2")
        self.wait_for_line(reader.stdout, lambda line: line == "before\n")
        self.done("write", "t", given="after\n")
        self.assertEqual(reader.communicate()[0], "after\n")
        self.assertEqual(reader.returncode, 0)

    def test_one_process_at_a_time_writes(self):
        endless = flow({"type": "generator", "config": {"rate": 1000}},
                       {"type": "topic", "config": {"topic": "t"}}, job=False, name="endless")
        self.write("endless.yaml", endless)
        process = self.start("run", "--output", "json", "endless.yaml")
        self.wait_for_line(process.stderr, lambda line: '"state":"running"' in
                           line.replace(" ", ""))
        self.refused("topic-in-use", "write", "t")
        self.refused("topic-in-use", "delete", "t")
        self.assertEqual(self.stop(process)[0], 0)
        self.done("delete", "t")


if __name__ == "__main__":
    unittest.main()
