"""Echo as a Starlette application: `starlette_app:app`."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def echo(socket):
    await socket.accept()
    while (event := await socket.receive())["type"] != "websocket.disconnect":
        if event.get("text") is not None:
            await socket.send_text(event["text"])
        else:
            await socket.send_bytes(event["bytes"])


app = Starlette(routes=[WebSocketRoute("/{path:path}", echo)])
