"""Stored audits as runs that can be diagnosed, and the table of the field."""
import unittest

from field import diagnose, diagnosis


def known(id, case=None):
    return {"id": f"{id}@server+h1", "case": case or id.split("[")[0], "profile": "default", "requirements": []}


def failure(fingerprint):
    return {"requirement": fingerprint.split(" ")[1], "observed": "seen", "fingerprint": fingerprint}


class Compact(unittest.TestCase):
    def test_what_is_stored_says_what_the_run_said(self):
        print = "v2 rfc6455/5.1/server-closes-on-unmasked fail answer"
        instances = [
            {"id": "a/b/c[x=1]@server+h1", "case": "a/b/c", "verdict": "fail", "failure": failure(print), "others": []},
            {"id": "a/b/c[x=2]@server+h1", "case": "a/b/c", "verdict": "pass", "failure": None, "others": []},
            {"id": "a/b/d@server+h1", "case": "a/b/d", "verdict": "inapplicable", "failure": None, "others": []},
        ]
        stored = diagnosis.compact({"instances": instances, "target": {"capabilities": {"echo": True, "pong": False}}})
        self.assertEqual(stored["lacks"], ["pong"])
        verdict, failures = diagnosis.of_compact(stored, known("a/b/c[x=1]"))
        self.assertEqual((verdict, failures[0]["fingerprint"]), ("fail", print))
        self.assertEqual(diagnosis.of_compact(stored, known("a/b/c[x=2]")), ("pass", []))
        self.assertIsNone(diagnosis.of_compact(stored, known("a/b/d")))


class Older(unittest.TestCase):
    def test_instances_that_are_not_stored_are_not_known(self):
        cause = ("fail", "rfc6455/5.1/server-closes-on-unmasked", 'text message of 1 octets "a"', "a/b/c", ["[x=1]"], 2)
        verdicts = {"a/b/c": "fail", "a/b/d": "pass"}
        of = lambda id, *causes: diagnosis.of_causes(verdicts, {"a/b/c": causes}, True, "server", known(id))
        verdict, failures = of("a/b/c[x=1]", cause)
        self.assertEqual((verdict, failures[0]["fingerprint"].split(" ")[-1]), ("fail", "answer"))
        self.assertIsNone(of("a/b/c[x=2]", cause), "one of two is not stored")
        self.assertEqual(of("a/b/c[x=2]", (*cause[:5], 1)), ("pass", []))
        self.assertEqual(of("a/b/d", cause), ("pass", []))
        self.assertIsNone(of("a/b/new", cause))

    def test_sentences_about_senders_are_not_blamed_on_receivers(self):
        cause = ("fail", "rfc6455/11.3.1/key-once-in-request", "response 101 Switching Protocols", "a/b/c", [""], 1)
        today = known("a/b/c") | {"requirements": ["rfc6455/4.2.1/malformed-opening-refused"]}
        _, (failed,) = diagnosis.of_causes({"a/b/c": "fail"}, {"a/b/c": [cause]}, True, "server", today)
        self.assertEqual(failed["fingerprint"], "v2 rfc6455/4.2.1/malformed-opening-refused refused response:101")


class Standing(unittest.TestCase):
    def test_cases_have_numbers(self):
        audit = {"role": "server", "name": "s", "cases": {"pass": {"a/b": "one"}, "fail": {"a/b": "three two", "c/d": "e"}}}
        table = diagnose.standing([audit, {"role": "proxy", "name": "p", "cases": {}}])
        self.assertEqual(table.splitlines()[1:], ["cases\ta/b/one a/b/three a/b/two c/d/e", "server\ts\t1-3\t-\t-\t-"])


if __name__ == "__main__":
    unittest.main()
