"""Driver on websockets (docs/drivers.md): websockets_driver.py PORT serves, websockets_driver.py URL connects once."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


def text(size, begin=""):
    return (begin + "abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]


def cut(data, fragments):
    return [data[len(data) * i // fragments : len(data) * (i + 1) // fragments] for i in range(fragments)]


async def task(socket, command, number):
    for i in range(command["count"]):
        data = text(command["size"], f"{number}/{i} ")
        fragments = command.get("fragments", 1)
        await socket.send(data if fragments == 1 else cut(data, fragments))


async def obey(socket, command, running):
    do, size, fragments = command["do"], command.get("size", 0), command.get("fragments", 1)
    if do == "hello":
        await socket.send("wsgauntlet driver 1")
    elif do == "close":
        closing = socket.close(command.get("code", 1000), command.get("reason", ""))
        # It waits for the answer of the peer; an error of the call itself comes at once.
        done, _ = await asyncio.wait([asyncio.create_task(closing)], timeout=0.01)
        [finished.result() for finished in done]
    elif do == "drop":
        socket.transport.abort()
    elif do in ("ping", "pong"):
        for i in range(command.get("count", 1)):
            payload = command.get("text", text(size, f"0/{i} " if "count" in command else ""))
            await getattr(socket, do)(payload)
    elif do == "send" and "count" in command:
        tasks = [asyncio.create_task(task(socket, command, n)) for n in range(command.get("tasks", 1))]
        running.extend(tasks)
        if len(tasks) == 1:
            await tasks[0]
    elif do == "send":
        binary = command.get("type") == "binary"
        data = bytes(i % 256 for i in range(size)) if binary else command.get("text", text(size))
        await socket.send(data if fragments == 1 else cut(data, fragments))
    elif do == "wait":
        await asyncio.sleep(command["ms"] / 1000)
        await socket.send("waited")
    elif do == "throw":
        raise KeyError("thrown")
    else:
        await socket.send("unsupported")
    if "then" in command:
        await obey(socket, command["then"], running)


async def drive(socket):
    running = []
    async for message in socket:
        if not isinstance(message, str) or not message.startswith("wsgauntlet {"):
            await socket.send(message)
            continue
        command = json.loads(message[11:])
        try:
            await obey(socket, command, running)
        except ConnectionClosed:
            pass
        except Exception as error:
            if command["do"] == "throw":
                raise
            await socket.send(f"refused: {error}")


async def main(where):
    if where.startswith("ws"):
        async with connect(where) as socket:
            await drive(socket)
    else:
        async with serve(drive, "127.0.0.1", int(where)) as server:
            await server.serve_forever()


asyncio.run(main(sys.argv[1]))
