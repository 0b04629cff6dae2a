"""Echo as a consumer of Django Channels: `channels_app:app`."""

import django
from django.conf import settings

settings.configure(SECRET_KEY="for tests only", ALLOWED_HOSTS=["*"], INSTALLED_APPS=["channels"])
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402, Django must be set up first
from channels.routing import ProtocolTypeRouter  # noqa: E402


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data, bytes_data=bytes_data)


async def not_found(scope, receive, send):
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


app = ProtocolTypeRouter({"http": not_found, "websocket": Echo.as_asgi()})
