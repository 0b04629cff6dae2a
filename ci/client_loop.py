"""A client of ci/targets in the loop of Autobahn's test clients, against `wsgauntlet run client` in a process beside it."""
import pathlib
import shutil
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
# A client that does not come back for so long is gone.
WAIT_MS = 60_000


def play(command, name, folder, run_s_max):
    """The exit status of the harness, or none if it had to be ended; its output and the client's log are in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "stdout.txt").open("w") as table, (folder / "stderr.txt").open("w") as told, (folder / "client.txt").open("w") as log:
        harness = subprocess.Popen(
            [*command, "--name", name, "--wait-ms", str(WAIT_MS)], cwd=ROOT, stdout=table, stderr=subprocess.PIPE, text=True,
        )
        url = listening(harness.stderr, told)
        # What nobody reads would stop the harness once the pipe is full.
        reader = threading.Thread(target=shutil.copyfileobj, args=(harness.stderr, told))
        reader.start()
        client = url and subprocess.Popen(
            [sys.executable, str(ROOT / "ci/targets/target.py"), "client", name, url], cwd=ROOT, stdout=log, stderr=log,
        )
        status = finished(harness, run_s_max)
        reader.join()
        if client:
            # Whoever goes on after the run goes on in vain.
            finished(client, 5)
    return status


def listening(stream, told):
    """The address that a harness says it listens on; none if it ends first."""
    for line in stream:
        told.write(line)
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
