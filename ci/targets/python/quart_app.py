"""Echo as a Quart application: `quart_app:app`."""

from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/")
async def echo():
    while True:
        await websocket.send(await websocket.receive())
