"""Runs Autobahn|Testsuite, which needs CPython 2.7. The exit status says what it found.

    ci/audit wstest install
    ci/audit wstest server ws://127.0.0.1:9001
    ci/audit wstest client -- ci/targets/run client ws-client {url}

Exit status: 0 every case is OK or INFORMATIONAL in behavior and behaviorClose, 1 some case is not, or has no result,
2 usage, 3 CPython 2.7 or the suite is absent, 4 wstest itself failed.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from .. import layout

STATE = layout.STATE / "autobahn"
LOCK = Path(__file__).with_name("lock.txt")
VIRTUALENV = "virtualenv==20.15.1"
"""The last one that makes environments for CPython 2.7."""
CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
"""247 cases in some ten seconds; 9 (limits), 12 and 13 (deflate) take many minutes and are asked for by name."""
GOOD = ("OK", "INFORMATIONAL")
MISSING = "MISSING"
SELECT = """
import json, sys
from autobahntestsuite.case import CaseBasename, CaseCategories, Cases, CaseSetname, CaseSubCategories
from autobahntestsuite.caseset import CaseSet
cases = CaseSet(CaseSetname, CaseBasename, Cases, CaseCategories, CaseSubCategories)
print(" ".join(cases.parseSpecCases(json.loads(sys.argv[1]))))
"""
START_DEADLINE_S = 30.0
POLL_S = 0.02
STATUS_NOT_OK = 1
STATUS_USAGE = 2
STATUS_ABSENT = 3
STATUS_WSTEST = 4


class AutobahnError(Exception):
    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


def run(arguments, rest: list[str]) -> int:
    """`rest`: the command of a client."""
    if (arguments.run is judge_client) != bool(rest):
        print("`client` needs a command after `--`, and nothing else takes one", file=sys.stderr)
        return STATUS_USAGE
    arguments.rest = rest
    # A plain SIGTERM would leave wstest behind; as an exception it ends wstest too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return arguments.run(arguments)
    except AutobahnError as error:
        print(f"wstest: {error}", file=sys.stderr)
        return error.status


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("install", help="install the suite under .targets/autobahn").set_defaults(run=install)
    server = commands.add_parser("server", help="judge the server at URL")
    server.set_defaults(run=judge_server)
    server.add_argument("url")
    server.add_argument("--agent", default="target", help="the server's name in the reports")
    client = commands.add_parser("client", help="judge a client: COMMAND with {url} filled in, after `--`")
    client.set_defaults(run=judge_client)
    for sub, folder in ((server, "server"), (client, "client")):
        sub.add_argument("--cases", nargs="+", default=CASES, metavar="PATTERN", help=f"default: {' '.join(CASES)}")
        sub.add_argument("--exclude", nargs="+", default=[], metavar="PATTERN", help="cases to leave out")
        sub.add_argument("--out", type=Path, default=STATE / "reports" / folder, metavar="DIR")


def install(_arguments) -> int:
    python = find_python()
    if (STATE / "installed").is_file() and (STATE / "installed").read_text() == LOCK.read_text():
        print(f"installed already: {wstest()}")
        return 0
    shutil.rmtree(STATE / "venv", ignore_errors=True)
    STATE.mkdir(parents=True, exist_ok=True)
    bootstrap = str(STATE / "bootstrap")
    environ = {**os.environ, "PYTHONPATH": bootstrap}
    call([python, "-m", "pip", "install", "--upgrade", "--target", bootstrap, VIRTUALENV])
    call([python, "-m", "virtualenv", "--no-download", str(STATE / "venv")], environ)
    call([str(STATE / "venv/bin/pip"), "install", "--no-deps", "--requirement", str(LOCK)])
    (STATE / "installed").write_text(LOCK.read_text())
    print(f"installed: {wstest()}")
    return 0


def find_python() -> str:
    """CPython 2.7: named by AUTOBAHN_PYTHON, or among pyenv's, or on PATH."""
    candidates = [os.environ.get("AUTOBAHN_PYTHON"), pyenv_python(), shutil.which("python2.7")]
    for candidate in filter(None, candidates):
        found = shutil.which(candidate)
        if found and "2, 7" in answer([found, "-c", "import sys; print(sys.version_info[:2])"]):
            return found
    raise AutobahnError(
        "Autobahn|Testsuite needs CPython 2.7, and none was found: install it with `pyenv install 2.7.18`, or name it"
        " in AUTOBAHN_PYTHON",
        STATUS_ABSENT,
    )


def pyenv_python() -> str | None:
    prefix = answer(["pyenv", "prefix", "2.7.18"]).strip() if shutil.which("pyenv") else ""
    return f"{prefix}/bin/python" if prefix else None


def judge_server(arguments) -> int:
    out, log = prepare(arguments.out)
    spec = specification(arguments)
    expected = selected_cases(spec)
    spec |= {"servers": [{"agent": arguments.agent, "url": arguments.url}]}
    with open(log, "wb") as output:
        command = wstest_command("fuzzingclient", out, spec)
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=out).returncode
    if status != 0:
        raise AutobahnError(f"wstest ended with status {status}; see {log}", STATUS_WSTEST)
    return judge(out, log, expected)


def judge_client(arguments) -> int:
    out, log = prepare(arguments.out)
    spec = specification(arguments)
    expected = selected_cases(spec)
    port = free_port()
    url = f"ws://127.0.0.1:{port}"
    command = wstest_command("fuzzingserver", out, spec | {"url": url})
    with open(log, "wb") as output:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=out)
        try:
            await_port(port, server, log)
            status = subprocess.run([word.replace("{url}", url) for word in arguments.rest]).returncode
        except FileNotFoundError as error:
            raise AutobahnError(f"cannot run {error.filename}", STATUS_USAGE) from error
        finally:
            server.terminate()
            server.wait()
    if status != 0:
        print(f"the client ended with status {status}")
    return judge(out, log, expected) or (STATUS_NOT_OK if status else 0)


def judge(out: Path, log: Path, expected: set[str]) -> int:
    """Prints the summary of a run. A case without a result is no better than one that failed."""
    agents = json.loads((out / "index.json").read_text()) if (out / "index.json").is_file() else {}
    if not agents:
        what = "no results: the server was never reached, or the client never asked for /updateReports"
        raise AutobahnError(f"{what}; see {log}", STATUS_WSTEST)
    good = True
    for agent, results in agents.items():
        absent = {"behavior": MISSING, "behaviorClose": MISSING}
        rows = {case: results.get(case, absent) for case in sorted(expected | set(results), key=case_key)}
        counts = Counter(row["behavior"] for row in rows.values())
        print(f"{agent}: {len(rows)} cases: " + ", ".join(f"{name} {n}" for name, n in counts.most_common()))
        for case, row in rows.items():
            if row["behavior"] not in GOOD or row["behaviorClose"] not in GOOD:
                good = False
                print(f"  {case:9} {row['behavior']:13} close {row['behaviorClose']}")
    print(f"report: {out / 'index.html'}")
    return 0 if good else STATUS_NOT_OK


def prepare(folder: Path) -> tuple[Path, Path]:
    """The folder of the reports, without results of an earlier run, and the log of wstest in it."""
    out = folder.resolve()
    out.mkdir(parents=True, exist_ok=True)
    (out / "index.json").unlink(missing_ok=True)
    return out, out / "wstest.log"


def specification(arguments) -> dict:
    return {
        "outdir": ".",
        "cases": arguments.cases,
        "exclude-cases": arguments.exclude,
        "exclude-agent-cases": {},
    }


def wstest_command(mode: str, out: Path, spec: dict) -> list[str]:
    (out / "spec.json").write_text(json.dumps(spec))
    # Unbuffered, so that the log is complete even if wstest is killed.
    return [str(STATE / "venv/bin/python"), "-u", wstest(), "-m", mode, "-s", "spec.json", "-u", "0"]


def wstest() -> str:
    path = STATE / "venv/bin/wstest"
    if not path.is_file():
        find_python()
        raise AutobahnError("the suite is not installed: run `ci/audit wstest install`", STATUS_ABSENT)
    return str(path)


def selected_cases(spec: dict) -> set[str]:
    """The ids that the patterns select, as the suite itself reads them; with none, wstest would wait for ever."""
    wstest()
    found = answer([str(STATE / "venv/bin/python"), "-c", SELECT, json.dumps(spec)]).split()
    if not found:
        raise AutobahnError(f"no case matches {' '.join(spec['cases'])}", STATUS_USAGE)
    return set(found)


def case_key(case: str) -> list[int]:
    return [int(part) for part in case.split(".")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def await_port(port: int, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            pass
        try:
            server.wait(POLL_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() < deadline:
                continue
        raise AutobahnError(f"wstest did not open its port; see {log}", STATUS_WSTEST)


def call(command: list[str], environ: dict[str, str] | None = None) -> None:
    result = subprocess.run(command, env=environ, capture_output=True, text=True)
    if result.returncode != 0:
        raise AutobahnError(f"{' '.join(command)} failed:\n{result.stdout}{result.stderr}", STATUS_WSTEST)


def answer(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout

