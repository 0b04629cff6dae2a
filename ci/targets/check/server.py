"""Checks one running server or proxy against its row of the manifest, with the `websockets` client.

    server.py JSON-OF-THE-TARGET URL

Prints one line; exit status 0 where all is as declared. It does not test conformance: that is what the target is for.
"""

import asyncio
import json
import sys

from h2.exceptions import H2Error as H2LibraryError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from h2_echo import H2Error, check_h2

DEADLINE_S = 10.0
LIMIT_DEADLINE_S = 60.0
UNLIMITED_PROBE_LEN = 2**24 + 1
"""Where no limit is declared, a message of this length must come back."""


def open_connection(target: dict, url: str, compression: str | None = "deflate"):
    return connect(
        url,
        compression=compression,
        subprotocols=[target["subprotocol"]] if target["subprotocol"] else None,
        max_size=None,
        open_timeout=DEADLINE_S,
        close_timeout=2.0,
        ping_interval=None,
        proxy=None,
    )


def probes(target: dict) -> list[str | bytes]:
    longest = target["message_len_max"] or 2**16
    kinds = {"both": (str, bytes), "text": (str,), "binary": (bytes,), "none": ()}[target["echo"]]
    found: list[str | bytes] = []
    if str in kinds:
        found += ["echo ✓", "x" * min(2**16, longest)]
    if bytes in kinds:
        found += [b"\x00\xff\x80", bytes(min(2**16, longest))]
    return found


async def check_echo(target: dict, url: str) -> list[str]:
    faults = []
    async with open_connection(target, url) as connection:
        extensions = connection.response.headers.get("Sec-WebSocket-Extensions", "")
        if ("permessage-deflate" in extensions) != target["deflate"]:
            faults.append(f"deflate = {target['deflate']}, but the response says {extensions!r}")
        await asyncio.wait_for(await connection.ping("alive"), DEADLINE_S)
        for probe in probes(target):
            await connection.send(probe)
            answer = await asyncio.wait_for(connection.recv(), DEADLINE_S)
            if answer != probe:
                faults.append(f"sent {probe[:20]!r}, got {answer[:20]!r}")
    return faults


async def fate(target: dict, url: str, message: bytes | str) -> str:
    """`echoed`, or how the connection ended."""
    try:
        # A limit may be on octets before or after compression; without it, there is but one.
        connection = await open_connection(target, url, compression=None)
        await connection.send(message)
        answer = await asyncio.wait_for(connection.recv(), LIMIT_DEADLINE_S)
        await connection.close()
        return "echoed" if answer == message else "answered with something else"
    except ConnectionClosed as error:
        # A connection that is gone is not closed again: websockets may trip over the half of the message unsent.
        return f"closed with {error.rcvd.code}" if error.rcvd else "dropped"
    except (OSError, WebSocketException, TimeoutError) as error:
        return f"ended by {type(error).__name__} {error}".rstrip()


async def check_limits(target: dict, url: str) -> list[str]:
    """The longest message comes back and the next one does not; so for the payload of one frame."""
    wrap = (lambda n: "x" * n) if target["echo"] == "text" else bytes
    faults = []
    limit = min(filter(None, (target["message_len_max"], target["frame_len_max"])), default=0)
    within = await fate(target, url, wrap(limit or UNLIMITED_PROBE_LEN))
    if within != "echoed":
        faults.append(f"a message of {limit or UNLIMITED_PROBE_LEN} octets was {within}")
    if limit:
        too_long = limit + target["limit_margin"] + 1
        beyond = await fate(target, url, wrap(too_long))
        if beyond == "echoed":
            faults.append(f"a message of {too_long} octets was echoed, beyond the limit declared")
        print(f"    {too_long} octets: {beyond}")
    return faults


def h2_faults(url: str) -> list[str]:
    try:
        check_h2(url)
    except (H2Error, H2LibraryError, OSError) as error:
        return [f"h2: {str(error) or type(error).__name__}"]
    return []


async def check(target: dict, url: str) -> list[str]:
    faults = await check_echo(target, url)
    if target["h2"]:
        faults += await asyncio.to_thread(h2_faults, url)
    if target["limits"] and target["echo"] != "none":
        faults += await check_limits(target, url)
    return faults


def main() -> int:
    target, url = json.loads(sys.argv[1]), sys.argv[2]
    try:
        faults = asyncio.run(check(target, url))
    except (OSError, EOFError, WebSocketException, TimeoutError) as error:
        faults = [f"{type(error).__name__}: {error}"]
    print(f"{target['name']}  {'; '.join(faults) or 'ok'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
