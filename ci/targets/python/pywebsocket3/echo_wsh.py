"""Echo as a handler of pywebsocket3, for the path /echo."""


def web_socket_do_extra_handshake(request):
    """Whatever was asked for is accepted."""


def web_socket_transfer_data(request):
    while (message := request.ws_stream.receive_message()) is not None:
        request.ws_stream.send_message(message, binary=not isinstance(message, str))
