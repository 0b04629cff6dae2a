"""Reads manifest.toml into values that cannot be wrong.

Knows nothing of processes or files other than the manifest. Start reading at `load`.
"""

import re
import tomllib
from dataclasses import MISSING, dataclass, field, replace
from pathlib import Path

ROLES = ("server", "client", "proxy")
ENV_KINDS = ("apt", "cargo", "npm", "pip", "none")
ECHOES = ("both", "text", "binary", "none")
PORT_MIN = 20100
PORT_MAX = 20999
CHECK_ENV = "check"
"""What the checks of this folder themselves need; no target uses it."""


class ManifestError(Exception):
    """The manifest holds something that no target may say."""


@dataclass(frozen=True)
class Env:
    """What must be installed before a target can start: packages of one package manager, then commands."""

    name: str
    kind: str
    packages: tuple[str, ...] = ()
    """Exact versions, in the notation of the package manager; for cargo, binaries of the workspace in `rust/`."""
    apt: tuple[str, ...] = ()
    """Debian packages, each `name=version*`, that are needed besides."""
    tools: tuple[str, ...] = ()
    """Programs that must be on PATH, and that nothing here installs."""
    build: tuple[tuple[str, ...], ...] = ()
    """Commands that are run in the environment's folder after the packages are there."""
    sources: tuple[str, ...] = ()
    """Files and folders beside the manifest that are built: a change of theirs asks for a new install."""


@dataclass(frozen=True)
class Target:
    """One implementation: how it is launched, and what it can do."""

    name: str
    role: str
    language: str
    package: str
    version: str
    env: str
    start: tuple[str, ...]
    port: int = 0
    path: str = "/"
    deflate: bool = False
    """Whether an offer of permessage-deflate is accepted (servers), or made (clients)."""
    echo: str = "both"
    """Which messages come back: both kinds, text, binary or none."""
    prelude: tuple[str, ...] = ()
    """What a server of a protocol on top sends and awaits before anything else, as `wsgauntlet run server --prelude` takes it."""
    subprotocol: str = ""
    """The one that must be offered; empty where none is needed."""
    h2: bool = False
    """Whether the same port takes RFC 8441 over HTTP/2 with prior knowledge."""
    message_len_max: int = 0
    """The longest message, in octets, that is echoed; 0 where no limit is known."""
    frame_len_max: int = 0
    """The longest payload of one frame, in octets; 0 where no limit of its own is known."""
    limit_margin: int = 0
    """How far beyond a limit a message may still pass, where the limit is on what happens to be buffered."""
    lacks: tuple[str, ...] = ()
    """For a client: those cases of check/client.py that it is known not to echo."""
    backend: str = ""
    """For a proxy: the server behind it, unless BACKEND_PORT names another."""
    render: tuple[str, ...] = ()
    """Configuration files beside the manifest whose placeholders are filled in before the start."""
    environ: dict[str, str] = field(default_factory=dict)
    history: bool = False
    """An old version, kept for a known bug of it: the audits of the field pass over it."""
    notes: str = ""

    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{self.path}"


@dataclass(frozen=True)
class Manifest:
    envs: dict[str, Env]
    targets: dict[str, Target]


def load(path: Path, port_offset: int = 0) -> Manifest:
    """Parses and checks the whole manifest; the first fault found is the error. All ports are moved by the offset."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path.name}: {error}") from error
    manifest = parse(document)
    targets = {t.name: replace(t, port=t.port and t.port + port_offset) for t in manifest.targets.values()}
    return Manifest(manifest.envs, targets)


def parse(document: dict) -> Manifest:
    unknown = set(document) - {"env", "target"}
    if unknown:
        raise ManifestError(f"unknown tables: {', '.join(sorted(unknown))}")
    envs = {name: _env(name, table) for name, table in document.get("env", {}).items()}
    targets: dict[str, Target] = {}
    for table in document.get("target", []):
        target = _target(table)
        if target.name in targets:
            raise ManifestError(f"two targets are named {target.name}")
        targets[target.name] = target
    _check_references(envs, targets)
    return Manifest(envs, targets)


def _env(name: str, table: dict) -> Env:
    values = _fields(f"env.{name}", Env, {**table, "name": name})
    values["build"] = tuple(tuple(command) for command in table.get("build", ()))
    env = Env(**values)
    if env.kind not in ENV_KINDS:
        raise ManifestError(f"env.{name}: kind is {env.kind!r}, not one of {', '.join(ENV_KINDS)}")
    for package in env.packages if env.kind in ("npm", "pip") else ():
        if not re.search(r"[@=]\d[\w.+-]*$", package):
            raise ManifestError(f"env.{name}: {package} has no exact version")
    for package in env.apt:
        if "=" not in package:
            raise ManifestError(f"env.{name}: Debian package {package} has no version")
    return env


def _target(table: dict) -> Target:
    where = f"target {table.get('name', '?')}"
    target = Target(**_fields(where, Target, table))
    if not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", target.name):
        raise ManifestError(f"{where}: a name is kebab-case")
    if target.role not in ROLES:
        raise ManifestError(f"{where}: role is {target.role!r}, not one of {', '.join(ROLES)}")
    if target.echo not in ECHOES:
        raise ManifestError(f"{where}: echo is {target.echo!r}, not one of {', '.join(ECHOES)}")
    if target.role == "client":
        if target.port:
            raise ManifestError(f"{where}: a client has no port")
    elif not PORT_MIN <= target.port <= PORT_MAX:
        raise ManifestError(f"{where}: port {target.port} is not in {PORT_MIN}..={PORT_MAX}")
    if bool(target.backend) != (target.role == "proxy"):
        raise ManifestError(f"{where}: a proxy, and only a proxy, has a backend")
    return target


def _check_references(envs: dict[str, Env], targets: dict[str, Target]) -> None:
    ports: dict[int, str] = {}
    for target in targets.values():
        if target.env not in envs:
            raise ManifestError(f"target {target.name}: no env is named {target.env}")
        if target.port and target.port in ports:
            raise ManifestError(f"targets {ports[target.port]} and {target.name} share port {target.port}")
        ports[target.port] = target.name
        if target.backend and (target.backend not in targets or targets[target.backend].role != "server"):
            raise ManifestError(f"target {target.name}: backend {target.backend} is no server")
    unused = set(envs) - {target.env for target in targets.values()} - {CHECK_ENV}
    if unused:
        raise ManifestError(f"no target uses env {', '.join(sorted(unused))}")


def _fields(where: str, kind: type, table: dict) -> dict:
    """The table's values, checked against the names and types that the dataclass declares."""
    declared = kind.__dataclass_fields__
    unknown = set(table) - set(declared)
    if unknown:
        raise ManifestError(f"{where}: unknown keys: {', '.join(sorted(unknown))}")
    values = {}
    for name, value in table.items():
        wanted = declared[name].type
        plain = {str: str, int: int, bool: bool}.get(wanted)
        if plain is not None and type(value) is not plain:
            raise ManifestError(f"{where}: {name} must be a {plain.__name__}")
        if plain is None and not isinstance(value, (list, dict)):
            raise ManifestError(f"{where}: {name} must be a list or a table")
        values[name] = tuple(value) if isinstance(value, list) else value
    missing = [n for n, f in declared.items() if n not in values and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise ManifestError(f"{where}: missing keys: {', '.join(missing)}")
    return values
