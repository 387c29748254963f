#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tools/changelog."""
import importlib.machinery
import importlib.util
import os
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
LOADER = importlib.machinery.SourceFileLoader("changelog", os.path.join(HERE, "changelog"))
changelog = importlib.util.module_from_spec(importlib.util.spec_from_loader("changelog", LOADER))
LOADER.exec_module(changelog)


class Changelog(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = self.folder.name
        os.mkdir(os.path.join(self.root, "changelog.d"))
        self.write("CHANGELOG.md", "# Changelog\n")

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def test_fragments_are_sorted_into_kinds(self):
        self.write("changelog.d/b.fixed.md", "A bug.\n")
        self.write("changelog.d/c.added.md", "Two\nlines.\n")
        self.write("changelog.d/a.added.md", "One.\n")
        self.assertEqual(list(changelog.problems(self.root)), [])
        self.assertEqual(changelog.rendered(self.root),
                         "### Added\n\n- One.\n- Two\n  lines.\n\n### Fixed\n\n- A bug.\n")

    def test_fragments_that_do_not_fit(self):
        self.write("changelog.d/a.better.md", "x")
        self.write("changelog.d/b.md", "x")
        self.write("changelog.d/c.added.md", "# Heading")
        self.write("changelog.d/d.added.md", "\n")
        self.assertEqual(len(list(changelog.problems(self.root))), 4)

    def test_a_release_stands_first_and_takes_the_fragments(self):
        self.write("changelog.d/a.added.md", "One.")
        changelog.release(self.root, "0.1.0", "2026-01-01")
        self.write("changelog.d/b.added.md", "Two.")
        changelog.release(self.root, "0.2.0", "2026-02-01")
        self.assertEqual(self.read("CHANGELOG.md"),
                         "# Changelog\n\n## 0.2.0 (2026-02-01)\n\n### Added\n\n- Two.\n"
                         "\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- One.\n")
        self.assertEqual(os.listdir(os.path.join(self.root, "changelog.d")), [])
        with self.assertRaises(SystemExit):
            changelog.release(self.root, "0.2.0", "2026-03-01")


if __name__ == "__main__":
    unittest.main()
