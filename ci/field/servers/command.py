"""Audits servers and proxies: plays the suite against each, twice, compares the two runs, and stores what the first one showed.

    ci/audit servers ws tungstenite        these targets of ci/targets; '*' selects all servers and proxies
    ci/audit servers ws-8.18.3             an old version with a known bug; no pattern selects one
    ci/audit servers --load ws             a third run, while every core of the machine is busy
    ci/audit servers --once ws             one run; `--more ws` adds the second one later
    ci/audit servers --exclude PATTERN ws  without these instances (those that are known to end a target are always left out)
    ci/audit servers --jobs 32 --timeout-ms 2000 envoy    hand these to the run, for targets that end connections late
    ci/audit servers --again '*'           store again what the whole runs in .targets/audits show, without playing

A proxy is compared with the server behind it, which is audited alone just before. Whole runs stay in .targets/audits/NAME-1,
NAME-2, NAME-load and NAME-behind. Exit status: 0 the runs of each target agree, 1 some do not, 2 usage, or a target left no report.
"""
import json
import subprocess
import sys
from contextlib import nullcontext

from .. import agreement, play, proxy
from ..layout import RUNS
from ..targets import chosen, fatal, manifest
from . import store
from .tables import EIGHT

DIFFERENCES_SHOWN = 12


def arguments(parser):
    parser.add_argument("names", nargs="*", help="targets, or patterns such as 'ws*'; without one, the eight of the README")
    parser.add_argument("--once", action="store_true", help="play once")
    parser.add_argument("--more", action="store_true", help="play the second time only")
    parser.add_argument("--load", action="store_true", help="play a third time, on a busy machine")
    parser.add_argument("--again", action="store_true", help="play nothing")
    parser.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="leave these instances out")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--timeout-ms", type=int)


def run(words, binary):
    names, unknown = chosen(words.names or EIGHT, [name for name, row in manifest().items() if row["role"] != "client"])
    if unknown:
        print(f"unknown server {unknown!r}: `ci/targets/run list` has their names", file=sys.stderr)
        return 2
    labels = ([] if words.more else ["1"]) + ([] if words.once else ["2"]) + (["load"] if words.load else [])
    built = binary()
    return max(audit(manifest()[name], words, labels, built) for name in names)


def audit(row, words, labels, binary):
    """The exit status of one target."""
    name = row["name"]
    runs = held_runs(name) if words.again or words.more else {}
    if not words.again:
        runs |= played(row, labels, binary, options(row, words))
    if "1" not in runs:
        return 2
    differing, otherwise = agreement.differences(runs)
    store.store(runs["1"], row, len(runs), (differing, otherwise), changes_by(row, binary))
    announce(name, runs, differing, otherwise)
    return 1 if differing else 0


def held_runs(name):
    """The whole runs of the last audit: those that began when its first one did, or later."""
    runs = {label: run for label in ("1", "2", "load") if (run := play.held(f"{name}-{label}"))}
    return {label: run for label, run in runs.items() if "1" in runs and run["started"] >= runs["1"]["started"]}


def played(row, labels, binary, words):
    """The runs that left a report, by label. None of them, if one left no report."""
    runs = {}
    if row["role"] == "proxy" and "1" in labels:
        play_once(row["backend"], f"{row['name']}-behind", binary, words)
    for label in labels:
        with play.busy_cores() if label == "load" else nullcontext():
            run = play_once(row["name"], f"{row['name']}-{label}", binary, words)
        if run is None:
            return {}
        runs[label] = run
    return runs


def play_once(name, label, binary, words):
    out = play.emptied(RUNS / label)
    done = play.server(name, [str(binary), "run", "server", "{url}", "--no-config", "--name", name, "--out", str(out), *words])
    if done is None:
        return None
    (out / "stdout.txt").write_text(done.stdout)
    (out / "stderr.txt").write_text(done.stderr)
    run = play.held(label)
    if run is None:
        print(f"{name}: no report\n{done.stdout[-1000:]}{done.stderr[-1000:]}", file=sys.stderr)
    elif run["interrupted"]:
        (out / "report.json").unlink()
        print(f"{name}: the run is incomplete: {run['interrupted']}", file=sys.stderr)
        return None
    return run


def changes_by(row, binary):
    """How a proxy changes what the server behind it shows when it is audited alone. None if that was not done."""
    behind = f"{row['name']}-behind"
    if row["role"] != "proxy" or play.held(behind) is None:
        return None
    command = [str(binary), "diff", str(RUNS / behind), str(RUNS / f"{row['name']}-1"), "--format", "json"]
    return proxy.changes(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def options(row, words):
    excluded = fatal(row["name"]) + words.exclude
    found = [word for pattern in excluded for word in ("--exclude", pattern)]
    found += [word for line in row.get("prelude", []) for word in ("--prelude", line)]
    found += ["--jobs", str(words.jobs)] if words.jobs else []
    return found + (["--timeout-ms", str(words.timeout_ms)] if words.timeout_ms else [])


def announce(name, runs, differing, otherwise):
    s = runs["1"]["summary"]
    seconds = " ".join(f"{run['summary']['duration_ms'] / 1000:.1f}" for run in runs.values())
    agreed = "once" if len(runs) == 1 else "the same" if not differing else f"{len(differing)} DIFFER"
    agreed += f", {otherwise} deviate otherwise" if otherwise else ""
    print(
        f"{name:<20} grade {s['grade']}  MUST {s['must']['met']}/{s['must']['exercised']}  pass {s['pass']} lenient {s['lenient']} "
        f"fail {s['fail']} flaky {s['flaky']} blocked {s['blocked']} error {s['error']}  {seconds} s  {agreed}", flush=True,
    )
    for line in differing[:DIFFERENCES_SHOWN]:
        print(f"    {line}", flush=True)
