"""What decides that a failure counts as a defect of a server, and as whose."""
import unittest

from field import agreement, matrix, proxy
from field.servers import readings, store
from field.targets import chosen, manifest


def failure(requirement, observed, fingerprint="f"):
    return {"requirement": requirement, "observed": observed, "fingerprint": fingerprint}


def instance(id, verdict, failed=None, others=()):
    return {"id": f"{id}@server+h1", "case": id.split("[")[0], "verdict": verdict, "failure": failed, "others": list(others), "reason": None}


def report(*instances, levels=None):
    levels = levels or {"a/1/must": "MUST", "a/1/should": "SHOULD"}
    return {"instances": list(instances), "requirements": {id: {"level": level} for id, level in levels.items()}}


class Causes(unittest.TestCase):
    def test_instances_of_one_case_and_requirement_are_one_cause(self):
        run = report(
            instance("x/y/z[a=1]", "fail", failure("a/1/must", "silence")),
            instance("x/y/z[a=2]", "fail", failure("a/1/must", "an echo")),
            *(instance(f"x/y/ok[{n}]", "pass") for n in range(10)),
        )
        (cause,) = store.causes(run)
        self.assertEqual((cause["count"], cause["variants"], cause["observed"]), (2, ["[a=1]", "[a=2]"], "silence"))

    def test_what_fails_everywhere_hides_no_other_defect(self):
        """A wrong response head fails every instance. What else an instance shows is still counted."""
        head = failure("a/1/must", "no Upgrade")
        run = report(*(instance(f"x/y/c{n}", "fail", head) for n in range(9)), instance("x/y/own", "fail", head, [failure("a/1/must", "an echo")]))
        observed = {cause["observed"]: cause["count"] for cause in store.causes(run)}
        self.assertEqual(observed, {"no Upgrade": 9, "an echo": 1})

    def test_a_broken_should_is_not_taken_for_the_hidden_must(self):
        head = failure("a/1/must", "no Upgrade")
        run = report(*(instance(f"x/y/c{n}", "fail", head, [failure("a/1/should", "no code")]) for n in range(10)))
        self.assertEqual([cause["observed"] for cause in store.causes(run)], ["no Upgrade"])


class Readings(unittest.TestCase):
    DEFECT = {"id": "echoes", "severity": "interop", "instances": ["x/y/z", "x/*/w"], "requirements": ["a/1/must"]}

    def audit(self, **more):
        cause = {"verdict": "fail", "requirement": "a/1/must", "observed": "an echo", "count": 3, "case": "x/y/z", "variants": ["[a=1]", "[a=2]"]}
        return {"name": "t", "role": "server", "causes": [cause | more]}

    def test_a_case_names_all_its_instances_and_no_longer_name(self):
        self.assertTrue(readings.names("x/y/z", "x/y/z[a=1]"))
        self.assertFalse(readings.names("x/y/z", "x/y/zz"))
        self.assertTrue(readings.names("x/*/w", "x/y/w"))

    def test_every_failing_instance_is_counted_once(self):
        audit = self.audit()
        readings.attribute(audit, [self.DEFECT])
        self.assertEqual(sum(count for _, _, count in audit["read"]["echoes"]), 3)
        self.assertEqual(audit["unread"], [])

    def test_another_requirement_is_not_read(self):
        audit = self.audit(requirement="a/1/other")
        readings.attribute(audit, [self.DEFECT])
        self.assertEqual((audit["read"], len(audit["unread"])), ({}, 2))

    def test_the_reading_of_an_observation_comes_first(self):
        audit = self.audit()
        readings.attribute(audit, [self.DEFECT, self.DEFECT | {"id": "exact", "observed": ["an echo"]}])
        self.assertEqual(list(audit["read"]), ["exact"])

    def test_what_a_proxy_passes_on_is_not_its_defect(self):
        audit = self.audit(own=False) | {"role": "proxy", "behind": "s"}
        readings.attribute(audit, [self.DEFECT])
        self.assertEqual((audit["read"], list(audit["passed_on"])), ({}, ["echoes"]))

    def test_lenient_instances_are_no_defects(self):
        audit = self.audit(verdict="lenient")
        readings.attribute(audit, [self.DEFECT])
        self.assertFalse(readings.has(self.DEFECT, audit))


class Agreement(unittest.TestCase):
    def test_flaky_in_both_runs_is_listed(self):
        run = report(instance("x/y/z", "flaky", failure("a/1/must", "silence")))
        self.assertEqual(agreement.differences({"1": run, "2": run}), (["x/y/z@server+h1: flaky, then flaky"], 0))

    def test_another_fingerprint_deviates_otherwise(self):
        runs = [report(instance("x/y/z", "fail", failure("a/1/must", "silence", print))) for print in ("f", "g")]
        self.assertEqual(agreement.differences(dict(enumerate(runs))), ([], 1))

    def test_an_instance_that_one_run_lacks_differs(self):
        runs = {"1": report(instance("x/y/z", "pass")), "2": report()}
        self.assertEqual(agreement.differences(runs)[0], ["x/y/z@server+h1: pass, then absent"])


class Proxies(unittest.TestCase):
    CHANGE = {"kind": "new", "id": "x/y/z[a=1]@server+h1", "old": {"verdict": "pass", "observed": None}, "new": {"verdict": "fail", "observed": "silence"}}

    def test_changes_of_one_case_and_kind_are_joined(self):
        changes = proxy.changes({"changes": [self.CHANGE, self.CHANGE | {"id": "x/y/z[a=2]@server+h1"}, self.CHANGE | {"kind": "slower"}]})
        self.assertEqual([(c["kind"], c["case"], c["count"]) for c in changes], [("new", "x/y/z", 2)])
        self.assertEqual(proxy.own(changes), {"x/y/z[a=1]", "x/y/z[a=2]"})

    def test_what_a_proxy_mends_is_not_its_own(self):
        self.assertEqual(proxy.own(proxy.changes({"changes": [self.CHANGE | {"kind": "fixed"}]})), set())


class Matrix(unittest.TestCase):
    def test_a_case_has_the_worst_verdict_and_inapplicable_counts_alone_only(self):
        stored = matrix.cases([("x/y/z", "pass"), ("x/y/z", "fail"), ("x/y/w", "inapplicable"), ("x/y/w", "lenient"), ("x/y/n", "inapplicable")])
        self.assertEqual(matrix.verdicts_of({"cases": stored}), {"x/y/z": "fail", "x/y/w": "lenient", "x/y/n": "inapplicable"})


class Choice(unittest.TestCase):
    def test_no_pattern_selects_an_old_version(self):
        old = [name for name, row in manifest().items() if row.get("history")]
        self.assertTrue(old)
        found, unknown = chosen(["*"], list(manifest()))
        self.assertEqual((set(found) & set(old), unknown), (set(), None))
        self.assertEqual(chosen([old[0]], list(manifest())), ([old[0]], None))

    def test_an_unknown_name_is_reported(self):
        self.assertEqual(chosen(["ws", "wss"], ["ws"])[1], "wss")
