#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""eval on a terminal: what is typed, the keys for completion and history, and its commands."""
import os
import pty
import re
import select
import subprocess
import time
import unittest

from program import BINARY, PATIENCE_S, Case

UP, TAB, END_OF_INPUT = "\x1b[A", "\t", "\x04"


class Terminal:
    """The program at the other end of a pseudo-terminal."""

    def __init__(self, case, *arguments):
        self.case = case
        ours, theirs = pty.openpty()
        self.fd = ours
        case.addCleanup(os.close, ours)
        self.process = subprocess.Popen(
            [BINARY, "eval", *arguments], stdin=theirs, stdout=theirs, stderr=theirs,
            cwd=case.folder, env={**case.env, "TERM": "xterm"}, start_new_session=True)
        os.close(theirs)
        case.addCleanup(self.end)
        self.seen = ""

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def expect(self, pattern):
        """Reads until the pattern is there; what stands behind it is left for the next call."""
        until = time.monotonic() + PATIENCE_S
        while True:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return found
            ready, _, _ = select.select([self.fd], [], [], max(0, until - time.monotonic()))
            if not ready:
                self.case.fail(f"no {pattern!r} in {self.seen!r}")
            try:
                self.seen += os.read(self.fd, 4096).decode(errors="replace")
                self.seen = re.sub(r"\x07|\r\x1b\[\d+G", "", self.seen)  # bells, cursor moves
            except OSError:
                self.case.fail(f"it ended before {pattern!r}, after {self.seen!r}")

    def enter(self, line, pattern):
        """Types a line; what it says must have the pattern."""
        self.type(line + "\r")
        found = self.expect(pattern)
        self.expect("> ")
        return found

    def code(self):
        """Reads to the end; the exit code."""
        while True:
            try:
                if not os.read(self.fd, 4096):
                    break
            except OSError:
                break
        return self.process.wait(timeout=PATIENCE_S)


class EvalPrompt(Case):
    def start(self, *arguments):
        terminal = Terminal(self, *arguments)
        terminal.expect(r":help says what can be typed\r\n.*> ")
        return terminal

    def test_lines_are_evaluated_over_the_document(self):
        terminal = self.start()
        terminal.enter("6 * 7", r"\n42\r\n")
        terminal.enter(':doc {"a": {"b": [1, 2]}}', r"\n")
        terminal.enter("len(a.b) + 40", r"\n42\r\n")
        terminal.enter("{x: a}", r'\n\{"x":\{"b":\[1, ?2\]\}\}\r\n')
        terminal.type(":quit\r")
        self.assertEqual(terminal.code(), 0)

    def test_mistakes_get_a_caret_and_the_prompt_goes_on(self):
        terminal = self.start()
        terminal.enter("uper('a')", r"error\[unknown-function\](.|\n)*\^~~~(.|\n)*did you mean")
        terminal.enter("1 / 0", r"division by zero(.|\n)*\^~~~~")
        terminal.enter(':doc {"n": 0}', r"\n")
        terminal.enter("1 / n", r"line 1: expression-failed: ")
        terminal.enter(":nothing", r"there is no :nothing; see :help")
        terminal.enter("upper('a')", r'\n"A"\r\n')

    def test_tab_completes_from_the_table_of_functions(self):
        terminal = self.start()
        terminal.type("toBase64U" + TAB)
        terminal.expect(r"toBase64Url\(")
        terminal.enter("'ab')", r'\n"YWI"\r\n')
        terminal.type("sprig.sha256" + TAB)
        terminal.expect(r"sprig\.sha256sum\(")
        terminal.enter("'')", r'\n"e3b0c44298fc1c14')
        terminal.type("filterE" + TAB)
        terminal.expect(r"filterEntries\(")
        terminal.enter("{'a': 1}, true)", r'\n\{"a":1\}\r\n')

    def test_two_tabs_list_what_there_is(self):
        terminal = self.start()
        terminal.type("trimP" + TAB)
        terminal.expect(r"trimPrefix\(")
        terminal.enter("'ab', 'a')", r'\n"b"\r\n')
        terminal.type("padL" + TAB)
        terminal.expect(r"padLeft\(")
        terminal.enter("'a', 3)", r'\n"  a"\r\n')
        terminal.type("findL" + TAB + TAB)
        terminal.expect(r"findLast(.|\n)*findLastIndex")

    def test_the_key_up_brings_back_what_was_typed(self):
        terminal = self.start()
        terminal.enter("20 + 1", r"\n21\r\n")
        terminal.enter("'x'", r'\n"x"\r\n')
        terminal.type(UP + UP)
        terminal.expect(r"20 \+ 1")
        terminal.enter(" + 100", r"\n121\r\n")
        terminal.enter(UP, r"\n121\r\n")

    def test_explain_and_help(self):
        terminal = self.start()
        terminal.enter(":explain a + 1", r"result: (.|\n)*reads:  a\r\n")
        terminal.enter(":help", r":doc JSON(.|\n)*:quit")

    def test_the_end_of_input_ends_it(self):
        terminal = self.start("--dialect", "argo")
        terminal.enter("7 / 2", r"\n3\r\n")
        terminal.type(END_OF_INPUT)
        self.assertEqual(terminal.code(), 0)


if __name__ == "__main__":
    unittest.main()
