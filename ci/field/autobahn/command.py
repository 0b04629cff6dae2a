"""Audits one server or client with Autobahn|Testsuite and with wsgauntlet, and prints where they disagree.

    ci/audit autobahn ws                      a server of ci/targets, started for it
    ci/audit autobahn ws-client               a client of ci/targets, which plays both loops
    ci/audit autobahn --url ws://HOST:PORT    a server that runs
    ci/audit autobahn ws --cases '7.*' 9.1.1  other cases of Autobahn than those of `ci/audit wstest`
    ci/audit autobahn --store ws              also store where they disagree, in reports/audits/data/autobahn/ws.json

Both are compared case by case, by the ids of Autobahn that our cases have as aliases. If a case has several instances, the worst one
counts. Three grades are told apart: good (OK, INFORMATIONAL; pass, info), lenient (NON-STRICT; lenient) and bad.
Where they disagree, Autobahn plays twice, as wsgauntlet does, because its verdicts depend on how fast a target is.
pages/autobahn.md explains each stored disagreement. Reports stay in .targets/compare-autobahn/NAME. Exit status: 0 they agree,
1 they disagree somewhere, 2 usage, 3 CPython 2.7 or the suite is absent, 4 one of them left no report.
"""
import json
import subprocess
import sys
from collections import Counter

from .. import client_loop, play
from ..layout import ROOT, STATE
from ..targets import fatal, manifest
from . import pages
from .pages import number

WORK = STATE / "compare-autobahn"
SUITE = [sys.executable, "-B", str(ROOT / "ci/audit"), "wstest"]
GOOD, LENIENT, BAD = "good", "lenient", "bad"
RANK = [GOOD, LENIENT, BAD]
THEIRS = {"OK": GOOD, "INFORMATIONAL": GOOD, "NON-STRICT": LENIENT}
OURS = {"pass": GOOD, "info": GOOD, "lenient": LENIENT, "fail": BAD, "flaky": BAD, "error": BAD}
UNDECIDED = ["inapplicable", "blocked"]
STATUS_USAGE = 2
STATUS_ABSENT = 3
STATUS_NO_REPORT = 4


def is_client(target):
    return target is not None and manifest().get(target, {}).get("role") == "client"


def against(target, url, command):
    """Runs a command with `{url}` in it against the server: the one that runs, or one that is started for it."""
    if url:
        words = [word.replace("{url}", url) for word in command]
    else:
        words = [*play.TARGETS, "exec", target, "--", *command]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


def stored(path, done, who):
    if path.is_file():
        return json.loads(path.read_text())
    print(f"{who} left no report\n{done.stdout[-1000:]}{done.stderr[-1000:]}", file=sys.stderr)
    # The program that starts targets returns the status of what it ran.
    sys.exit(done.returncode if done.returncode in (STATUS_USAGE, STATUS_ABSENT) else STATUS_NO_REPORT)


def autobahn(target, url, out, cases):
    """Autobahn's behaviors, by its ids."""
    index = out / "index.json"
    index.unlink(missing_ok=True)
    chosen = ["--cases", *cases] if cases else []
    command = list(SUITE)
    if is_client(target):
        loop = [*play.TARGETS, "client", target, "{url}"]
        command += ["client", "--out", str(out), *chosen, "--", *loop]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=play.CLIENT_RUN_S_MAX)
        except subprocess.TimeoutExpired:
            print(f"{target}: no end of Autobahn's loop within {play.CLIENT_RUN_S_MAX} s", file=sys.stderr)
            sys.exit(STATUS_NO_REPORT)
    else:
        done = against(target, url, [*command, "server", "{url}", "--out", str(out), *chosen])
    return next(iter(stored(index, done, "Autobahn").values()))


def wsgauntlet(target, url, out, binary):
    """The version of the suite, and our instances that have aliases, by these."""
    report = out / "report.json"
    report.unlink(missing_ok=True)
    # An instance that ends the target's process would leave nothing to compare.
    excluded = [word for pattern in (fatal(target) if target else []) for word in ("--exclude", pattern)]
    if is_client(target):
        client_loop.play([str(binary), "run", "client", "--out", str(out), *excluded], target, out, play.CLIENT_RUN_S_MAX)
        done = subprocess.CompletedProcess([], STATUS_NO_REPORT, (out / "stdout.txt").read_text(), (out / "stderr.txt").read_text())
    else:
        done = against(target, url, [str(binary), "run", "server", "{url}", "--no-config", "--out", str(out), *excluded])
    run, found = stored(report, done, "wsgauntlet"), {}
    for instance in run["instances"]:
        for alias in instance["aliases"] if instance["verdict"] not in UNDECIDED else []:
            found.setdefault(alias, []).append(instance)
    return run["suite"]["version"], found


def their_grade(row):
    """Of what a case tests and of how its connection ends the worse."""
    return max((THEIRS.get(row[key], BAD) for key in ("behavior", "behaviorClose")), key=RANK.index)


def our_grade(instances):
    return OURS[worst(instances)["verdict"]]


def worst(instances):
    return max(instances, key=lambda instance: RANK.index(OURS[instance["verdict"]]))


def cause(theirs, instances):
    """What both said, so that cases about which they disagree in the same way stand together."""
    instance = worst(instances)
    requirement = f", {instance['failure']['requirement']}" if instance["failure"] else ""
    said = f"{theirs['behavior']}, close {theirs['behaviorClose']}"
    return f"Autobahn {their_grade(theirs)} ({said}), wsgauntlet {our_grade(instances)} ({instance['verdict']}{requirement})"


def print_disagreements(cases, theirs, ours):
    """By what both said; of each group the first case is shown with what our instance observed."""
    groups = {}
    for case in cases:
        groups.setdefault(cause(theirs[case], ours[case]), []).append(case)
    for what, members in groups.items():
        instance = worst(ours[members[0]])
        observed = f": {instance['failure']['observed']}" if instance["failure"] else ""
        print(f"{what}\n    {len(members)} cases: {' '.join(members)}\n    {members[0]} is {instance['id']}{observed}")


def disagreements(theirs, ours):
    """The cases, in Autobahn's order."""
    both = sorted(theirs.keys() & ours.keys(), key=number)
    return [case for case in both if their_grade(theirs[case]) != our_grade(ours[case])]


def unsteady(theirs, again):
    """The cases of which Autobahn did not say the same twice."""
    said = ("behavior", "behaviorClose")
    return [case for case, row in again.items() if any(row[key] != theirs[case][key] for key in said)]


def compare(theirs, ours):
    """Prints every disagreement; the agreements by grade, and the cases about which they disagree."""
    both = sorted(theirs.keys() & ours.keys(), key=number)
    grades = {case: (their_grade(theirs[case]), our_grade(ours[case])) for case in both}
    agreed = Counter(mine for other, mine in grades.values() if other == mine)
    disagreed = disagreements(theirs, ours)
    print_disagreements(disagreed, theirs, ours)
    counts = ", ".join(f"{agreed[grade]} {grade}" for grade in RANK)
    print(f"{len(both)} cases compared: {sum(agreed.values())} agree ({counts}), {len(disagreed)} do not")
    missing = sorted(theirs.keys() - ours.keys(), key=number)
    if missing:
        print(f"{len(missing)} cases of Autobahn that ours do not name: {' '.join(missing)}")
    return agreed, disagreed


def store(target, version, theirs, ours, agreed, disagreed):
    """Keeps what explains a disagreement: what both said, without what differs from run to run."""
    kept = []
    for case in disagreed:
        instance, failure = worst(ours[case]), worst(ours[case])["failure"] or {}
        kept.append({
            "autobahn": case, "behavior": theirs[case]["behavior"], "close": theirs[case]["behaviorClose"],
            "instance": instance["id"].rsplit("@", 1)[0], "verdict": instance["verdict"],
            "requirement": failure.get("requirement"), "observed": failure.get("observed"),
        })
    unnamed = sorted(theirs.keys() - ours.keys(), key=number)
    counts = {grade: agreed[grade] for grade in RANK}
    compared = sum(agreed.values()) + len(disagreed)
    pages.store(manifest()[target], version, compared, counts, kept, unnamed)


def arguments(parser):
    parser.add_argument("target", nargs="?")
    parser.add_argument("--url")
    parser.add_argument("--cases", nargs="+", default=[], metavar="PATTERN")
    parser.add_argument("--store", action="store_true")


def run(words, binary):
    if bool(words.target) == bool(words.url) or (words.target and words.target not in manifest()):
        print("name one TARGET of ci/targets, or give one --url", file=sys.stderr)
        return STATUS_USAGE
    if words.store and (not words.target or words.cases):
        print("--store needs a TARGET, and all cases", file=sys.stderr)
        return STATUS_USAGE
    out = (WORK / (words.target or "url")).resolve()
    built = binary()
    theirs = autobahn(words.target, words.url, out / "autobahn", words.cases)
    version, ours = wsgauntlet(words.target, words.url, out / "wsgauntlet", built)
    doubtful = disagreements(theirs, ours)
    again = autobahn(words.target, words.url, out / "autobahn-again", doubtful) if doubtful else {}
    differing = unsteady(theirs, again)
    if differing:
        print(f"Autobahn gave two different answers for {' '.join(differing)}, which are left out")
    theirs = {case: row for case, row in theirs.items() if case not in differing}
    agreed, disagreed = compare(theirs, ours)
    if words.store:
        store(words.target, version, theirs, ours, agreed, disagreed)
    return 1 if disagreed else 0
