"""Audits WebSocket servers and clients against RFC 6455 and RFC 7692, with the `wsgauntlet` command that this package holds.

    import wsgauntlet

    def test_my_server_conforms():
        result = wsgauntlet.audit_server("ws://127.0.0.1:9001", baseline="known.toml")
        result.assert_conforms()
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

__all__ = ["Deviation", "Result", "WsgauntletError", "audit_client", "audit_server", "program"]

StrPath = Union[str, "os.PathLike[str]"]

# The statuses after which there is a report: see `wsgauntlet --help`.
_WITH_REPORT = {0, 1, 5, 6}
_SHOWN_MAX = 10


class WsgauntletError(Exception):
    """The audit could not be made: wrong arguments (2), nothing selected (3), a fault of wsgauntlet (4), or nothing
    answered at the address (6)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message or f"wsgauntlet ended with status {status}")
        self.status = status


@dataclass(frozen=True)
class Deviation:
    """An instance of a case that did not pass."""

    instance: str
    """Its id, such as ``control/ping/echo[len=126]@server``."""
    verdict: str
    """``fail``, ``flaky`` or ``lenient`` (a SHOULD is not followed)."""
    doc: str
    """What the case does."""
    requirement: str
    """The id of the sentence that is broken."""
    citation: str
    """``RFC 6455 §5.5.2``"""
    quote: str
    expected: str
    observed: str
    accepted: str | None
    """The reason in the baseline, if the baseline lists it."""
    transcript: list[str] = field(repr=False, default_factory=list)
    """``> ..`` is what wsgauntlet sent, ``< ..`` what it received."""

    def __str__(self) -> str:
        lines = [f"{self.verdict.upper()} {self.instance}", f"  {self.doc}"]
        if self.quote:
            lines.append(f'  {self.citation}: "{self.quote}"')
        lines += [f"  expected  {self.expected}", f"  observed  {self.observed}"]
        return "\n".join(lines)


@dataclass(frozen=True)
class Result:
    """What an audit found."""

    status: int
    """The exit status of the command: 0 nothing failed, 1 something failed (with a baseline: something new), 5 the baseline
    is stale, 6 the target could not be reached or judged."""
    report: Mapping[str, Any] = field(repr=False)
    """The whole of `report.json`."""
    stderr: str = field(repr=False, default="")

    @property
    def conforms(self) -> bool:
        """Whether the gate is open: nothing failed but what the baseline lists, and everything was judged."""
        return self.status == 0

    @property
    def summary(self) -> Mapping[str, int]:
        """The number of instances by verdict."""
        return self.report["summary"]

    @property
    def deviations(self) -> list[Deviation]:
        """All instances that failed, were flaky or were lenient, also those that the baseline accepts."""
        requirements = self.report.get("requirements", {})
        return [
            _deviation(instance, requirements)
            for instance in self.report["instances"]
            if instance["verdict"] in ("fail", "flaky", "lenient")
        ]

    @property
    def failures(self) -> list[Deviation]:
        """The failures that the baseline does not accept."""
        return [d for d in self.deviations if d.verdict != "lenient" and d.accepted is None]

    @property
    def reasons(self) -> list[str]:
        """Why the gate is shut, a line each."""
        gate = self.report.get("gate") or {}
        return [f"{line['subject']}: {line['text']}" for line in gate.get("lines", [])]

    def assert_conforms(self) -> None:
        """Raises AssertionError, with the failures in words, unless the target conforms."""
        if not self.conforms:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        name = self.report["target"]["name"]
        if self.conforms:
            return f"{name} conforms: {self.summary.get('pass', 0)} passed"
        failures = self.failures
        lines = [f"{name} does not conform (status {self.status}): {len(failures)} failures"]
        if self.report.get("interrupted"):
            lines.append(f"incomplete: {self.report['interrupted']}")
        if not failures:
            lines += self.reasons[:_SHOWN_MAX]
        seen: set[str] = set()
        for failure in failures:
            if failure.requirement in seen:
                continue
            seen.add(failure.requirement)
            if len(seen) > _SHOWN_MAX:
                lines.append(".. and more")
                break
            lines += ["", str(failure)]
        return "\n".join(lines)


def _deviation(instance: Mapping[str, Any], requirements: Mapping[str, Any]) -> Deviation:
    failure = instance.get("failure") or {}
    requirement = failure.get("requirement", "")
    sentence = requirements.get(requirement, {})
    return Deviation(
        instance=instance["id"],
        verdict=instance["verdict"],
        doc=instance.get("doc", ""),
        requirement=requirement,
        citation=sentence.get("citation", ""),
        quote=sentence.get("quote", ""),
        expected=failure.get("expected", ""),
        observed=failure.get("observed", ""),
        accepted=instance.get("accepted"),
        transcript=list(instance.get("transcript", [])),
    )


def program() -> str:
    """The path of the command: `$WSGAUNTLET`, else the one that this package installed, else the one on the PATH."""
    if named := os.environ.get("WSGAUNTLET"):
        return named
    name = "wsgauntlet.exe" if sys.platform == "win32" else "wsgauntlet"
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    folders.append(sysconfig.get_path("scripts", "posix_user" if os.name == "posix" else "nt_user"))
    for folder in folders:
        path = Path(folder) / name
        if path.is_file():
            return str(path)
    if found := shutil.which("wsgauntlet"):
        return found
    raise FileNotFoundError("the wsgauntlet command was not found: reinstall the package, or set WSGAUNTLET")


def audit_server(
    url: str | None = None,
    *,
    launch: str | None = None,
    baseline: StrPath | None = None,
    profile: str | None = None,
    cases: Iterable[str] = (),
    exclude: Iterable[str] = (),
    strict: bool = False,
    timeout_ms: int | None = None,
    out: StrPath | None = None,
    args: Iterable[str] = (),
) -> Result:
    """Audits the server at `url`, or one that is launched with the shell command `launch` (`{port}` in it is a free port).

    `baseline` is a file of accepted deviations. `args` are further arguments of `wsgauntlet run server`.
    Raises WsgauntletError if the audit cannot be made. A server that does not conform raises nothing: see Result.
    """
    words = ["run", "server", *([url] if url else [])]
    if launch is not None:
        words += ["--launch", launch]
    words += _options(baseline, profile, cases, exclude, strict, timeout_ms, out)
    return _run([*words, *args], [])


def audit_client(
    command: Iterable[StrPath],
    *,
    baseline: StrPath | None = None,
    profile: str | None = None,
    cases: Iterable[str] = (),
    exclude: Iterable[str] = (),
    strict: bool = False,
    timeout_ms: int | None = None,
    out: StrPath | None = None,
    args: Iterable[str] = (),
) -> Result:
    """Audits a client program: `command` is launched for each instance, with `{url}` replaced by the address to connect to."""
    words = ["run", "client", *_options(baseline, profile, cases, exclude, strict, timeout_ms, out), *args]
    return _run(words, [os.fspath(word) for word in command])


def _options(
    baseline: StrPath | None,
    profile: str | None,
    cases: Iterable[str],
    exclude: Iterable[str],
    strict: bool,
    timeout_ms: int | None,
    out: StrPath | None,
) -> list[str]:
    words: list[str] = []
    for name, value in (("--baseline", baseline), ("--profile", profile), ("--timeout-ms", timeout_ms), ("--out", out)):
        if value is not None:
            words += [name, os.fspath(value) if not isinstance(value, int) else str(value)]
    for name, patterns in (("--case", cases), ("--exclude", exclude)):
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            words += [name, pattern]
    if strict:
        words.append("--strict")
    return words


def _run(words: list[str], command: list[str]) -> Result:
    line = [program(), *words, "--format", "json", *(["--", *command] if command else [])]
    ended = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False)
    if ended.returncode not in _WITH_REPORT or not ended.stdout.lstrip().startswith("{"):
        raise WsgauntletError(ended.returncode, ended.stderr.strip())
    return Result(status=ended.returncode, report=json.loads(ended.stdout), stderr=ended.stderr)
