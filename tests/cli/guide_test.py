#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs docs/guide: each page in a folder of its own.

A block whose first line is ```LANGUAGE NAME is a file of that name. Of a ```console block each
line that begins with `$ ` is run by bash; the lines below are what it prints, standard error too.
"""
import os
import re
import subprocess
import unittest

from program import PATIENCE_S, SOURCE, Case

GUIDE = os.path.join(SOURCE, "docs", "guide")


def blocks(text):
    """(language, name, text, line number) of each fenced block."""
    for match in re.finditer(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", text, re.S | re.M):
        yield match.group(1), match.group(2), match.group(3), text.count("\n", 0, match.start()) + 1


def commands(text):
    """(command, expected output) of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def pattern(expected):
    lines = []
    for line in expected.splitlines(keepends=True):
        if line == "…\n":
            lines.append("(?:.*\n)*")
        else:
            lines.append(".*".join(re.escape(part) for part in line.split("…")))
    return "".join(lines)


class Guide(Case):
    def follow(self, name):
        with open(os.path.join(GUIDE, name), encoding="utf-8") as file:
            text = file.read()
        self.env["PATH"] = self.folder + ":" + self.env["PATH"]
        self.link("penstock")
        ran = 0
        for language, file_name, body, line in blocks(text):
            if file_name:
                self.write(file_name, body)
            if language != "console":
                continue
            for command, expected in commands(body):
                result = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S,
                                        check=False)
                self.assertRegex(result.stdout, "^" + pattern(expected) + "$",
                                 f"{name}:{line}: {command}")
                ran += 1
        self.assertGreater(ran, 0, name)

    def test_every_page_works_as_it_stands(self):
        pages = sorted(name for name in os.listdir(GUIDE) if name.endswith(".md"))
        self.assertTrue(pages)
        for name in pages:
            with self.subTest(name):
                os.makedirs(os.path.join(self.folder, name))
                self.folder = os.path.join(self.folder, name)
                self.follow(name)
                self.folder = os.path.dirname(self.folder)

    def test_every_yaml_block_is_a_file_of_the_page(self):
        for name in os.listdir(GUIDE):
            with open(os.path.join(GUIDE, name), encoding="utf-8") as file:
                for language, file_name, _, line in blocks(file.read()):
                    if language == "yaml":
                        self.assertTrue(file_name, f"{name}:{line}")


if __name__ == "__main__":
    unittest.main()
