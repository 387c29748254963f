#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run: exit codes, what goes to stdout and stderr, state, signals, metrics."""
import json
import os
import pty
import select
import signal
import unittest
import urllib.error
import urllib.request

from program import BINARY, PATIENCE_S, Case, flow, objects

FIVE = flow({"type": "noop_source", "config": {"message": "m", "max_messages": 5}},
            {"type": "stdout"}, name="five")
ENDLESS = flow({"type": "generator", "config": {"rate": 1000}}, {"type": "blackhole"},
               job=False, name="endless")
FIVE_LINES = "".join(f"m #{n}\n" for n in range(5))


def is_running(line):
    return line.startswith("{") and json.loads(line).get("state") == "running"


class Run(Case):
    def test_stdout_has_the_records_and_stderr_the_summary(self):
        self.write("five.yaml", FIVE)
        result = self.penstock("run", "five.yaml")
        self.assertEqual((result.returncode, result.stdout), (0, FIVE_LINES))
        self.assertIn("five: done after ", result.stderr)
        self.assertRegex(result.stderr, r"stage1 +5 ")

    def test_quiet_says_nothing(self):
        self.write("five.yaml", FIVE)
        result = self.penstock("run", "--quiet", "five.yaml")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, FIVE_LINES, ""))

    def test_json_summary(self):
        self.write("five.yaml", FIVE)
        result = self.penstock("run", "--output", "json", "five.yaml")
        self.assertEqual((result.returncode, result.stdout), (0, FIVE_LINES))
        lines = [json.loads(line) for line in result.stderr.splitlines()]  # every line is JSON
        self.assertEqual((lines[-1]["kind"], lines[-1]["outcome"], lines[-1]["exit_code"]),
                         ("summary", "delivered", 0))
        self.assertEqual(lines[-1]["stages"][1]["records_in"], 5)

    def test_bad_file_is_exit_code_2_and_runs_nothing(self):
        self.write("bad.yaml", FIVE.replace("noop_source", "noop_sourec"))
        result = self.penstock("run", "bad.yaml")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn('did you mean "noop_source"?', result.stderr)

    def test_a_failure_is_exit_code_1_and_says_what_next(self):
        self.write("broken.yaml", flow({"type": "file", "config": {"path": "none/*.txt"}},
                                       {"type": "file", "config": {"path": "five.yaml/out"}}))
        self.write("five.yaml", FIVE)
        result = self.penstock("run", "broken.yaml")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("broken could not start: ", result.stderr)

    def test_a_folder_runs_in_one_process(self):
        self.write("flows/five.yaml", FIVE)
        self.write("flows/six.yaml", FIVE.replace("five", "six"))
        result = self.penstock("run", "flows")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(sorted(result.stdout.splitlines()), sorted(2 * FIVE_LINES.splitlines()))
        self.assertIn("five: done", result.stderr)
        self.assertIn("six: done", result.stderr)

    def test_two_pipelines_of_one_name_would_share_positions(self):
        self.write("flows/a.yaml", FIVE)
        self.write("flows/b.yaml", FIVE)
        result = self.penstock("run", "flows")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("the same name", result.stderr)

    def test_as_flow_runtime_a_file_is_all_it_needs(self):
        self.write("five.yaml", FIVE)
        self.env["HOME"] = "/proc"  # where nothing can be written
        result = self.penstock("five.yaml", binary=self.link("flow_runtime"))
        self.assertEqual((result.returncode, result.stdout), (0, FIVE_LINES))
        self.assertIn("nothing is remembered", result.stderr)
        own = self.penstock("run", "five.yaml")
        self.assertEqual((own.returncode, own.stdout), (2, ""))
        self.assertIn("--no-state", own.stderr)
        self.assertEqual(self.penstock("run", "--no-state", "five.yaml").returncode, 0)


class Log(Case):
    def test_a_flow_may_ask_for_all_of_it(self):
        noisy = flow({"type": "noop_source", "config": {"max_messages": 1}}, {"type": "blackhole"},
                     name="noisy", observability={"debug": True})
        self.write("noisy.yaml", noisy)
        self.assertIn("[debug] ", self.penstock("run", "noisy.yaml").stderr)
        for arguments in (["--log-level", "info"], ["--quiet"]):
            self.assertNotIn("[debug] ", self.penstock("run", *arguments, "noisy.yaml").stderr)
        self.write("calm.yaml", noisy.replace('"debug": true', '"debug": false'))
        self.assertNotIn("[debug] ", self.penstock("run", "calm.yaml").stderr)


class State(Case):
    def setUp(self):
        super().setUp()
        self.write("lines.txt", "one\ntwo\nthree\n")
        self.write("copy.yaml", flow({"name": "read", "type": "file",
                                      "config": {"path": "lines.txt"}},
                                     {"type": "stdout"}, name="copy"))

    def test_it_is_kept_by_name_where_the_user_says(self):
        self.penstock("run", "copy.yaml", "--state", "here")
        self.assertTrue(os.path.isdir(os.path.join(self.folder, "here", "copy")))
        self.env["PENSTOCK_STATE"] = os.path.join(self.folder, "there")
        self.penstock("run", "copy.yaml")
        self.assertTrue(os.path.isdir(os.path.join(self.folder, "there", "copy")))
        del self.env["PENSTOCK_STATE"]
        self.penstock("run", "copy.yaml")
        self.assertTrue(os.path.isdir(os.path.join(self.folder, ".local/state/penstock/copy")))

    def test_what_is_done_can_be_skipped_or_run_again(self):
        self.assertEqual(self.penstock("run", "copy.yaml").stdout, "one\ntwo\nthree\n")
        skipped = self.penstock("run", "--if-done", "skip", "copy.yaml")
        self.assertEqual((skipped.returncode, skipped.stdout), (0, ""))
        self.assertIn("already done", skipped.stderr)
        self.assertEqual(self.penstock("run", "copy.yaml").stdout, "one\ntwo\nthree\n")

    def test_a_part_that_was_done_is_not_done_again_for_another_that_was_killed(self):
        spec = json.loads(flow({"name": "read", "type": "file", "config": {"path": "lines.txt"}},
                               {"name": "out", "type": "file",
                                "config": {"path": "out.txt", "append": True}}, name="two"))
        spec["stages"] += [{"name": "tick", "type": "generator", "output_queue": "ticks",
                            "config": {"rate": 100}},
                           {"name": "end", "type": "blackhole", "input_queue": "ticks"}]
        spec["queues"].append({"name": "ticks"})
        self.write("two.yaml", json.dumps(spec))

        def done():
            shown = self.penstock("positions", "show", "two.yaml", "--output", "json")
            return json.loads(shown.stdout)["regions"][0]["done"]

        process = self.start("run", "two.yaml")
        while not done():
            self.assertIsNone(process.poll())
        process.kill()
        process.wait()
        process = self.start("run", "--output", "json", "two.yaml")
        self.wait_for_line(process.stderr, is_running)
        self.assertEqual(self.stop(process)[0], 0)
        with open(os.path.join(self.folder, "out.txt"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "one\ntwo\nthree\n")

    def test_positions_are_shown_and_reset(self):
        before = self.penstock("positions", "show", "copy.yaml")
        self.assertIn("nothing yet", before.stdout)
        self.penstock("run", "copy.yaml")
        shown = self.penstock("positions", "show", "copy.yaml")
        self.assertEqual(shown.returncode, 0)
        self.assertIn("everything was read and delivered", shown.stdout)
        report = json.loads(self.penstock("positions", "show", "--output", "json",
                                          "copy.yaml").stdout)
        self.assertTrue(report["regions"][0]["done"])
        self.assertTrue(report["regions"][0]["positions"])
        self.assertEqual(self.penstock("positions", "reset", "copy.yaml").returncode, 0)
        self.assertIn("nothing yet", self.penstock("positions", "show", "copy.yaml").stdout)
        again = self.penstock("run", "--if-done", "skip", "copy.yaml")
        self.assertEqual(again.stdout, "one\ntwo\nthree\n")

    def test_a_running_pipelines_state_is_its_own(self):
        self.write("endless.yaml", ENDLESS)
        process = self.start("run", "--output", "json", "endless.yaml")
        self.wait_for_line(process.stderr, is_running)
        second = self.penstock("run", "endless.yaml")
        self.assertEqual(second.returncode, 1)
        self.assertIn(str(process.pid), second.stderr)
        self.assertEqual(self.penstock("positions", "reset", "endless.yaml").returncode, 1)
        self.assertEqual(self.penstock("positions", "show", "endless.yaml").returncode, 0)
        self.assertEqual(self.stop(process)[0], 0)


class Signals(Case):
    def test_one_drains(self):
        self.write("endless.yaml", ENDLESS)
        for how in (signal.SIGINT, signal.SIGTERM):
            process = self.start("run", "--output", "json", "endless.yaml")
            self.wait_for_line(process.stderr, is_running)
            code, _, err = self.stop(process, how)
            self.assertEqual(code, 0, err)
            summary = objects(err)[-1]
            self.assertEqual((summary["outcome"], summary["state"]), ("delivered", "stopped"))
            made, taken = summary["stages"]
            self.assertEqual(made["records_out"], taken["records_in"])

    def test_a_reader_that_does_not_read_leaves_records_undelivered(self):
        self.write("full.yaml", flow({"type": "generator"}, {"type": "stdout"}, job=False))
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        process = self.start("run", "--output", "json", "--drain-timeout", "100ms", "full.yaml",
                             stdout=writer)
        os.close(writer)
        self.wait_for_line(process.stderr, is_running)
        code, _, err = self.stop(process)
        self.assertEqual(code, 3, err)
        self.assertEqual(objects(err)[-1]["outcome"], "undelivered")

    def test_a_second_one_does_not_wait(self):
        self.write("full.yaml", flow({"type": "generator"}, {"type": "stdout"}, job=False))
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        process = self.start("run", "--output", "json", "--drain-timeout", "1h", "full.yaml",
                             stdout=writer)
        os.close(writer)
        self.wait_for_line(process.stderr, is_running)
        process.send_signal(signal.SIGTERM)
        self.wait_for_line(process.stderr, lambda line: '"stopping: ' in line)
        self.assertEqual(self.stop(process)[0], 3)


class Metrics(Case):
    def get(self, port, path, token=None):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
        if token:
            request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def served(self, *arguments):
        self.write("endless.yaml", ENDLESS)
        process = self.start("run", "--output", "json", *arguments, "endless.yaml")
        line = self.wait_for_line(process.stderr, lambda text: "metrics are served" in text)
        port = int(json.loads(line)["port"])
        self.wait_for_line(process.stderr, is_running)
        return process, port

    def test_numbers_health_and_readiness(self):
        process, port = self.served("--metrics", "127.0.0.1:0")
        status, text = self.get(port, "/metrics")
        self.assertEqual(status, 200)
        self.assertIn('penstock_pipeline_state{pipeline="endless",state="running"} 1\n', text)
        self.assertRegex(text, r'penstock_stage_records_out_total\{pipeline="endless",'
                               r'stage="stage0",type="generator",kind="source"\} [1-9]')
        self.assertEqual(self.get(port, "/healthz"), (200, "ok\n"))
        self.assertEqual(self.get(port, "/readyz"), (200, "ok\n"))
        self.assertEqual(self.get(port, "/secret")[0], 404)
        self.assertEqual(self.stop(process)[0], 0)

    def test_a_token_guards_what_others_can_reach(self):
        self.write("token", "sesame\n")
        process, port = self.served("--metrics", "0.0.0.0:0", "--metrics-token-file", "token")
        self.assertEqual(self.get(port, "/metrics")[0], 401)
        self.assertEqual(self.get(port, "/metrics", "sesame")[0], 200)
        self.assertEqual(self.get(port, "/healthz")[0], 200)
        self.assertEqual(self.stop(process)[0], 0)

    def test_an_open_address_without_a_token_is_refused(self):
        self.write("endless.yaml", ENDLESS)
        for address in ("0.0.0.0:0", "nonsense"):
            result = self.penstock("run", "--metrics", address, "endless.yaml")
            self.assertEqual(result.returncode, 2)
            self.assertIn("hint: ", result.stderr)


class LiveView(Case):
    def on_a_terminal(self, *arguments):
        """Runs it with a terminal for stderr until Ctrl-C; (exit code, what was drawn)."""
        self.env.update(TERM="xterm", LC_ALL="C.UTF-8")
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(BINARY, [BINARY, *arguments], self.env)
        drawn, interrupted = b"", False
        while select.select([terminal], [], [], PATIENCE_S)[0]:
            try:
                some = os.read(terminal, 65536)
            except OSError:  # how a terminal ends
                break
            drawn += some
            if drawn.count(b"endless") >= 3 and not interrupted:
                os.write(terminal, b"\x03")
                interrupted = True
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), drawn.decode()

    def test_it_redraws_in_place_and_ends_with_the_summary(self):
        self.write("endless.yaml", ENDLESS)
        code, drawn = self.on_a_terminal("run", "endless.yaml")
        self.assertEqual(code, 0)
        self.assertRegex(drawn, "\x1b\\[[0-9]+A\x1b\\[J")
        self.assertIn("\x1b[32mrunning\x1b[0m", drawn)
        self.assertIn("stopping: delivering what was read", drawn)
        end = drawn[drawn.rindex("\x1b[J"):]
        self.assertIn("endless: stopped after", end)

    def test_no_color_is_honoured(self):
        self.write("endless.yaml", ENDLESS)
        self.env["NO_COLOR"] = "1"
        code, drawn = self.on_a_terminal("run", "endless.yaml")
        self.assertEqual(code, 0)
        self.assertNotRegex(drawn, "\x1b\\[[0-9]*m")


if __name__ == "__main__":
    unittest.main()
