#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What operators do: skip positions, look at records and dead letters, replay them, put on load."""
import json
import os
import stat
import unittest

from program import Case, flow, objects


def letters_flow(healed=False, **more):
    """topic in → parse, which rejects what is no JSON → out.txt; its dead letters in a topic."""
    parse = {"type": "noop_transform"} if healed else {
        "type": "map", "config": {"mapping": "this.n = this.n + 1"}}
    return json.dumps({
        "name": "letters", "execution": {"mode": "EXECUTION_MODE_JOB"},
        "queues": [{"name": q} for q in ("lines", "good", "dead")],
        "stages": [
            {"name": "in", "type": "topic", "output_queue": "lines",
             "config": {"topic": "in", "follow": False}},
            {"name": "parse", "input_queue": "lines", "output_queue": "good",
             "dead_letter": "dead", **parse},
            {"name": "out", "type": "file", "input_queue": "good",
             "config": {"path": "out.txt", "append": True}},
            {"name": "grave", "type": "topic", "input_queue": "dead",
             "config": {"topic": "dead"}}], **more})


class Positions(Case):
    def setUp(self):
        super().setUp()
        self.env["PENSTOCK_TOPICS"] = self.folder + "/topics"
        self.penstock("topic", "create", "t")
        self.penstock("topic", "write", "t", given="".join(f"{n}\n" for n in range(10)))
        self.write("read.yaml", flow({"type": "topic", "name": "in",
                                      "config": {"topic": "t", "follow": False}},
                                     {"type": "stdout"}, name="read"))

    def test_by_a_number_of_records_and_to_an_offset(self):
        first = self.penstock("positions", "skip", "read.yaml", "--partition", "0", "--to", "4")
        self.assertEqual((first.returncode, first.stdout),
                         (0, "in, partition 0: from its start to 4\n"), first.stderr)
        second = self.penstock("positions", "skip", "read.yaml", "--by", "3")
        self.assertEqual(second.stdout, "in, partition 0: from 4 to 7\n", second.stderr)
        self.assertEqual(self.penstock("run", "read.yaml").stdout, "7\n8\n9\n")

    def test_mistakes_are_refused_and_change_nothing(self):
        for arguments, message in [
                ([], "say either --by or --to"),
                (["--by", "1", "--to", "2"], "say either --by or --to"),
                (["--to", "four", "--partition", "0"], "is no offset"),
                (["--by", "1", "--partition", "0"], "nothing of partition '0' is committed"),
                (["--to", "1"], "0 partitions with a position"),
                (["--source", "other", "--to", "1"], "there is no source 'other'")]:
            result = self.penstock("positions", "skip", "read.yaml", *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(message, result.stderr)
        self.assertEqual(len(self.penstock("run", "read.yaml").stdout.splitlines()), 10)
        done = self.penstock("positions", "skip", "read.yaml", "--by", "1")
        self.assertIn("everything was read and delivered", done.stderr)

    def test_positions_that_do_not_count_records_are_set_by_word(self):
        self.write("in.txt", "a\nb\n")
        self.write("file.yaml", flow({"type": "file", "name": "in", "config":
                                      {"path": "in.txt", "follow": True}}, {"type": "stdout"},
                                     job=False, name="file"))
        process = self.start("run", "file.yaml")
        self.wait_for_line(process.stdout, lambda line: line == "b\n")
        running = self.penstock("positions", "skip", "file.yaml", "--by", "1")
        self.assertIn("state-locked", running.stderr)
        self.assertEqual(self.stop(process)[0], 0)
        refused = self.penstock("positions", "skip", "file.yaml", "--by", "1")
        self.assertIn("do not count records", refused.stderr)


class DeadLetters(Case):
    def setUp(self):
        super().setUp()
        self.env["PENSTOCK_TOPICS"] = self.folder + "/topics"
        self.penstock("topic", "create", "in")
        given = 'a:{"n": 1}\nb:bad\na:{"n": 2}\nc:worse\n'
        self.penstock("topic", "write", "in", "--key", ":", given=given)
        self.write("letters.yaml", letters_flow())
        result = self.penstock("run", "letters.yaml")
        self.assertEqual(result.returncode, 0, result.stderr)

    def lines(self):
        with open(os.path.join(self.folder, "out.txt"), encoding="utf-8") as file:
            return file.read().splitlines()

    def test_ls_counts_them_by_stage_and_error(self):
        listed = json.loads(self.penstock("dlq", "ls", "letters.yaml", "--output", "json").stdout)
        self.assertEqual([(k["stage"], k["letters"], k["replayed"]) for k in listed],
                         [("parse", 2, 0)])
        text = self.penstock("dlq", "ls", "letters.yaml").stdout
        self.assertIn("letters of parse in topic dead (stage grave)", text)

    def test_show_prints_what_was_rejected_and_why(self):
        shown = objects(self.penstock("dlq", "show", "letters.yaml", "--output", "json").stdout)
        self.assertEqual([(s["key"], s["payload"], s["stage"], s["attempts"]) for s in shown],
                         [("b", "bad", "parse", 1), ("c", "worse", "parse", 1)])
        self.assertTrue(all(s["code"] and s["error"] for s in shown))
        self.assertTrue(all("headers" not in s for s in shown))
        text = self.penstock("dlq", "show", "letters.yaml", "--limit", "1").stdout
        self.assertIn("stage parse, attempt 1", text)
        self.assertIn("\n  bad\n", text)
        none = self.penstock("dlq", "show", "letters.yaml", "--stage", "other")
        self.assertEqual((none.stdout, none.stderr), ("", "no letters\n"))

    def test_replay_goes_through_the_flow_and_rejects_again_what_still_fails(self):
        dry = self.penstock("dlq", "replay", "letters.yaml", "--dry-run")
        self.assertEqual(dry.stdout, "parse: 2 letters\n", dry.stderr)
        again = self.penstock("dlq", "replay", "letters.yaml")
        self.assertEqual((again.returncode, again.stdout),
                         (0, "2 letters replayed, 2 rejected again\n"), again.stderr)
        before = self.lines()
        self.write("letters.yaml", letters_flow(healed=True))
        healed = self.penstock("dlq", "replay", "letters.yaml")
        self.assertEqual(healed.stdout, "2 letters replayed\n", healed.stderr)
        self.assertEqual(sorted(self.lines()[len(before):]), ["bad", "worse"])
        nothing = self.penstock("dlq", "replay", "letters.yaml")
        self.assertEqual(nothing.stdout, "0 letters replayed\n", nothing.stderr)
        everything = self.penstock("dlq", "replay", "letters.yaml", "--again")
        self.assertEqual(everything.stdout, "4 letters replayed\n", everything.stderr)

    def test_replay_gives_a_source_its_records_back_with_their_keys(self):
        back = self.penstock("dlq", "replay", "letters.yaml", "--to", "in")
        self.assertEqual((back.returncode, back.stdout), (0, "2 letters replayed\n"), back.stderr)
        read = objects(self.penstock("topic", "read", "in", "--output", "json").stdout)
        self.assertEqual([(r["key"], r["payload"], r.get("headers")) for r in read[4:]],
                         [("b", "bad", None), ("c", "worse", None)])

    def test_replay_is_refused_while_the_pipeline_runs(self):
        text = json.loads(letters_flow(name="running"))
        text["stages"][0]["config"]["follow"] = True
        self.write("running.yaml", json.dumps(text))
        process = self.start("run", "--output", "json", "running.yaml")
        self.wait_for_line(process.stderr, lambda line: '"state":"running"' in
                           line.replace(" ", ""))
        refused = self.penstock("dlq", "replay", "running.yaml")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("state-locked", refused.stderr)
        self.assertEqual(self.stop(process)[0], 0)

    def test_a_filter_leaves_the_others_alone(self):
        none = self.penstock("dlq", "replay", "letters.yaml", "--code", "no-such-error")
        self.assertEqual(none.stdout, "0 letters replayed\n", none.stderr)
        self.assertEqual(self.penstock("dlq", "replay", "letters.yaml", "--dry-run").stdout,
                         "parse: 2 letters\n")


class Tap(Case):
    def setUp(self):
        super().setUp()
        self.write("tick.yaml", flow(
            {"type": "generator", "name": "make",
             "config": {"rate": 500, "template": "tick {{n}}"}},
            {"type": "noop_transform", "name": "pass"}, {"type": "blackhole", "name": "end"},
            job=False, name="tick"))
        self.process = self.start("run", "--output", "json", "tick.yaml")
        self.wait_for_line(self.process.stderr, lambda line: '"state":"running"' in
                           line.replace(" ", ""))

    def test_records_of_any_queue_are_shown_while_it_runs(self):
        for queue in ("queue1", "queue2"):  # both are plain calls: chained
            result = self.penstock("tap", "tick.yaml", queue, "--limit", "3")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(len(result.stdout.splitlines()), 3)
            self.assertTrue(result.stdout.startswith("tick "))
            self.assertRegex(result.stderr, r"^3 of \d+ records shown")
        for each in objects(self.penstock("tap", "tick.yaml", "queue1", "--limit", "2",
                                          "--output", "json").stdout):
            self.assertIn("tick ", each["payload"])
        self.assertEqual(self.stop(self.process)[0], 0)

    def test_only_its_user_may_look_and_only_while_it_runs(self):
        found = [os.path.join(folder, "tap.sock") for folder, _, names in os.walk(self.folder)
                 if "tap.sock" in names]
        self.assertEqual(len(found), 1)
        self.assertEqual(stat.S_IMODE(os.stat(found[0]).st_mode), 0o600)
        self.assertEqual(self.stop(self.process)[0], 0)
        self.assertFalse(os.path.exists(found[0]))
        gone = self.penstock("tap", "tick.yaml", "queue1")
        self.assertEqual(gone.returncode, 1)
        self.assertIn("not-running", gone.stderr)

    def test_queues_are_listed_and_wrong_ones_named(self):
        self.assertIn("queue1  make → pass", self.penstock("tap", "tick.yaml").stdout)
        wrong = self.penstock("tap", "tick.yaml", "quue1")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn('did you mean "queue1"?', wrong.stderr)

    def test_one_who_looks_is_told_that_the_run_has_ended(self):
        looker = self.start("tap", "tick.yaml", "queue1")
        self.wait_for_line(looker.stdout, lambda line: line.startswith("tick "))
        self.assertEqual(self.stop(self.process)[0], 0)
        self.assertIn("the run has ended", looker.communicate()[1])
        self.assertEqual(looker.returncode, 0)


class Bench(Case):
    def bench(self, *arguments):
        stage = "{type: topic, config: {topic: b, folder: topics}}"
        return self.penstock("bench", "--sink", stage, "--source", stage, "--output", "json",
                             *arguments)

    def test_everything_that_is_sent_comes_once_and_in_order(self):
        result = self.bench("--count", "20000", "--keys", "10", "--partitions", "3", "--size",
                            "200")
        report = json.loads(result.stdout)
        self.assertEqual((result.returncode, report["good"]), (0, True), result.stderr)
        self.assertEqual((report["sent"], report["received"]), (20000, 20000))
        self.assertEqual((report["lost"], report["twice"], report["out_of_order"]), (0, 0, 0))
        self.assertEqual(report["latency_us"]["count"], 20000)
        self.assertEqual(sum(row["count"] for row in report["histogram"]), 20000)
        shown = self.penstock("topic", "describe", "b", "--folder", "topics", "--output", "json")
        self.assertEqual(len(json.loads(shown.stdout)["partitions"]), 3)

    def test_a_run_does_not_count_what_another_left(self):
        self.bench("--count", "100")
        report = json.loads(self.bench("--count", "50", "--exactly-once").stdout)
        self.assertEqual((report["received"], report["of_other_runs"]), (50, 100))

    def test_loss_is_found_and_fails(self):
        sink = "{type: topic, config: {topic: one, folder: topics}}"
        source = "{type: topic, config: {topic: other, folder: topics, create: true}}"
        result = self.penstock("bench", "--sink", sink, "--source", source, "--count", "10",
                               "--wait", "100ms", "--output", "json")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(json.loads(result.stdout)["lost"], 10)

    def test_a_sink_alone_and_a_report_for_people(self):
        result = self.penstock("bench", "--sink", "{type: blackhole}", "--count", "1000")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("sent      1 000 records", result.stdout)
        self.assertNotIn("received", result.stdout)

    def test_mistakes_are_said(self):
        for arguments, message in [
                (["--sink", "nonsense"], "--sink is no stage"),
                (["--sink", "{type: blackhol}"], 'did you mean "blackhole"?'),
                (["--sink", "{type: blackhole}", "--rate", "fast"], "is not a number"),
                (["--sink", "@missing.yaml"], "cannot read the file")]:
            result = self.penstock("bench", *arguments)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
            self.assertIn(message, result.stderr)


if __name__ == "__main__":
    unittest.main()
