"""What decides that a client's failure counts as a defect, and which lines of a transcript show it."""
import unittest
from unittest.mock import patch

from field.clients import causes, readings

ENTRY = {"title": "Echoes", "instances": ["x/y/z"], "requirements": ["a/1/*"], "observed": "an echo*", "clients": ["c"], "says": ""}


def fitting(entry=ENTRY, name="c", id="x/y/z[a=1]@client+h1", requirement="a/1/must", observed="an echo of 5 octets"):
    with patch.object(readings, "readings", lambda _: {"reading": [entry]}):
        return readings.reading(name, id, requirement, observed)


class Readings(unittest.TestCase):
    def test_every_condition_counts(self):
        self.assertIs(fitting(), ENTRY)
        self.assertIsNone(fitting(name="d"))
        self.assertIsNone(fitting(id="x/y/w@client+h1"))
        self.assertIsNone(fitting(requirement="b/1/must"))
        self.assertIsNone(fitting(observed="silence"))


class Causes(unittest.TestCase):
    def test_two_ways_of_deviating_are_two_causes(self):
        def instance(id, fingerprint):
            failed = {"requirement": "a/1/must", "observed": "silence", "fingerprint": fingerprint}
            return {"id": id, "verdict": "fail", "failure": failed, "reason": None}

        run = {"instances": [instance("x/y/z", "f"), instance("x/y/w", "g"), instance("x/y/v", "f")]}
        with patch.object(readings, "readings", lambda _: {"reading": []}):
            self.assertEqual([len(instances) for _, instances in causes.causes("c", run)], [2, 1])

    def test_frames_are_shown_without_the_heads_before_them(self):
        lines = ["< GET / HTTP/1.1", "< Host: a", "> HTTP/1.1 101 Switching Protocols", "> text  81 01 | 61  1 octet"]
        self.assertEqual(causes.frames_only(lines), lines[3:])
        self.assertEqual(causes.frames_only(lines[:3]), lines[:3], "without a frame, the heads are all that there is")
