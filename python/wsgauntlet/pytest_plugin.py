"""A fixture for pytest: `wsgauntlet(url)` audits a server, and fails the test with the sentences that it breaks.

    def test_conforms(wsgauntlet, my_server):
        wsgauntlet(my_server.url, baseline="known.toml")
"""

from __future__ import annotations

from typing import Any, Callable

import pytest

from . import Result, WsgauntletError, audit_server


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wsgauntlet")
    group.addoption("--wsgauntlet-profile", metavar="NAME", help="the profile of audits that name none, such as smoke")


@pytest.fixture
def wsgauntlet(request: pytest.FixtureRequest) -> Callable[..., Result]:
    """Audits a server; the arguments are those of `wsgauntlet.audit_server`. Gives the result if it conforms."""

    def audit(url: str | None = None, **arguments: Any) -> Result:
        arguments.setdefault("profile", request.config.getoption("wsgauntlet_profile"))
        try:
            result = audit_server(url, **arguments)
        except WsgauntletError as error:
            pytest.fail(f"the audit could not be made: {error}", pytrace=False)
        if not result.conforms:
            pytest.fail(str(result), pytrace=False)
        return result

    return audit
