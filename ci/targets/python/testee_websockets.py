"""A testee on the asyncio implementation of websockets: testee_websockets.py URL AGENT."""

import asyncio
import sys

from websockets.asyncio.client import connect

base, agent = sys.argv[1:]


async def echo(url):
    try:
        async with connect(url) as connection:
            async for message in connection:
                await connection.send(message)
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{url}: {error}", file=sys.stderr)


async def main():
    async with connect(f"{base}/getCaseCount") as connection:
        count = int(await connection.recv())
    for case in range(1, count + 1):
        await echo(f"{base}/runCase?case={case}&agent={agent}")
    await echo(f"{base}/updateReports?agent={agent}")


asyncio.run(main())
