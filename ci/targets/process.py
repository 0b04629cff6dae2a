"""Starts a target in a session of its own, waits until it accepts, and ends the whole session. Linux only (/proc).

A target is known by the session that it leads, together with the time at which its leader started: a pid alone may
belong to a stranger by the time that somebody asks.
"""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from layout import TargetError, fill, run_dir, tail, target_values
from manifest import Target

STATUS_NOT_UP = 6
START_DEADLINE_S = 60.0
STOP_GRACE_S = 3.0
POLL_S = 0.02
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def log_path(target: Target) -> Path:
    return run_dir(target) / "log"


def running(target: Target) -> int | None:
    """The session of the target if we started it and some process of it still lives."""
    try:
        entry = json.loads(_pid_path(target).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    leader_started = _started(entry["session"])
    if leader_started is not None and leader_started != entry["started"]:
        return None
    return entry["session"] if _members(entry["session"]) else None


def start(target: Target, backend_port: int | None = None) -> int:
    """Launches the target and returns its session once its port accepts a connection."""
    if (session := running(target)) is not None:
        if accepts(target.port):
            return session
        raise TargetError(f"{target.name} runs (session {session}), but port {target.port} is closed", STATUS_NOT_UP)
    if accepts(target.port):
        raise TargetError(f"{target.name} cannot start: another process has port {target.port}", STATUS_NOT_UP)
    run_dir(target).mkdir(parents=True, exist_ok=True)
    values = target_values(target) | ({"backend_port": str(backend_port)} if backend_port else {})
    _render(target, values)
    command = [fill(word, values) for word in target.start]
    environ = {**os.environ, **{name: fill(value, values) for name, value in target.environ.items()}}
    if backend_port:
        environ["BACKEND_PORT"] = str(backend_port)
    with open(log_path(target), "wb") as log:
        try:
            process = subprocess.Popen(
                command,
                cwd=run_dir(target),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise TargetError(f"{target.name} cannot start: {error}", STATUS_NOT_UP) from error
    entry = {"session": process.pid, "started": _started(process.pid), "port": target.port}
    _pid_path(target).write_text(json.dumps(entry))
    _await_port(target, process)
    return process.pid


def stop(target: Target) -> bool:
    """Ends every process of the target's session; false if there was none."""
    session = running(target)
    if session is not None:
        for number, grace_s in ((signal.SIGTERM, STOP_GRACE_S), (signal.SIGKILL, STOP_GRACE_S)):
            _signal(session, number)
            if _await_end(session, grace_s):
                break
        else:
            raise TargetError(f"{target.name}: processes {_members(session)} outlive SIGKILL")
    _pid_path(target).unlink(missing_ok=True)
    return session is not None


def processor_s(session: int) -> float:
    """The processor time of those processes of a session that live."""
    stats = [_stat(pid) for pid in _members(session)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats if fields) / TICKS_PER_S


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _await_port(target: Target, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while not accepts(target.port):
        # Waiting for the process is the pause between two attempts, and ends at once when it dies.
        try:
            process.wait(POLL_S)
            if running(target) is None:
                what = f"died with status {process.returncode} before port {target.port} was open"
                raise _not_up(target, what)
            time.sleep(POLL_S)  # The leader left others behind, as a daemon does.
        except subprocess.TimeoutExpired:
            pass
        if time.monotonic() > deadline:
            raise _not_up(target, f"did not open port {target.port} within {START_DEADLINE_S:.0f} s")


def _not_up(target: Target, what: str) -> TargetError:
    stop(target)
    return TargetError(f"{target.name} {what}; the end of its log:\n{tail(log_path(target))}", STATUS_NOT_UP)


def _render(target: Target, values: dict[str, str]) -> None:
    for name in target.render:
        source = Path(values["src"]) / name
        (run_dir(target) / source.name).write_text(fill(source.read_text(encoding="utf-8"), values))


def _await_end(session: int, grace_s: float) -> bool:
    deadline = time.monotonic() + grace_s
    while _members(session):
        if time.monotonic() > deadline:
            return False
        _reap(session)
        time.sleep(POLL_S)
    _reap(session)
    return True


def _signal(session: int, number: signal.Signals) -> None:
    for pid in _members(session):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def _reap(pid: int) -> None:
    """Where the leader is our own child, its entry in the process table stays until we ask for its status."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def _members(session: int) -> list[int]:
    """The processes of a session that still hold anything open.

    One that only waits to be reaped does not. But the first thread of a process may have come that far while others
    end, and the files, the listening socket among them, belong to all of them.
    """
    found = []
    for entry in Path("/proc").iterdir():
        fields = _stat(int(entry.name)) if entry.name.isdigit() else None
        if fields and int(fields[3]) == session and (fields[0] not in "ZX" or int(fields[17]) > 1):
            found.append(int(entry.name))
    return found


def _started(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def _stat(pid: int) -> list[str] | None:
    """/proc/PID/stat from the state on; the name before it may hold spaces and parentheses."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _pid_path(target: Target) -> Path:
    return run_dir(target) / "pid"
