"""A testee on tornado: testee_tornado.py URL AGENT. Compression is not offered unless its options are given."""

import asyncio
import sys

from tornado.websocket import websocket_connect

base, agent = sys.argv[1:]


async def echo(url):
    try:
        connection = await websocket_connect(url, compression_options={})
        while (message := await connection.read_message()) is not None:
            await connection.write_message(message, binary=isinstance(message, bytes))
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{url}: {error}", file=sys.stderr)


async def main():
    connection = await websocket_connect(f"{base}/getCaseCount")
    count = int(await connection.read_message())
    connection.close()
    for case in range(1, count + 1):
        await echo(f"{base}/runCase?case={case}&agent={agent}")
    await echo(f"{base}/updateReports?agent={agent}")


asyncio.run(main())
