"""Audits clients and browsers: plays the suite with each, twice, compares the two runs, and stores what the first one showed.

    ci/audit clients                            the nine of the README, and both browsers
    ci/audit clients ws-client gorilla-client   these clients of ci/targets; '*' selects all of them, and both browsers
    ci/audit clients ws-8.18.3-client           an old version with a known bug; no pattern selects one
    ci/audit clients --once chromium            one run; a browser is launched with our page
    ci/audit clients --again '*'                store again what the whole runs in .targets/audits show, without playing

A client runs the loop of Autobahn's test clients; Chromium and Firefox are driven by the page of `--launch-browser`. Whole runs stay
in .targets/audits/NAME-1 and NAME-2. Exit status: 0 the two runs of each client agree, 1 some do not, 2 usage, or no report.
"""
import functools
import subprocess
import sys

from .. import agreement, client_loop, play
from ..layout import RUNS
from ..targets import BROWSERS, chosen, fatal, manifest
from . import store

NINE = [
    "ws-client", "websocket-node-client", "node", "websockets-client", "aiohttp-client", "websocket-client",
    "tungstenite-client", "tokio-websockets-client", "fastwebsockets-client", *BROWSERS,
]
DIFFERENCES_SHOWN = 12


def arguments(parser):
    parser.add_argument("names", nargs="*", help="clients, or patterns; without one, the nine and both browsers")
    parser.add_argument("--once", action="store_true", help="play once")
    parser.add_argument("--again", action="store_true", help="play nothing")


def run(words, binary):
    names, unknown = chosen(words.names or NINE, [name for name, row in manifest().items() if row["role"] == "client"])
    if unknown:
        print(f"unknown client {unknown!r}: `ci/targets/run list` has their names", file=sys.stderr)
        return 2
    built = None if words.again else binary()
    return max(audit(manifest()[name], words, built) for name in names)


def audit(row, words, binary):
    """The exit status of one client."""
    name = row["name"]
    run = play.held if words.again else functools.partial(play_once, name, binary)
    first = run(f"{name}-1")
    if first is None:
        return 2
    second = None if words.once else run(f"{name}-2")
    if second and second["started"] < first["started"]:
        second = None
    runs = {"1": first} | ({"2": second} if second else {})
    differing, otherwise = agreement.differences(runs)
    store.store(name, row, first, {
        "runs": len(runs), "differing": len(differing), "differences": differing[:agreement.DIFFERENCES_MAX], "otherwise": otherwise,
    })
    announce(name, first["summary"], len(runs), differing, otherwise)
    return 1 if differing else 0


def play_once(name, binary, label):
    """The report of a run, or none."""
    out = play.emptied(RUNS / label)
    command = [str(binary), "run", "client", "--out", str(out), *(word for pattern in fatal(name) for word in ("--exclude", pattern))]
    if name in BROWSERS:
        with (out / "stdout.txt").open("w") as table, (out / "stderr.txt").open("w") as errors:
            words = ["--launch-browser", name, "--wait-ms", str(client_loop.WAIT_MS)]
            client_loop.finished(subprocess.Popen([*command, *words], stdout=table, stderr=errors), play.CLIENT_RUN_S_MAX)
    else:
        client_loop.play(command, name, out, play.CLIENT_RUN_S_MAX)
    run = play.held(label)
    if run is None:
        print(f"{name}: no report; see {out}", file=sys.stderr)
    return run


def announce(name, s, runs, differing, otherwise):
    agreed = "once" if runs == 1 else "the same twice" if not differing else f"{len(differing)} DIFFER"
    agreed += f", {otherwise} deviate otherwise" if otherwise else ""
    print(
        f"{name:<24} grade {s['grade']}  MUST {s['must']['met']}/{s['must']['exercised']}  pass {s['pass']} lenient {s['lenient']} "
        f"fail {s['fail']} blocked {s['blocked']}  {s['duration_ms'] / 1000:.1f} s  {agreed}", flush=True,
    )
    for line in differing[:DIFFERENCES_SHOWN]:
        print(f"    {line}", flush=True)
