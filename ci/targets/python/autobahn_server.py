"""Echo server on Autobahn|Python: autobahn_server.py PORT asyncio|twisted. An offer is refused unless a hook takes it."""

import asyncio
import sys

from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept

port, framework = int(sys.argv[1]), sys.argv[2]
if framework == "asyncio":
    from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol
else:
    from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
    from twisted.internet import reactor


class Echo(WebSocketServerProtocol):
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


def accept(offers):
    return next((PerMessageDeflateOfferAccept(o) for o in offers if isinstance(o, PerMessageDeflateOffer)), None)


def new_factory():
    factory = WebSocketServerFactory(f"ws://127.0.0.1:{port}")
    factory.protocol = Echo
    factory.setProtocolOptions(perMessageCompressionAccept=accept)
    return factory


async def serve():
    server = await asyncio.get_running_loop().create_server(new_factory(), "127.0.0.1", port)
    await server.serve_forever()


if framework == "asyncio":
    asyncio.run(serve())
else:
    reactor.listenTCP(port, new_factory(), interface="127.0.0.1")
    reactor.run()
