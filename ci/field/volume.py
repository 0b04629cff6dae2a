"""Measures what a sample of Autobahn's compression cases costs, played by Autobahn|Testsuite and by wsgauntlet.

    ci/audit volume                       against `wsgauntlet reference server`
    ci/audit volume ws                    against a server of ci/targets
    ci/audit volume --cases 12.1.1 13.3.6 other cases of Autobahn's 12 and 13, by their whole ids

Both play the same cases, one after the other, against one process: the same sizes, parameters and fragments, 1,000
messages each. Printed is the wall time, the processor time of the tester itself, and that of the server meanwhile, which
no tester can go below: it is what the server needs to inflate, echo and deflate. What they send differs: each has corpora
of its own, and wsgauntlet keeps several messages under way at once.
Reports stay in .targets/compare-volume/NAME. Exit status: 0 all cases were played and judged good by both, 1 some were not,
2 usage, 3 CPython 2.7 or the suite is absent, 4 one of them left no result, 6 the server did not come up.
"""
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

from . import play
from .autobahn import suite
from .layout import ROOT, STATE

sys.path.insert(0, str(ROOT / "ci/targets"))
import process  # noqa: E402

REFERENCE = "reference"
MESSAGES = 1000
GROUPS = [f"12.{n}" for n in range(1, 6)] + [f"13.{n}" for n in range(1, 8)]
SIZES = [1, 4, 6, 8, 11]
"""16, 1,024, 8,192 and 32,768 octets; 8,192 in fragments of 256. The larger ones take minutes."""
SAMPLE = [f"{group}.{size}" for group in GROUPS for size in SIZES]
CASE = re.compile(r"1[23]\.[0-9]+\.[0-9]+")
STATUS_NOT_GOOD = 1
STATUS_USAGE = 2
STATUS_NO_RESULT = 4
STATUS_NOT_UP = 6


@dataclass
class Server:
    name: str
    url: str
    session: int

    def processor_s(self):
        return process.processor_s(self.session)


@dataclass
class Measured:
    tester: str
    wall_s: float
    own_s: float
    server_s: float
    verdicts: Counter

    def row(self):
        verdicts = ", ".join(f"{n} {name}" for name, n in self.verdicts.most_common())
        return (self.tester, verdicts, f"{self.wall_s:.1f}", f"{self.own_s:.1f}", f"{self.server_s:.1f}")


@contextmanager
def reference(binary):
    """The built-in reference; it says where it listens."""
    command = [str(binary), "reference", "server", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
        try:
            found = re.search(r"ws://\S+", child.stdout.readline())
            if not found:
                raise suite.AutobahnError("the reference did not say where it listens", STATUS_NOT_UP)
            yield Server(REFERENCE, found[0], child.pid)
        finally:
            child.terminate()


@contextmanager
def target(name):
    """A server of ci/targets, started for this and stopped afterwards."""
    run = play.TARGETS
    started = subprocess.run([*run, "start", name], capture_output=True, text=True)
    if started.returncode != 0:
        raise suite.AutobahnError(started.stderr.strip(), started.returncode)
    _, url, _, session = started.stdout.split()[-4:]
    try:
        yield Server(name, url, int(session))
    finally:
        subprocess.run([*run, "stop", name], stdout=subprocess.DEVNULL)


def measure(tester, server, command, cwd, log):
    """Runs a tester to its end; what the kernel accounts to it, with the children that it waited for."""
    server_before, began = server.processor_s(), time.monotonic()
    with open(log, "wb") as output:
        child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _, _, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
    wall_s = time.monotonic() - began
    return Measured(tester, wall_s, usage.ru_utime + usage.ru_stime, server.processor_s() - server_before, Counter())


def result(path, log):
    if not path.is_file():
        raise suite.AutobahnError(f"no {path.name} was left; see {log}", STATUS_NO_RESULT)
    return json.loads(path.read_text())


def autobahn(server, cases, work):
    out = work / "autobahn"
    out.mkdir()
    spec = {"outdir": ".", "cases": cases, "exclude-cases": [], "exclude-agent-cases": {}}
    spec |= {"servers": [{"agent": server.name, "url": server.url}]}
    command, log = suite.wstest_command("fuzzingclient", out, spec), out / "wstest.log"
    measured = measure("Autobahn", server, command, out, log)
    rows = next(iter(result(out / "index.json", log).values())).values()
    measured.verdicts.update("OK" if row["behavior"] == row["behaviorClose"] == "OK" else "not OK" for row in rows)
    return measured


def wsgauntlet(server, cases, work, binary):
    out = work / "wsgauntlet"
    out.mkdir()
    chosen = [word for case in cases for word in ("--case", case)]
    command = [str(binary), "run", "server", server.url, "--no-config", "--profile", "volume"]
    command += ["--volume-messages", str(MESSAGES), "--out", str(out), *chosen]
    log = out / "log"
    measured = measure("wsgauntlet", server, command, out, log)
    measured.verdicts.update(instance["verdict"] for instance in result(out / "report.json", log)["instances"])
    return measured


def share(ours, theirs):
    return f"{ours / theirs:.2f}" if theirs else "-"


def print_measured(theirs, ours):
    head = ("tester", "verdicts", "wall s", "own processor s", "server's processor s")
    last = ("share of Autobahn's", "", share(ours.wall_s, theirs.wall_s), share(ours.own_s, theirs.own_s), share(ours.server_s, theirs.server_s))
    rows = [head, theirs.row(), ours.row(), last]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [cell.ljust(width) if n < 2 else cell.rjust(width) for n, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells))


def compare(name, cases, binary):
    work = STATE / "compare-volume" / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with (reference(binary) if name == REFERENCE else target(name)) as server:
        machine = f"{os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f} before"
        print(f"{server.name}: {len(cases)} cases of {MESSAGES:,} messages each; {machine}", flush=True)
        ours = wsgauntlet(server, cases, work, binary)
        theirs = autobahn(server, cases, work)
        print_measured(theirs, ours)
    good = theirs.verdicts["OK"] == len(cases) and ours.verdicts["pass"] == len(cases)
    return 0 if good else STATUS_NOT_GOOD


def arguments(parser):
    parser.add_argument("target", nargs="?", default=REFERENCE)
    parser.add_argument("--cases", nargs="+", default=SAMPLE, metavar="ID")


def run(words, binary):
    strange = [case for case in words.cases if not CASE.fullmatch(case)]
    if strange:
        print(f"not a case of Autobahn's 12 and 13: {' '.join(strange)}", file=sys.stderr)
        return STATUS_USAGE
    # A plain SIGTERM would leave the server behind; as an exception it ends that, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        suite.wstest()
        return compare(words.target, words.cases, binary())
    except suite.AutobahnError as error:
        print(f"volume: {error}", file=sys.stderr)
        return error.status
