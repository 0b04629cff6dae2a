"""Echo as a Falcon application: `falcon_app:app`.

Falcon's own methods ask which kind of message comes next, which an echo cannot know: so it reads the ASGI event.
"""

import falcon.asgi
from falcon import WebSocketDisconnected


class Echo:
    async def on_websocket(self, request, socket):
        await socket.accept()
        try:
            while True:
                event = await socket._receive()
                if event["type"] == "websocket.disconnect":
                    return
                if event.get("text") is not None:
                    await socket.send_text(event["text"])
                else:
                    await socket.send_data(event["bytes"])
        except WebSocketDisconnected:
            pass


app = falcon.asgi.App()
app.add_route("/", Echo())
