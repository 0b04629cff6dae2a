"""A testee on picows: testee_picows.py URL AGENT. The library leaves fragments, pongs and closing to the application."""

import asyncio
import sys

from picows import WSListener, WSMsgType, ws_connect

base, agent = sys.argv[1:]


class Testee(WSListener):
    def __init__(self, echoes):
        self.echoes = echoes
        self.message = bytearray()
        self.kind = None
        self.last = b""

    def on_ws_frame(self, transport, frame):
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            # Its own send_close() makes a code of what is none.
            transport.send(WSMsgType.CLOSE, frame.get_payload_as_bytes())
            transport.disconnect()
            self.echoes = False  # What stands in the same read comes all the same.
        elif frame.msg_type != WSMsgType.PONG:
            self.collect(transport, frame)

    def collect(self, transport, frame):
        if frame.msg_type != WSMsgType.CONTINUATION:
            self.kind = frame.msg_type
        self.message += frame.get_payload_as_memoryview()
        if frame.fin:
            self.last = bytes(self.message)
            self.message.clear()
            if self.echoes:
                transport.send(self.kind, self.last)


async def play(path, echoes=True):
    """One connection until it is closed; the last message."""
    try:
        transport, testee = await ws_connect(lambda: Testee(echoes), base + path)
        await transport.wait_disconnected()
        return testee.last
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{path}: {error}", file=sys.stderr)


async def main():
    count = int(await play("/getCaseCount", echoes=False))
    for case in range(1, count + 1):
        await play(f"/runCase?case={case}&agent={agent}")
    await play(f"/updateReports?agent={agent}")


asyncio.run(main())
