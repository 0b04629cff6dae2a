"""Echo server on ws4py under wsgiref: ws4py_server.py PORT."""

import sys
from wsgiref.simple_server import make_server

from ws4py.server.wsgirefserver import WebSocketWSGIRequestHandler, WSGIServer
from ws4py.server.wsgiutils import WebSocketWSGIApplication
from ws4py.websocket import EchoWebSocket

server = make_server(
    "127.0.0.1",
    int(sys.argv[1]),
    server_class=WSGIServer,
    handler_class=WebSocketWSGIRequestHandler,
    app=WebSocketWSGIApplication(handler_cls=EchoWebSocket),
)
server.initialize_websockets_manager()
server.serve_forever()
