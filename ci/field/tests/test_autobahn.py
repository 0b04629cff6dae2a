"""What decides that Autobahn|Testsuite and wsgauntlet disagree, and that a disagreement is explained."""
import unittest

from field.autobahn import command, pages


def row(behavior, close="OK"):
    return {"behavior": behavior, "behaviorClose": close}


def instance(verdict):
    return {"id": "x/y/z@server+h1", "verdict": verdict, "failure": None}


class Grades(unittest.TestCase):
    def test_the_worse_of_behavior_and_close_counts(self):
        self.assertEqual(command.their_grade(row("OK", "UNCLEAN")), "bad")
        self.assertEqual(command.their_grade(row("NON-STRICT")), "lenient")

    def test_the_worst_instance_counts(self):
        self.assertEqual(command.our_grade([instance("pass"), instance("lenient")]), "lenient")
        self.assertEqual(command.our_grade([instance("info"), instance("flaky")]), "bad")

    def test_disagreements_are_in_autobahns_order(self):
        theirs = {"7.10.1": row("FAILED"), "7.9.1": row("FAILED"), "1.1.1": row("OK")}
        ours = {case: [instance("pass")] for case in theirs}
        self.assertEqual(command.disagreements(theirs, ours), ["7.9.1", "7.10.1"])

    def test_a_case_that_autobahn_judges_in_two_ways_is_unsteady(self):
        self.assertEqual(command.unsteady({"1.1.1": row("OK"), "1.1.2": row("OK")}, {"1.1.1": row("FAILED"), "1.1.2": row("OK")}), ["1.1.1"])


class Explanations(unittest.TestCase):
    READING = {"id": "r", "autobahn": ["7.9.*"], "instances": ["closing/*"], "theirs": ["FAILED"], "ours": ["pass"]}
    ONE = {"autobahn": "7.9.1", "instance": "closing/codes/a", "behavior": "FAILED", "close": "OK", "verdict": "pass", "requirement": None, "observed": None}

    def test_one_that_no_reading_explains_is_left(self):
        target = {"name": "t", "disagreements": [self.ONE, self.ONE | {"verdict": "lenient"}]}
        read, unread = pages.attribute([target], [self.READING])
        self.assertEqual((len(read["r"]), [one["verdict"] for _, one in unread]), (1, ["lenient"]))
