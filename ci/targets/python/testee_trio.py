"""A testee on trio-websocket: testee_trio.py URL AGENT. By default the library waits for an end for a minute."""

import gc
import sys

import trio
from trio_websocket import ConnectionClosed, open_websocket_url

base, agent = sys.argv[1:]


async def echo(url):
    try:
        async with open_websocket_url(url, connect_timeout=3, disconnect_timeout=3) as socket:
            while True:
                await socket.send_message(await socket.get_message())
    except ConnectionClosed:
        pass
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{url}: {error}", file=sys.stderr)
    # The library leaves the end of TCP to the garbage collector, which may come in seconds: it comes here, and not by chance.
    gc.collect()


async def main():
    async with open_websocket_url(f"{base}/getCaseCount") as socket:
        count = int(await socket.get_message())
    for case in range(1, count + 1):
        await echo(f"{base}/runCase?case={case}&agent={agent}")
    await echo(f"{base}/updateReports?agent={agent}")


trio.run(main)
