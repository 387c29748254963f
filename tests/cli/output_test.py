#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a sink has written is still there, and whole, after a kill that came before any commit."""
import http.client
import os
import signal
import unittest

from program import Case, flow, free_port


class Output(Case):
    def begin(self, append):
        """Starts http → out.txt; gives the process and its port."""
        port = free_port()
        self.write("flow.yaml", flow(
            {"type": "http", "config": {"port": port, "answer": "commit"}},
            {"type": "file", "config": {"path": "out.txt", "append": append}}, job=False))
        process = self.start("run", "flow.yaml", "--state", f"state-{append}", "--output", "none")
        return process, port

    def post(self, port, text):
        """Until the process listens; the answer must be that it is delivered."""
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                connection.request("POST", "/", text)
                self.assertEqual(connection.getresponse().status, 200)
                return
            except ConnectionRefusedError:
                continue
            finally:
                connection.close()

    def read(self):
        with open(os.path.join(self.folder, "out.txt"), encoding="utf-8") as file:
            return file.read()

    def test_what_a_sender_was_told_is_delivered_is_not_replaced_after_a_kill(self):
        for append in (False, True):
            with self.subTest(append=append):
                process, port = self.begin(append)
                self.post(port, f"first {append}")
                self.stop(process, signal.SIGKILL)
                process, port = self.begin(append)
                self.post(port, f"second {append}")
                self.assertEqual(self.stop(process)[0], 0)
                self.assertTrue(self.read().endswith(f"first {append}\nsecond {append}\n"),
                                self.read())

    def test_a_line_that_a_kill_has_torn_before_the_first_commit_is_cut_off(self):
        process, port = self.begin(True)
        self.post(port, "whole")
        self.stop(process, signal.SIGKILL)
        with open(os.path.join(self.folder, "out.txt"), "a", encoding="utf-8") as file:
            file.write("to")
        process, port = self.begin(True)
        self.post(port, "next")
        self.assertEqual(self.stop(process)[0], 0)
        self.assertEqual(self.read(), "whole\nnext\n")


if __name__ == "__main__":
    unittest.main()
