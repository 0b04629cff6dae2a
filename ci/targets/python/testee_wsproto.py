"""A testee on wsproto alone, over sockets: testee_wsproto.py URL AGENT. It handles events as the library's examples do."""

import socket
import sys
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import CloseConnection, Message, Ping, RejectConnection, Request
from wsproto.extensions import PerMessageDeflate

base, agent = sys.argv[1:]


class Testee:
    def __init__(self, path, echoes):
        url = urlsplit(base)
        self.echoes = echoes
        self.parts = []
        self.last = b""
        self.ended = False
        self.socket = socket.create_connection((url.hostname, url.port or 80))
        self.connection = WSConnection(ConnectionType.CLIENT)
        self.send(Request(host=url.netloc, target=path, extensions=[PerMessageDeflate()]))

    def send(self, event):
        self.socket.sendall(self.connection.send(event))

    def run(self):
        with self.socket:
            while not self.ended and (octets := self.socket.recv(65536)):
                self.connection.receive_data(octets)
                for event in self.connection.events():
                    self.take(event)

    def take(self, event):
        match event:
            case Ping():
                self.send(event.response())
            case CloseConnection():
                self.send(event.response())
                self.ended = True
            case RejectConnection():
                self.ended = True
            case Message():
                self.collect(event)

    def collect(self, event):
        self.parts.append(event.data)
        if event.message_finished:
            self.last = type(event.data)().join(self.parts)
            self.parts.clear()
            if self.echoes:
                self.send(type(event)(self.last))


def play(path, echoes=True):
    """One connection until it is closed; the last message."""
    testee = Testee(path, echoes)
    try:
        testee.run()
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
    return testee.last


count = int(play("/getCaseCount", echoes=False))
for case in range(1, count + 1):
    play(f"/runCase?case={case}&agent={agent}")
play(f"/updateReports?agent={agent}", echoes=False)
