"""A testee on aiohttp: testee_aiohttp.py URL AGENT. Compression is not offered unless it is asked for."""

import asyncio
import sys

from aiohttp import ClientSession, WSMsgType

base, agent = sys.argv[1:]


async def echo(session, url):
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
    async with ClientSession() as session:
        async with session.ws_connect(f"{base}/getCaseCount") as socket:
            count = int(await socket.receive_str())
        for case in range(1, count + 1):
            await echo(session, f"{base}/runCase?case={case}&agent={agent}")
        await echo(session, f"{base}/updateReports?agent={agent}")


asyncio.run(main())
