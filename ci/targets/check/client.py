"""Checks one client against its row of the manifest: a fuzzing server of six cases, with `websockets`.

    client.py JSON-OF-THE-TARGET COMMAND..

COMMAND has {url} for the server's address. Prints one line; exit status 0 where the client asked for all cases, echoed
in each and came back for the report. It does not test conformance: that is what the client is for.
"""

import asyncio
import json
import os
import signal
import sys
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

ECHO_DEADLINE_S = 10.0
CLIENT_DEADLINE_S = 120.0
CASES = {
    "text": "echo ✓",
    "binary": bytes(range(256)),
    "empty": "",
    "len16": "x" * 126,
    "len64": bytes(2**16),
    "fragmented": ["frag", "men", "ted"],
}


class Server:
    """What a client shows of itself."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.played: set[str] = set()
        self.reported = False
        self.offered_deflate = False

    async def handle(self, connection) -> None:
        parts = urlsplit(connection.request.path)
        if parts.path == "/getCaseCount":
            await connection.send(str(len(CASES)))
        elif parts.path == "/runCase":
            await self.play(connection, list(CASES)[int(parse_qs(parts.query)["case"][0]) - 1])
        elif parts.path == "/updateReports":
            self.reported = True
        await connection.close()

    async def play(self, connection, name: str) -> None:
        self.played.add(name)
        offer = connection.request.headers.get("Sec-WebSocket-Extensions", "")
        self.offered_deflate = self.offered_deflate or "permessage-deflate" in offer
        message = CASES[name]
        expected = "".join(message) if isinstance(message, list) else message
        try:
            await connection.send(message)
            answer = await asyncio.wait_for(connection.recv(), ECHO_DEADLINE_S)
            if answer != expected:
                self.faults.append(f"{name}: sent {expected[:20]!r}, got {answer[:20]!r}")
        except (ConnectionClosed, TimeoutError) as error:
            self.faults.append(f"{name}: {str(error) or type(error).__name__}")


async def run(command: list[str], url: str) -> int | None:
    """The client's exit status, or none if it had to be killed."""
    words = [word.replace("{url}", url) for word in command]
    process = await asyncio.create_subprocess_exec(*words, start_new_session=True)
    try:
        return await asyncio.wait_for(process.wait(), CLIENT_DEADLINE_S)
    except TimeoutError:
        return None
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


async def check(target: dict, command: list[str]) -> list[str]:
    server = Server()
    # No parameter in the response that the client did not ask for: not every client takes one.
    deflate = {"compression": None, "extensions": [ServerPerMessageDeflateFactory()]}
    async with serve(server.handle, "127.0.0.1", 0, ping_interval=None, close_timeout=2.0, **deflate) as listener:
        port = listener.sockets[0].getsockname()[1]
        status = await run(command, f"ws://127.0.0.1:{port}")
    expected = set(CASES) - set(target["lacks"])
    faults = [fault for fault in server.faults if fault.partition(":")[0] in expected]
    if status != 0:
        faults.append("did not end" if status is None else f"ended with status {status}")
    if len(server.played) < len(CASES):
        faults.append(f"asked for {len(server.played)} of {len(CASES)} cases")
    if not server.reported:
        faults.append("did not ask for /updateReports")
    if server.offered_deflate != target["deflate"]:
        faults.append(f"deflate = {target['deflate']}, but it was{'' if server.offered_deflate else ' not'} offered")
    return faults


def main() -> int:
    target, command = json.loads(sys.argv[1]), sys.argv[2:]
    faults = asyncio.run(check(target, command))
    print(f"{target['name']}  {'; '.join(faults) or 'ok'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
