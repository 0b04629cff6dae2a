"""The rows of `ci/targets/manifest.toml`, the readings about them, and the choice of targets by pattern."""
import functools
import tomllib
from fnmatch import fnmatchcase

from .layout import READINGS, ROOT

BROWSERS = ("chromium", "firefox")


@functools.cache
def manifest():
    rows = tomllib.loads((ROOT / "ci/targets/manifest.toml").read_text())["target"]
    return {row["name"]: row for row in rows}


@functools.cache
def readings(of):
    """The tables of `readings/servers.toml` or `readings/clients.toml`."""
    return tomllib.loads((READINGS / f"{of}.toml").read_text())


def fatal(name):
    """Instances that end or stop this target for good, so that nothing after them could be audited."""
    if manifest()[name]["role"] == "client":
        return [pattern for entry in readings("clients")["fatal"] if name in entry["clients"] for pattern in entry["instances"]]
    crashes = (entry for entry in readings("servers")["defect"] if entry["severity"] == "crash")
    return [pattern for entry in crashes if name in entry.get("targets", []) for pattern in entry["instances"]]


def chosen(patterns, names):
    """The names that each pattern selects, and the first pattern that selects none. A pattern never selects an old version."""
    rows, found = manifest(), []
    for pattern in patterns:
        selected = [
            name for name in names
            if name == pattern or (fnmatchcase(name, pattern) and not rows[name].get("history"))
        ]
        if not selected:
            return found, pattern
        found += [name for name in selected if name not in found]
    return found, None
