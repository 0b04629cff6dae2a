"""Echo server on picows: picows_server.py PORT. The library leaves fragments, pongs and closing to the application."""

import asyncio
import sys

from picows import WSCloseCode, WSListener, WSMsgType, ws_create_server


class Echo(WSListener):
    def __init__(self):
        self.message = bytearray()
        self.kind = None

    def on_ws_frame(self, transport, frame):
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code() or WSCloseCode.NO_INFO, frame.get_close_message())
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            self.collect(transport, frame)

    def collect(self, transport, frame):
        if frame.msg_type != WSMsgType.CONTINUATION:
            self.kind = frame.msg_type
        self.message += frame.get_payload_as_memoryview()
        if frame.fin:
            transport.send(self.kind, bytes(self.message))
            self.message.clear()


async def main():
    server = await ws_create_server(lambda request: Echo(), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
