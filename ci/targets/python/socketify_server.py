"""Echo server on socketify, which wraps uWebSockets: socketify_server.py PORT.

Its default limit of 16 KiB would keep every message with a length of 64 bits out; hence a higher one.
"""

import sys

from socketify import App, CompressOptions


def echo(socket, message, opcode):
    socket.send(message, opcode)


app = App()
options = {"compression": CompressOptions.SHARED_COMPRESSOR, "max_payload_length": 2**24, "message": echo}
app.ws("/*", options)
app.listen({"port": int(sys.argv[1]), "host": "127.0.0.1"}, lambda config: None)
app.run()
