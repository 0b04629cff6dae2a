#!/usr/bin/env python3
"""Installs, starts, checks and stops real WebSocket servers, clients and proxies, as manifest.toml declares them.

Needs Python 3.11 or later and nothing else; each implementation needs the tools of its own language. All state is
under `.targets/` at the root of the repository, except Debian packages. Exit status: 0 done, 1 something failed,
2 usage or manifest, 3 a tool is absent, 6 a target did not come up; `exec` passes on the first failure of COMMAND.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from fnmatch import fnmatchcase

import install
import process
from layout import SOURCES, TargetError, env_dir, fill, run_dir, target_values
from manifest import CHECK_ENV, Manifest, ManifestError, Target, load

STATUS_FAILED = 1
STATUS_USAGE = 2


def main() -> int:
    arguments = _parse_arguments()
    # A plain SIGTERM would leave the targets behind; as an exception it runs the `finally` blocks.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        manifest = load(SOURCES / "manifest.toml", _port_offset())
        return arguments.command(manifest, arguments)
    except ManifestError as error:
        return _complain(str(error), STATUS_USAGE)
    except TargetError as error:
        return _complain(str(error), error.status)
    except BrokenPipeError:
        # Whoever reads has seen enough, as `head` has; nothing more is written, at the exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _port_offset() -> int:
    """For two checkouts on one machine: TARGETS_PORT_OFFSET=1000 moves all ports of one of them out of the way."""
    given = os.environ.get("TARGETS_PORT_OFFSET", "0")
    if not given.isdigit() or int(given) > 40000:
        raise TargetError(f"TARGETS_PORT_OFFSET is {given!r}, not a number up to 40000", STATUS_USAGE)
    return int(given)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function, help: str, names: str | None = "+") -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(command=function)
        if names:
            sub.add_argument("names", nargs=names, metavar="NAME", help="a target's name, or a pattern such as 'ws*'")
        return sub

    sub = command("list", _list, "what there is", names="*")
    sub.add_argument("--role", choices=("server", "client", "proxy"))
    sub.add_argument("--json", action="store_true", help="every field of the manifest, for other programs")
    sub = command("install", _install, "install what the targets need, in exact versions", names="*")
    sub.add_argument("--all", action="store_true", help="every target")
    sub = command("start", _start, "start targets and wait until they accept connections")
    sub.add_argument("--install", action="store_true", help="install first what is absent")
    sub = command("stop", _stop, "stop targets, with all their processes", names="*")
    sub.add_argument("--all", action="store_true", help="every target that runs")
    command("status", _status, "which targets are installed, and which run", names="*")
    sub = command("exec", _exec, "for each target: start it, run COMMAND with {url} and {name} filled in, stop it")
    sub.add_argument("--install", action="store_true", help="install first what is absent")
    sub = command("client", _client, "run a client against the URL of a fuzzing server, as Autobahn's testees do", None)
    sub.add_argument("name")
    sub.add_argument("url", help="without a path, such as ws://127.0.0.1:9001")
    sub = command("check", _check, "for each target: start it, see that it does what the manifest says, stop it", names="*")
    sub.add_argument("--all", action="store_true", help="every target that is installed")
    sub.add_argument("--limits", action="store_true", help="also the limits on lengths")
    sub = command("lock", _lock, "resolve the packages of environments anew, and write their lock files", None)
    sub.add_argument("names", nargs="+", metavar="ENV")

    before, after = _split(sys.argv[1:])
    arguments = parser.parse_args(before)
    arguments.rest = after
    if (arguments.command is _exec) != bool(after):
        parser.error("`exec NAME.. -- COMMAND..` needs a command, and no other command takes one")
    return arguments


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    cut = words.index("--") if "--" in words else len(words)
    return words[:cut], words[cut + 1 :]


def _list(manifest: Manifest, arguments) -> int:
    targets = _selected(manifest, arguments.names or ["*"])
    targets = [t for t in targets if arguments.role in (None, t.role)]
    if arguments.json:
        print(json.dumps([vars(t) | ({"url": t.url()} if t.port else {}) for t in targets], indent=2))
        return 0
    rows = [("name", "role", "language", "package", "version", "deflate", "url")]
    for t in targets:
        url = t.url() if t.port else ""
        rows.append((t.name, t.role, t.language, t.package, t.version, "yes" if t.deflate else "no", url))
    _print_table(rows)
    return 0


def _install(manifest: Manifest, arguments) -> int:
    names = ["*"] if arguments.all else arguments.names
    targets = _selected(manifest, _needed(names, "install"))
    failures = []
    for env in dict.fromkeys(t.env for t in targets):
        try:
            _install_env(manifest, env)
        except TargetError as error:
            failures.append(error)
            _complain(str(error), error.status)
    return failures[0].status if failures else 0


def _start(manifest: Manifest, arguments) -> int:
    for target in _listeners(manifest, arguments.names):
        backend_port = _backend_port(target, manifest)
        if target.backend and "BACKEND_PORT" not in os.environ:
            _launch(manifest, manifest.targets[target.backend], arguments.install, None)
        session = _launch(manifest, target, arguments.install, backend_port)
        print(f"{target.name}  {target.url()}  pid {session}")
    return 0


def _stop(manifest: Manifest, arguments) -> int:
    names = ["*"] if arguments.all else arguments.names
    for target in _selected(manifest, _needed(names, "stop")):
        if target.port and process.stop(target):
            print(f"{target.name}  stopped")
    return 0


def _status(manifest: Manifest, arguments) -> int:
    rows = [("name", "installed", "running", "url")]
    for t in _selected(manifest, arguments.names or ["*"]):
        session = process.running(t) if t.port else None
        installed = "yes" if install.is_installed(manifest.envs[t.env]) else "no"
        rows.append((t.name, installed, f"pid {session}" if session else "no", t.url() if t.port else ""))
    _print_table(rows)
    return 0


def _exec(manifest: Manifest, arguments) -> int:
    first_failure = 0
    for target in _listeners(manifest, arguments.names):
        with _up(manifest, target, arguments.install):
            values = {"url": target.url(), "name": target.name, "port": str(target.port)}
            status = _call([fill(word, values) for word in arguments.rest])
        if status != 0:
            _complain(f"{target.name}: {arguments.rest[0]} ended with status {status}", status)
            first_failure = first_failure or status
    return first_failure


def _client(manifest: Manifest, arguments) -> int:
    (target,) = _selected(manifest, [arguments.name])
    command, environ = _client_command(manifest, target, arguments.url.rstrip("/"))
    os.chdir(run_dir(target))
    try:
        os.execvpe(command[0], command, environ)
    except OSError as error:
        raise TargetError(f"{target.name} cannot start: {error}", process.STATUS_NOT_UP) from error


def _client_command(manifest: Manifest, target: Target, url: str) -> tuple[list[str], dict[str, str]]:
    if target.role != "client":
        raise TargetError(f"{target.name} is a {target.role}, not a client", STATUS_USAGE)
    _require_installed(manifest, target)
    run_dir(target).mkdir(parents=True, exist_ok=True)
    values = target_values(target) | {"url": url}
    environ = {name: fill(value, values) for name, value in target.environ.items()}
    return [fill(word, values) for word in target.start], os.environ | environ


def _check(manifest: Manifest, arguments) -> int:
    _install_env(manifest, CHECK_ENV)
    names = ["*"] if arguments.all else arguments.names
    targets = _selected(manifest, _needed(names, "check"))
    if arguments.all:
        targets = [t for t in targets if install.is_installed(manifest.envs[t.env])]
    failed = []
    for target in targets:
        try:
            status = _check_one(manifest, target, arguments.limits)
        except TargetError as error:
            status = _complain(str(error), error.status)
        if status != 0:
            failed.append(target.name)
    print(f"{len(targets) - len(failed)} of {len(targets)} as the manifest says" + "".join(f"\n  not {n}" for n in failed))
    return STATUS_FAILED if failed else 0


def _check_one(manifest: Manifest, target: Target, limits: bool) -> int:
    python = str(env_dir(CHECK_ENV) / "bin/python")
    fields = json.dumps(vars(target) | {"limits": limits})
    if target.role == "client":
        command, environ = _client_command(manifest, target, "{url}")
        check = [python, str(SOURCES / "check/client.py"), fields, *command]
        return _call(check, environ, run_dir(target))
    with _up(manifest, target, installs=False):
        return _call([python, str(SOURCES / "check/server.py"), fields, target.url()])


def _lock(manifest: Manifest, arguments) -> int:
    for name in arguments.names:
        if name not in manifest.envs:
            raise TargetError(f"no env is named {name}; there are: {', '.join(manifest.envs)}", STATUS_USAGE)
        print(install.lock(manifest.envs[name]))
    return 0


@contextmanager
def _up(manifest: Manifest, target: Target, installs: bool):
    """The target, with the server behind it where it is a proxy, started for a while.

    What ran before is left running.
    """
    started = []
    try:
        chain = [target]
        if target.backend and "BACKEND_PORT" not in os.environ:
            chain.insert(0, manifest.targets[target.backend])
        for one in chain:
            if process.running(one) is None:
                started.append(one)
            _launch(manifest, one, installs, _backend_port(one, manifest))
        yield
    finally:
        for one in reversed(started):
            process.stop(one)


def _launch(manifest: Manifest, target: Target, installs: bool, backend_port: int | None) -> int:
    if installs:
        _install_env(manifest, target.env)
    _require_installed(manifest, target)
    return process.start(target, backend_port)


def _backend_port(target: Target, manifest: Manifest) -> int | None:
    if not target.backend:
        return None
    given = os.environ.get("BACKEND_PORT")
    if given is not None and not given.isdigit():
        raise TargetError(f"BACKEND_PORT is {given!r}, not a port", STATUS_USAGE)
    return int(given) if given else manifest.targets[target.backend].port


def _install_env(manifest: Manifest, name: str) -> None:
    env = manifest.envs[name]
    if not install.is_installed(env):
        print(f"installing env {name} ({env.kind})", file=sys.stderr, flush=True)
        install.install(env)


def _require_installed(manifest: Manifest, target: Target) -> None:
    if not install.is_installed(manifest.envs[target.env]):
        raise TargetError(f"{target.name} is not installed, or its recipe has changed: run install {target.name}")


def _listeners(manifest: Manifest, names: list[str]) -> list[Target]:
    """The servers and proxies named; a client that is named exactly is an error, one that a pattern matches is not."""
    targets = _selected(manifest, names)
    for target in targets:
        if target.role == "client" and target.name in names:
            raise TargetError(f"{target.name} is a client: use `client {target.name} URL`", STATUS_USAGE)
    return [target for target in targets if target.role != "client"]


def _selected(manifest: Manifest, names: list[str]) -> list[Target]:
    chosen: dict[str, Target] = {}
    for name in names:
        matches = {n: t for n, t in manifest.targets.items() if fnmatchcase(n, name)}
        if not matches:
            raise TargetError(f"no target is named {name}; `list` shows those that there are", STATUS_USAGE)
        chosen |= matches
    return list(chosen.values())


def _needed(names: list[str], command: str) -> list[str]:
    if not names:
        raise TargetError(f"`{command}` needs names of targets, or --all", STATUS_USAGE)
    return names


def _call(command: list[str], environ: dict[str, str] | None = None, cwd=None) -> int:
    try:
        status = subprocess.run(command, env=environ, cwd=cwd).returncode
    except OSError as error:
        raise TargetError(f"cannot run {command[0]}: {error.strerror}", STATUS_USAGE) from error
    return status if status >= 0 else 128 - status


def _print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def _complain(message: str, status: int) -> int:
    print(f"targets: {message}", file=sys.stderr, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
