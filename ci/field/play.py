"""Runs of wsgauntlet against a server of `ci/targets`, and the whole runs that earlier audits left."""
import json
import os
import pathlib
import subprocess
import sys
from contextlib import contextmanager

from .layout import ROOT, RUNS

# A run takes seconds. One that takes this long hangs.
SERVER_RUN_S_MAX = 600
CLIENT_RUN_S_MAX = 900
TARGETS = [sys.executable, str(ROOT / "ci/targets/target.py")]


def binary(named):
    """The wsgauntlet to use: the named one, that of WSGAUNTLET in the environment, or one that is built now."""
    named = named or os.environ.get("WSGAUNTLET")
    if named:
        return pathlib.Path(named).resolve()
    subprocess.run(["cargo", "build", "--release", "--quiet", "--locked"], cwd=ROOT, check=True)
    return ROOT / "target/release/wsgauntlet"


def held(label):
    """The whole run that an earlier audit left under this label, or none."""
    report = RUNS / label / "report.json"
    return json.loads(report.read_text()) if report.exists() else None


def emptied(folder):
    """The folder, without the report of an earlier run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").unlink(missing_ok=True)
    return folder


def server(name, command, run_s_max=SERVER_RUN_S_MAX):
    """Starts a server, runs `command` with `{url}` filled in, and stops it. None if it did not end in time."""
    try:
        return subprocess.run([*TARGETS, "exec", name, "--", *command], cwd=ROOT, capture_output=True, text=True, timeout=run_s_max)
    except subprocess.TimeoutExpired:
        print(f"{name}: no end within {run_s_max} s", file=sys.stderr)
        return None


@contextmanager
def busy_cores():
    """One process for each core that does nothing but use it."""
    spinners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()
