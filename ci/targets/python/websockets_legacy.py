"""Echo server on the legacy implementation of websockets, deprecated but in wide use: websockets_legacy.py PORT."""

import asyncio
import sys

from websockets.legacy.server import serve


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    async with serve(echo, "127.0.0.1", int(sys.argv[1])):
        await asyncio.Event().wait()


asyncio.run(main())
