"""Gates released servers and clients with their baselines, reports/baselines/NAME.toml.

    ci/audit gates                     every implementation that has a baseline
    ci/audit gates ws tornado-client   these
    ci/audit gates --update ws         write the baseline of these anew, then gate them with it twice

A target whose tools are absent (node, cargo, ...) is skipped with a message. The reports stay in .targets/gates/NAME.
Exit status: 0 every gate passes, 1 some gate fails, 2 usage, 4 a target could not be installed.
"""
import subprocess
import sys

from . import client_loop, play
from .layout import BASELINES, ROOT, STATE
from .targets import manifest

GATES = STATE / "gates"
TOOL_ABSENT = 3
GATE_LINES = 20


def audit_server(name, binary, words):
    """Audits one server, which is started for it: the exit status, or none if it hangs, stdout and stderr."""
    done = play.server(name, [str(binary), "run", "server", "{url}", "--no-config", "--name", name, *words])
    return (None, "", "") if done is None else (done.returncode, done.stdout, done.stderr)


def audit_client(name, binary, words):
    """Audits one client, which connects again and again."""
    folder = GATES / name
    status = client_loop.play([str(binary), "run", "client", *words], name, folder, play.CLIENT_RUN_S_MAX)
    return status, (folder / "stdout.txt").read_text(), (folder / "stderr.txt").read_text()


AUDITS = {"server": audit_server, "client": audit_client}


def gate(row, binary, words=()):
    """The exit status of the gate. Its lines are printed if it fails."""
    baseline = BASELINES / f"{row['name']}.toml"
    words = ["--out", str(GATES / row["name"]), "--baseline", str(baseline.relative_to(ROOT)), *words]
    status, table, errors = AUDITS[row["role"]](row["name"], binary, words)
    if status is None:
        return 4
    judged = [line for line in table.splitlines() if line.startswith("gate ")]
    print(f"{row['name']} {row['version']}: {judged[0].removeprefix('gate').strip() if judged else 'no verdict'}", flush=True)
    if status:
        # The lines of the gate are at the end of the table.
        print(*table.splitlines()[-GATE_LINES:], errors.strip(), sep="\n  ", flush=True)
    return status


def update(row, binary):
    reason = f"as {row['version']} was found to be; reports/audits has the readings"
    status = gate(row, binary, ["--update-baseline", "--reason", reason])
    # A baseline that the next run contradicts is not one.
    return status or gate(row, binary) or gate(row, binary)


def arguments(parser):
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--update", action="store_true", help="write the baselines anew")


def run(words, binary):
    rows = {name: row for name, row in manifest().items() if row["role"] in AUDITS}
    names = words.names or sorted(path.stem for path in BASELINES.glob("*.toml"))
    if unknown := [name for name in names if name not in rows]:
        print(f"no such server or client: {', '.join(unknown)}", file=sys.stderr)
        return 2
    built = binary()
    return max(installed_and_gated(rows[name], words.update, built) for name in names)


def installed_and_gated(row, is_update, binary):
    name = row["name"]
    installed = subprocess.run([*play.TARGETS, "install", name], capture_output=True, text=True)
    if installed.returncode == TOOL_ABSENT:
        print(f"{name}: skipped, {installed.stderr.strip().splitlines()[-1]}")
        return 0
    if installed.returncode:
        print(f"{name}: cannot be installed\n{installed.stderr.strip()}")
        return 4
    return min((update if is_update else gate)(row, binary), 1)
