#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help, wrong arguments, explain, list, docs, completion and version."""
import json
import os
import subprocess
import unittest

from program import BINARY, SOURCE, Case

COMMANDS = ["run", "validate", "plan", "test", "positions show", "positions reset",
            "positions skip", "tap", "dlq ls", "dlq show", "dlq replay", "bench", "list", "docs",
            "explain", "version", "completion"]


class Help(Case):
    def test_every_command_has_help_with_examples(self):
        overview = self.penstock("--help")
        self.assertEqual(overview.returncode, 0)
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", overview.stdout)
            own = self.penstock(*command.split(), "--help")
            self.assertEqual((own.returncode, own.stderr), (0, ""))
            self.assertIn(f"Usage: penstock {command}", own.stdout)
            self.assertIn("\nExamples:\n  ", own.stdout)

    def test_no_arguments_print_help_and_fail(self):
        result = self.penstock()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("Usage: penstock COMMAND", result.stderr)

    def test_wrong_arguments_say_what_was_meant(self):
        for arguments, message in [
                (["valdiate", "x"], 'did you mean "validate"?'),
                (["run", "--metrcis", "1", "x"], 'did you mean "--metrics"?'),
                (["run", "--output", "jsno", "x"], 'did you mean "json"?'),
                (["run", "--workers", "many", "x"], "not a whole number"),
                (["run"], "FILE is missing"),
                (["list", "things"], "sources, stages or sinks"),
                (["docs", "noop_sourec"], 'did you mean "noop_source"?'),
                (["explain", "unknwon-field"], "did you mean unknown-field?"),
                (["completion", "powershell"], "bash, zsh, fish")]:
            result = self.penstock(*arguments)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
            self.assertIn(message, result.stderr)

    def test_version(self):
        for spelling in ("version", "--version"):
            self.assertRegex(self.penstock(spelling).stdout, r"^penstock \d+\.\d+\.\d+\n$")

    def test_a_reader_that_goes_away_is_no_crash(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run([BINARY, "explain"], stdout=writer, check=False)
        os.close(writer)
        self.assertEqual(result.returncode, 0)


class Catalog(Case):
    def test_list_has_every_component_folder(self):
        listed = json.loads(self.penstock("list", "--output", "json").stdout)
        self.assertTrue(listed)
        text = self.penstock("list").stdout
        for component in listed:
            self.assertIn(f"  {component['type']} ", text)
        sinks = self.penstock("list", "sinks").stdout
        self.assertIn("stdout", sinks)
        self.assertNotIn("noop_source", sinks)

    def test_docs_of_every_component_have_options_and_example(self):
        for component in json.loads(self.penstock("list", "--output", "json").stdout):
            page = self.penstock("docs", component["type"])
            self.assertEqual(page.returncode, 0)
            self.assertIn(component["summary"], page.stdout)
            self.assertIn("```yaml", page.stdout)

    def test_every_code_can_be_explained(self):
        codes = [line.split()[0] for line in self.penstock("explain").stdout.splitlines()]
        self.assertGreater(len(codes), 30)
        for code in codes[:5]:
            result = self.penstock("explain", code)
            self.assertEqual(result.returncode, 0)
            self.assertTrue(result.stdout.startswith(code + ": "))


class Reference(Case):
    def test_the_committed_pages_are_what_the_program_says(self):
        result = self.penstock("docs", "--check", os.path.join(SOURCE, "docs", "reference"))
        self.assertEqual(result.returncode, 0, result.stderr +
                         "  (from the root of the tree: build/release/penstock docs "
                         "--all docs/reference)")

    def test_check_finds_changed_missing_and_foreign_pages(self):
        self.assertEqual(self.penstock("docs", "--all", "pages").returncode, 0)
        self.assertEqual(self.penstock("docs", "--check", "pages").returncode, 0)
        self.write("pages/cli.md", "changed")
        os.remove(os.path.join(self.folder, "pages", "codes.md"))
        self.write("pages/components/gone.md", "old")
        result = self.penstock("docs", "--check", "pages")
        self.assertEqual(result.returncode, 1)
        for line in ("pages/cli.md: out of date", "pages/codes.md: missing",
                     "pages/components/gone.md: nothing stands behind it"):
            self.assertIn(line, result.stderr)
        self.penstock("docs", "--all", "pages")
        self.assertEqual(self.penstock("docs", "--check", "pages").returncode, 0)

    def test_the_schema_for_editors_is_json_and_knows_every_type(self):
        self.penstock("docs", "--all", "pages")
        with open(os.path.join(self.folder, "pages/schema/flow.schema.json"),
                  encoding="utf-8") as file:
            schema = json.load(file)
        conditions = schema["properties"]["stages"]["items"]["allOf"]
        types = {c["if"]["properties"]["type"]["const"] for c in conditions}
        listed = json.loads(self.penstock("list", "--output", "json").stdout)
        self.assertEqual(types, {component["type"] for component in listed})


class Completion(Case):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _penstock; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        path = self.write("completion.bash", self.penstock("completion", "bash").stdout)
        result = subprocess.run(["bash", "-c", script, "bash", path, "penstock", *words],
                                capture_output=True, text=True, cwd=self.folder, check=False)
        self.assertEqual(result.stderr, "")
        return result.stdout.split()

    def test_bash_completes_commands_options_words_and_files(self):
        self.write("flow.yaml", "")
        self.assertEqual(self.complete("va"), ["validate"])
        self.assertEqual(self.complete("positions", ""), ["show", "reset", "skip"])
        self.assertEqual(self.complete("run", "--fr"), ["--fresh"])
        self.assertEqual(self.complete("run", "--output", "js"), ["json"])
        self.assertEqual(self.complete("run", "flow"), ["flow.yaml"])
        self.assertEqual(self.complete("positions", "show", "--st"), ["--state"])
        self.assertIn("noop_source", self.complete("docs", "noop"))

    def test_every_shell_gets_a_script(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("positions", self.penstock("completion", shell).stdout)


if __name__ == "__main__":
    unittest.main()
