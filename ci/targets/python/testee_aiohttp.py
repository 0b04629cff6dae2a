"""A testee on aiohttp: testee_aiohttp.py URL AGENT. Compression is not offered unless it is asked for.

Each connection has a session of its own, and all are kept: in one session, whose connection was refused as a WebSocket, the
next request goes into that same connection, where nothing answers.
"""

import asyncio
import gc
import sys
from contextlib import AsyncExitStack

from aiohttp import ClientSession, WSMsgType

base, agent = sys.argv[1:]
# What the library leaves to the garbage collector stays open, so that it shows each time.
gc.disable()


async def echo(sessions, url):
    session = await sessions.enter_async_context(ClientSession())
    try:
        async with session.ws_connect(url, compress=15) as socket:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await socket.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await socket.send_bytes(message.data)
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{url}: {error}", file=sys.stderr)


async def main():
    async with ClientSession() as session, session.ws_connect(f"{base}/getCaseCount") as socket:
        count = int(await socket.receive_str())
    async with AsyncExitStack() as sessions:
        for case in range(1, count + 1):
            await echo(sessions, f"{base}/runCase?case={case}&agent={agent}")
        await echo(sessions, f"{base}/updateReports?agent={agent}")


asyncio.run(main())
