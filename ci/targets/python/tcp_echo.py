"""Runs a bridge from WebSocket to TCP in front of a TCP echo: tcp_echo.py COMMAND.., {tcp_port} filled in."""

import asyncio
import sys


async def echo(reader, writer):
    while octets := await reader.read(2**16):
        writer.write(octets)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    bridge = await asyncio.create_subprocess_exec(*[word.replace("{tcp_port}", str(port)) for word in sys.argv[1:]])
    sys.exit(await bridge.wait())


asyncio.run(main())
