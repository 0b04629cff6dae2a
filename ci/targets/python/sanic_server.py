"""Echo server on Sanic: sanic_server.py PORT."""

import sys

from sanic import Sanic

app = Sanic("echo")


@app.websocket("/")
async def echo(request, socket):
    async for message in socket:
        await socket.send(message)


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), single_process=True, motd=False, access_log=False)
