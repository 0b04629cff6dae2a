"""Where things are: the sources beside this file, and all state under `.targets/` at the root of the repository."""

from pathlib import Path

from manifest import Env, Target

SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parent.parent
STATE = ROOT / ".targets"
LOCKS = SOURCES / "lock"
CARGO_TARGET = STATE / "rust"


class TargetError(Exception):
    """Something that the user must hear of; `status` becomes the exit status."""

    def __init__(self, message: str, status: int = 1):
        super().__init__(message)
        self.status = status


def env_dir(name: str) -> Path:
    return STATE / "env" / name


def run_dir(target: Target) -> Path:
    """Where a target runs: its log, its pid file, its rendered configuration."""
    return STATE / "run" / target.name


def fill(text: str, values: dict[str, str]) -> str:
    """Replaces `{name}` for the names given and leaves every other brace alone: configuration files are full of them."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def env_values(env: Env) -> dict[str, str]:
    return {"env": str(env_dir(env.name)), "src": str(SOURCES), "rust": str(CARGO_TARGET / "release")}


def target_values(target: Target) -> dict[str, str]:
    return {
        "env": str(env_dir(target.env)),
        "src": str(SOURCES),
        "rust": str(CARGO_TARGET / "release"),
        "run": str(run_dir(target)),
        "port": str(target.port),
        "name": target.name,
    }


def tail(log: Path, lines_max: int = 20) -> str:
    """The last lines of a log, indented; what a user needs to see when something died."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    return "\n".join(f"    | {line}" for line in lines[-lines_max:]) or "    | (nothing was logged)"
