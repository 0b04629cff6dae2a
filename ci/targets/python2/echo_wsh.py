"""Echo as a handler of mod_pywebsocket, for the path /echo. CPython 2.7."""


def web_socket_do_extra_handshake(request):
    """Whatever was asked for is accepted."""


def web_socket_transfer_data(request):
    while True:
        message = request.ws_stream.receive_message()
        if message is None:
            return
        request.ws_stream.send_message(message, binary=not isinstance(message, unicode))
