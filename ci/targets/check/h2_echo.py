"""An echo by way of RFC 8441 over HTTP/2 with prior knowledge: what `h2 = true` in the manifest promises."""

import socket
from urllib.parse import urlsplit

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, RemoteSettingsChanged, ResponseReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes
from websockets.frames import Frame, Opcode

DEADLINE_S = 10.0
TEXT = b"echo over h2"


class H2Error(Exception):
    pass


def check_h2(url: str) -> None:
    """Raises what went wrong, if anything did."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), DEADLINE_S) as stream:
        # The library does not know the pseudo-header :protocol, hence no validation of what is sent.
        connection = H2Connection(H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False))
        connection.initiate_connection()
        _await(stream, connection, RemoteSettingsChanged)
        if connection.remote_settings.get(SettingCodes.ENABLE_CONNECT_PROTOCOL) != 1:
            raise H2Error("SETTINGS_ENABLE_CONNECT_PROTOCOL is not 1")
        stream_id = connection.get_next_available_stream_id()
        connection.send_headers(stream_id, _request(parts))
        response = dict(_await(stream, connection, ResponseReceived).headers)
        if response[b":status"] != b"200":
            raise H2Error(f"status {response[b':status'].decode()}")
        connection.send_data(stream_id, Frame(Opcode.TEXT, TEXT).serialize(mask=True))
        expected = Frame(Opcode.TEXT, TEXT).serialize(mask=False)
        received = b""
        while len(received) < len(expected):
            received += _await(stream, connection, DataReceived).data
        if received != expected:
            raise H2Error(f"sent {expected!r}, got {received!r}")


def _request(parts) -> list[tuple[str, str]]:
    return [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "http"),
        (":path", parts.path + (f"?{parts.query}" if parts.query else "")),
        (":authority", parts.netloc),
        ("sec-websocket-version", "13"),
    ]


def _await(stream: socket.socket, connection: H2Connection, kind: type):
    """Reads until an event of this kind has come; whatever ends the stream is an error."""
    while True:
        stream.sendall(connection.data_to_send())
        octets = stream.recv(2**16)
        if not octets:
            raise H2Error(f"the connection ended before {kind.__name__}")
        for event in connection.receive_data(octets):
            if isinstance(event, kind):
                return event
            if isinstance(event, (ConnectionTerminated, StreamEnded, StreamReset)):
                raise H2Error(f"{type(event).__name__} instead of {kind.__name__}")
