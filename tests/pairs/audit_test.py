#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The audit finds each kind of broken promise, planted one at a time."""
import os
import sys
import unittest

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "torture")]

from audit import Audit, Life, delivery  # noqa: E402
from process import Wrong  # noqa: E402

PLACES = {"a|1": [1], "a|2": [2], "skip|1": [3], "b|1": [4], "a|3": [5]}


def up_to(place):
    return lambda at: at <= place


def audit(texts, commits=(0, 2), drained=(), attempts=1, ids=False, **more):
    lives = [Life(up_to(c), attempts, i in drained) for i, c in enumerate(commits)]
    return Audit(PLACES, [[delivery(t) for t in texts]], lives, ids).check(**more)


class AuditTest(unittest.TestCase):
    def test_what_was_not_committed_may_come_again(self):
        found = audit(["a|1|0", "a|2|0", "b|1|0", "b|1|1", "a|3|1"])
        self.assertEqual(found, {"records": 5, "delivered": 4, "repeats": 1, "beyond": 1})

    def test_a_lost_record_is_found(self):
        with self.assertRaisesRegex(Wrong, "lost"):
            audit(["a|1|0", "a|2|0", "a|3|1"])

    def test_an_answer_that_nobody_got_does_not_count_as_delivered(self):
        track = [delivery("a|1|0"), delivery("a|2|0"), delivery("b|1|0", False), delivery("a|3|0")]
        with self.assertRaisesRegex(Wrong, "lost"):
            Audit(PLACES, [track], [Life(up_to(0), 1, False)], False).check()

    def test_a_repeat_of_what_was_committed_is_found(self):
        with self.assertRaisesRegex(Wrong, "found committed"):
            audit(["a|1|0", "a|2|0", "a|2|1", "b|1|1", "a|3|1"])

    def test_a_repeat_by_the_same_process_is_found(self):
        told = ["a|1|0", "a|1|0", "a|2|0", "b|1|1", "a|3|1"]
        with self.assertRaisesRegex(Wrong, "2 times"):
            audit(told)
        self.assertEqual(audit(told, attempts=2)["repeats"], 1)

    def test_a_repeat_of_what_a_drained_process_delivered_is_found(self):
        with self.assertRaisesRegex(Wrong, "had ended"):
            audit(["a|1|0", "a|2|0", "b|1|0", "b|1|1", "a|3|1"], drained=[0])

    def test_any_repeat_is_found_where_there_are_ids(self):
        with self.assertRaisesRegex(Wrong, "in spite of ids"):
            audit(["a|1|0", "a|2|0", "b|1|0", "b|1|1", "a|3|1"], ids=True)

    def test_a_swap_is_found(self):
        with self.assertRaisesRegex(Wrong, "came behind"):
            audit(["a|2|0", "a|1|0", "b|1|1", "a|3|1"])

    def test_a_record_that_the_filter_drops_is_found(self):
        with self.assertRaisesRegex(Wrong, "nobody sent"):
            audit(["a|1|0", "a|2|0", "skip|1|0", "b|1|1", "a|3|1"])

    def test_a_key_in_two_places_is_found(self):
        tracks = [[delivery(t) for t in ("a|1|0", "a|2|0", "b|1|0")], [delivery("a|3|0")]]
        with self.assertRaisesRegex(Wrong, "two places"):
            Audit(PLACES, tracks, [Life(up_to(0), 1, False)], False).check()


if __name__ == "__main__":
    unittest.main()
