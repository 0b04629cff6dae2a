"""A client of ci/targets in the loop of Autobahn's test clients, against `wsgauntlet run client` in a process beside it."""
import shutil
import subprocess
import threading

from .layout import ROOT
from .play import TARGETS

# A client that does not come back for this long is gone.
WAIT_MS = 60_000


def play(command, name, folder, run_s_max):
    """The exit status of the harness, or none if it had to be ended; its output and the client's log are in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "stdout.txt").open("w") as table, (folder / "stderr.txt").open("w") as errors, (folder / "client.txt").open("w") as log:
        harness = subprocess.Popen(
            [*command, "--name", name, "--wait-ms", str(WAIT_MS)], cwd=ROOT, stdout=table, stderr=subprocess.PIPE, text=True,
        )
        url = listening(harness.stderr, errors)
        # A full pipe would stop the harness.
        reader = threading.Thread(target=shutil.copyfileobj, args=(harness.stderr, errors))
        reader.start()
        client = url and subprocess.Popen(
            [*TARGETS, "client", name, url], cwd=ROOT, stdout=log, stderr=log,
        )
        status = finished(harness, run_s_max)
        reader.join()
        if client:
            # The run has ended: a client that still connects is stopped.
            finished(client, 5)
    return status


def listening(stream, errors):
    """The address that a harness says it listens on; none if it ends first."""
    for line in stream:
        errors.write(line)
        if line.startswith("listening on "):
            return line.split()[-1]
    return None


def finished(process, run_s_max):
    """The exit status of a process, or none if it had to be ended."""
    try:
        return process.wait(run_s_max)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
        return None
