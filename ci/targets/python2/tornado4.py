"""Echo server on tornado 4: tornado4.py PORT. CPython 2.7."""

import sys

from tornado.ioloop import IOLoop
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    def on_message(self, message):
        self.write_message(message, binary=isinstance(message, bytes))


Application([(r"/.*", Echo)]).listen(int(sys.argv[1]), "127.0.0.1")
IOLoop.instance().start()
