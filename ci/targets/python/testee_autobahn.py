"""A testee on Autobahn|Python under asyncio: testee_autobahn.py URL AGENT. Compression needs an offer and a hook."""

import asyncio
import sys
from urllib.parse import urlsplit

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.websocket.compress import (
    PerMessageDeflateOffer,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)

base, agent = sys.argv[1:]


def accept(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)


async def play(path, echoes=True):
    """One connection until it is closed; the last message."""
    end = asyncio.get_running_loop().create_future()

    class Testee(WebSocketClientProtocol):
        last = b""

        def onMessage(self, payload, isBinary):
            self.last = payload
            if echoes:
                self.sendMessage(payload, isBinary)

        def onClose(self, wasClean, code, reason):
            if not end.done():
                end.set_result(self.last)

    factory = WebSocketClientFactory(base + path)
    factory.protocol = Testee
    factory.setProtocolOptions(
        perMessageCompressionOffers=[PerMessageDeflateOffer()], perMessageCompressionAccept=accept
    )
    parts = urlsplit(base)
    await asyncio.get_running_loop().create_connection(factory, parts.hostname, parts.port)
    return await end


async def main():
    count = int(await play("/getCaseCount", echoes=False))
    for case in range(1, count + 1):
        await play(f"/runCase?case={case}&agent={agent}")
    await play(f"/updateReports?agent={agent}")


asyncio.run(main())
