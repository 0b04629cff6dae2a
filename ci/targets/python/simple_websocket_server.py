"""Echo server on simple-websocket under Flask's threads: simple_websocket_server.py PORT."""

import logging
import sys

from flask import Flask, request
from simple_websocket import ConnectionClosed, Server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__)


@app.route("/", websocket=True)
def echo():
    socket = Server.accept(request.environ)
    try:
        while True:
            socket.send(socket.receive())
    except ConnectionClosed:
        return ""


app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
