"""Driver on aiohttp (docs/drivers.md): aiohttp_driver.py PORT serves, aiohttp_driver.py URL connects once."""

import asyncio
import json
import sys

from aiohttp import ClientSession, WSMsgType, web


def text(size, begin=""):
    return (begin + "abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]


async def task(socket, command, number):
    for i in range(command["count"]):
        await socket.send_str(text(command["size"], f"{number}/{i} "))


async def obey(socket, command, running):
    do, size = command["do"], command.get("size", 0)
    if do == "hello":
        await socket.send_str("wsgauntlet driver 1")
    elif command.get("fragments", 1) > 1:
        await socket.send_str("unsupported: fragments")
    elif do == "close":
        closing = socket.close(code=command.get("code", 1000), message=command.get("reason", "").encode())
        # It waits for the answer of the peer; an error of the call itself comes at once.
        closed = asyncio.create_task(closing)
        running.append(closed)
        done, _ = await asyncio.wait([closed], timeout=0.01)
        [finished.result() for finished in done]
    elif do in ("ping", "pong"):
        for i in range(command.get("count", 1)):
            payload = command.get("text", text(size, f"0/{i} " if "count" in command else ""))
            await getattr(socket, do)(payload.encode())
    elif do == "send" and "count" in command:
        tasks = [asyncio.create_task(task(socket, command, n)) for n in range(command.get("tasks", 1))]
        running.extend(tasks)
        if len(tasks) == 1:
            await tasks[0]
    elif do == "send" and command.get("type") == "binary":
        await socket.send_bytes(bytes(i % 256 for i in range(size)))
    elif do == "send":
        await socket.send_str(command.get("text", text(size)))
    elif do == "wait":
        await asyncio.sleep(command["ms"] / 1000)
        await socket.send_str("waited")
    elif do == "throw":
        raise KeyError("thrown")
    else:
        await socket.send_str("unsupported")
    if "then" in command:
        await obey(socket, command["then"], running)


async def drive(socket):
    running = []
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.type is WSMsgType.TEXT and not message.data.startswith("wsgauntlet {"):
            await socket.send_str(message.data)
        elif message.type is WSMsgType.TEXT:
            command = json.loads(message.data[11:])
            try:
                await obey(socket, command, running)
            except Exception as error:
                if command["do"] == "throw":
                    raise
                if not socket.closed:
                    await socket.send_str(f"refused: {error}")
    for closing in running:
        await asyncio.wait([closing])


async def serve(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await drive(socket)
    return socket


async def connect(url):
    async with ClientSession() as session, session.ws_connect(url, compress=15) as socket:
        await drive(socket)


if sys.argv[1].startswith("ws"):
    asyncio.run(connect(sys.argv[1]))
else:
    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
