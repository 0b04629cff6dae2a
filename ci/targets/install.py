"""Brings an environment of the manifest onto this machine: one function a package manager. Start reading at `install`.

An environment is finished when its stamp is there, and the stamp holds a digest of all that went into it. So an
environment that was interrupted, or whose recipe changed, is never mistaken for a good one.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from layout import CARGO_TARGET, LOCKS, SOURCES, STATE, TargetError, env_dir, env_values, fill, tail
from manifest import Env

STATUS_TOOL_ABSENT = 3
TOOLS = {"apt": (), "cargo": ("cargo",), "none": (), "npm": ("node", "npm"), "pip": ()}


def is_installed(env: Env) -> bool:
    stamp = _stamp(env)
    return stamp.is_file() and stamp.read_text() == digest(env)


def install(env: Env) -> None:
    """Installs the environment unless it is there already; one at a time on this checkout."""
    STATE.mkdir(exist_ok=True)
    with open(STATE / "install.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_installed(env):
            return
        _stamp(env).unlink(missing_ok=True)
        log = install_log(env)
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "wb") as output:
            _apt(env.packages + env.apt if env.kind == "apt" else env.apt, env, output)
            _require(TOOLS[env.kind] + env.tools, env)
            env_dir(env.name).mkdir(parents=True, exist_ok=True)
            STEPS[env.kind](env, output)
            for command in env.build:
                values = env_values(env)
                _run([fill(word, values) for word in command], env, output)
        _stamp(env).write_text(digest(env))


def lock(env: Env) -> Path:
    """Resolves the packages anew and writes the lock file that `install` obeys."""
    folder = STATE / "lock" / env.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = install_log(env)
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        if env.kind == "pip":
            _run([sys.executable, "-m", "venv", str(folder)], env, output, cwd=folder)
            _run([str(folder / "bin/pip"), "install", *env.packages], env, output, cwd=folder)
            frozen = subprocess.run([folder / "bin/pip", "freeze"], check=True, capture_output=True, text=True)
            _lock_file(env).write_text(frozen.stdout)
        elif env.kind == "npm":
            (folder / "package.json").write_text(_package_json(env))
            # Without the addresses of a registry, the file holds for whichever one is configured.
            flags = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]
            _run(["npm", "install", *flags], env, output, cwd=folder)
            shutil.copy(folder / "package-lock.json", _lock_file(env))
        else:
            raise TargetError(f"{env.name} is of kind {env.kind}, which has no lock file here")
    shutil.rmtree(folder)
    return _lock_file(env)


def digest(env: Env) -> str:
    """Identifies everything that goes into the environment: recipe, lock file and sources."""
    state = hashlib.sha256(repr(env).encode())
    files = [_lock_file(env)] if _lock_file(env).is_file() else []
    for name in env.sources:
        path = SOURCES / name
        files += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        state.update(file.name.encode())
        state.update(file.read_bytes())
    return state.hexdigest()


def install_log(env: Env) -> Path:
    return STATE / "log" / f"install-{env.name}.log"


def _cargo(env: Env, output) -> None:
    """Builds the binaries named. `--workspace` gives shared dependencies the same features whatever is asked for, so
    that no other install builds them again."""
    command = ["cargo", "build", "--release", "--locked", "--workspace"]
    command += [word for binary in env.packages for word in ("--bin", binary)]
    _run(command, env, output, cwd=SOURCES / "rust", environ={"CARGO_TARGET_DIR": str(CARGO_TARGET)})


def _npm(env: Env, output) -> None:
    folder = env_dir(env.name)
    (folder / "package.json").write_text(_package_json(env))
    shutil.copy(_require_lock(env), folder / "package-lock.json")
    _run(["npm", "ci", "--no-audit", "--no-fund"], env, output)


def _pip(env: Env, output) -> None:
    folder = env_dir(env.name)
    shutil.rmtree(folder)
    _run([sys.executable, "-m", "venv", str(folder)], env, output, cwd=STATE)
    _run([str(folder / "bin/pip"), "install", "--no-deps", "--requirement", str(_require_lock(env))], env, output)


def _nothing(env: Env, output) -> None:
    """All of it came from the Debian packages, or comes from the build commands."""


STEPS = {"apt": _nothing, "cargo": _cargo, "none": _nothing, "npm": _npm, "pip": _pip}


def _apt(packages: tuple[str, ...], env: Env, output) -> None:
    """Debian packages are the one thing outside `.targets/`. No daemon of theirs is wanted, hence RUNLEVEL."""
    wanted = [package for package in packages if not _apt_has(package)]
    if not wanted:
        return
    _require(("apt-get",), env)
    root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    command = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "install", "-y"]
    command += ["--no-install-recommends", *wanted]
    try:
        _run(command, env, output, cwd=STATE)
    except TargetError:
        # The lists of a fresh image are empty or stale.
        _run([*root, "apt-get", "update"], env, output, cwd=STATE)
        _run(command, env, output, cwd=STATE)


def _apt_has(package: str) -> bool:
    name, _, version = package.partition("=")
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", name]
    try:
        answer = subprocess.run(query, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return False
    return answer.startswith("installed " + version.rstrip("*"))


def _lock_file(env: Env) -> Path:
    return LOCKS / f"{env.name}.{'json' if env.kind == 'npm' else 'txt'}"


def _package_json(env: Env) -> str:
    dependencies = dict(package.rsplit("@", 1) for package in env.packages)
    # The name must not be that of a dependency: npm would take the folder itself for it.
    return json.dumps({"name": f"env-{env.name}", "private": True, "dependencies": dependencies}, indent=2) + "\n"


def _require(tools: tuple[str, ...], env: Env) -> None:
    absent = [tool for tool in tools if shutil.which(tool) is None]
    if absent:
        raise TargetError(f"env {env.name} needs {', '.join(absent)}, not found on PATH", STATUS_TOOL_ABSENT)


def _require_lock(env: Env) -> Path:
    if not _lock_file(env).is_file():
        raise TargetError(f"env {env.name} has no lock file; write it with `run lock {env.name}`")
    return _lock_file(env)


def _run(command: list[str], env: Env, output, cwd: Path | None = None, environ: dict[str, str] | None = None) -> None:
    output.write(f"$ {' '.join(command)}\n".encode())
    output.flush()
    try:
        result = subprocess.run(
            command,
            cwd=cwd or env_dir(env.name),
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    except FileNotFoundError as error:
        raise TargetError(f"env {env.name} needs {error.filename}, not found", STATUS_TOOL_ABSENT) from error
    if result.returncode != 0:
        log = install_log(env)
        raise TargetError(f"install of env {env.name} failed (whole log: {log}):\n{tail(log)}")


def _stamp(env: Env) -> Path:
    return env_dir(env.name) / ".installed"
