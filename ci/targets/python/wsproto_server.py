"""Echo server on wsproto alone, over asyncio: wsproto_server.py PORT. It handles events as the library's examples do."""

import asyncio
import sys

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping, Request
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError, RemoteProtocolError


def answer(connection, event):
    """The octets that the event asks for."""
    match event:
        case Request():
            return connection.send(AcceptConnection(extensions=[PerMessageDeflate()]))
        case CloseConnection() | Ping():
            return connection.send(event.response())
        case Message():
            # An event of one kind with the same parts: so fragments go out as fragments.
            return connection.send(type(event)(event.data, event.frame_finished, event.message_finished))
    return b""


async def serve(reader, writer):
    connection = WSConnection(ConnectionType.SERVER)
    ended = False
    try:
        while not ended and (octets := await reader.read(65536)):
            try:
                connection.receive_data(octets)
                for event in connection.events():
                    writer.write(answer(connection, event))
                    ended = ended or isinstance(event, CloseConnection)
            except RemoteProtocolError as error:
                ended = True
                writer.write(connection.send(error.event_hint) if error.event_hint else b"")
            await writer.drain()
    except (LocalProtocolError, ConnectionError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
