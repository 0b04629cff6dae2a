"""Echo server on ws4py under CherryPy: cherrypy_server.py PORT."""

import sys

import cherrypy
from ws4py.server.cherrypyserver import WebSocketPlugin, WebSocketTool
from ws4py.websocket import EchoWebSocket


class Root:
    @cherrypy.expose
    def index(self):
        """The tool upgrades the connection; nothing is left to answer."""


WebSocketPlugin(cherrypy.engine).subscribe()
cherrypy.tools.websocket = WebSocketTool()
cherrypy.config.update(
    {"server.socket_host": "127.0.0.1", "server.socket_port": int(sys.argv[1]), "log.screen": False}
)
cherrypy.quickstart(Root(), "/", {"/": {"tools.websocket.on": True, "tools.websocket.handler_cls": EchoWebSocket}})
