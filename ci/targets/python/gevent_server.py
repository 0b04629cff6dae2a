"""Echo server on gevent-websocket: gevent_server.py PORT."""

import sys

from gevent.pywsgi import WSGIServer
from geventwebsocket.handler import WebSocketHandler


def app(environ, start_response):
    socket = environ.get("wsgi.websocket")
    if socket is None:
        start_response("404 Not Found", [])
        return []
    while (message := socket.receive()) is not None:
        socket.send(message, binary=not isinstance(message, str))
    return []


WSGIServer(("127.0.0.1", int(sys.argv[1])), app, handler_class=WebSocketHandler, log=None).serve_forever()
