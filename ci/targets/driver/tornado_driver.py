"""Driver on tornado (docs/drivers.md): tornado_driver.py PORT serves, tornado_driver.py URL connects once."""

import asyncio
import json
import sys

from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler, websocket_connect


def text(size, begin=""):
    return (begin + "abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]


async def task(socket, command, number):
    for i in range(command["count"]):
        await socket.write_message(text(command["size"], f"{number}/{i} "))


async def obey(socket, command):
    do, size = command["do"], command.get("size", 0)
    if do == "hello":
        await socket.write_message("wsgauntlet driver 1")
    elif do == "close":
        socket.close(command.get("code"), command.get("reason"))
    elif do == "ping":
        for i in range(command.get("count", 1)):
            payload = command.get("text", text(size, f"0/{i} " if "count" in command else ""))
            socket.ping(payload.encode())
    elif do == "send" and command.get("fragments", 1) == 1 and "count" in command:
        tasks = [asyncio.ensure_future(task(socket, command, n)) for n in range(command.get("tasks", 1))]
        if len(tasks) == 1:
            await tasks[0]
    elif do == "send" and command.get("fragments", 1) == 1:
        binary = command.get("type") == "binary"
        data = bytes(i % 256 for i in range(size)) if binary else command.get("text", text(size))
        await socket.write_message(data, binary=binary)
    elif do == "wait":
        await asyncio.sleep(command["ms"] / 1000)
        await socket.write_message("waited")
    elif do == "throw":
        raise KeyError("thrown")
    else:
        await socket.write_message("unsupported")
    if "then" in command:
        await obey(socket, command["then"])


async def handle(socket, message):
    if not isinstance(message, str) or not message.startswith("wsgauntlet {"):
        await socket.write_message(message, binary=isinstance(message, bytes))
        return
    command = json.loads(message[11:])
    try:
        await obey(socket, command)
    except WebSocketClosedError:
        pass
    except Exception as error:
        if command["do"] == "throw":
            raise
        await socket.write_message(f"refused: {error}")


class Driver(WebSocketHandler):
    def get_compression_options(self):
        return {}

    async def on_message(self, message):
        await handle(self, message)


async def main(where):
    if where.startswith("ws"):
        socket = await websocket_connect(where, compression_options={})
        while (message := await socket.read_message()) is not None:
            try:
                await handle(socket, message)
            except WebSocketClosedError:
                pass
    else:
        Application([(r"/.*", Driver)]).listen(int(where), "127.0.0.1")
        await asyncio.Event().wait()


asyncio.run(main(sys.argv[1]))
