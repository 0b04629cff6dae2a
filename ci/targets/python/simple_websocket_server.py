"""Echo server on simple-websocket under Flask's threads, by way of Flask-Sock: simple_websocket_server.py PORT."""

import logging
import sys

from flask import Flask
from flask_sock import Sock

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__)


@Sock(app).route("/")
def echo(socket):
    while True:
        socket.send(socket.receive())


app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
