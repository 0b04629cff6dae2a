"""A testee on libcurl by way of pycurl: testee_pycurl.py URL AGENT. Pieces of a message are joined here."""

import contextlib
import select
import sys

import pycurl

AGAIN = 81  # CURLE_AGAIN: nothing to read, or no room to write, for now.

base, agent = sys.argv[1:]


def connect(url):
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.CONNECT_ONLY, 2)
    handle.perform()
    return handle


def when_ready(handle, is_read, operation, *arguments):
    while True:
        try:
            return operation(*arguments)
        except (BlockingIOError, pycurl.error) as error:
            if not isinstance(error, BlockingIOError) and error.args[0] != AGAIN:
                raise
            socket = [handle.getinfo(pycurl.ACTIVESOCKET)]
            select.select(socket if is_read else [], [] if is_read else socket, [])


def receive(handle):
    """A whole message with its type, or None at a Close."""
    message, kind = b"", 0
    while True:
        octets, meta = when_ready(handle, True, handle.ws_recv, 2**16)
        if meta.flags & pycurl.WS_CLOSE:
            send(handle, octets, pycurl.WS_CLOSE)  # The library leaves the answer to the application.
            return None
        if meta.flags & (pycurl.WS_PING | pycurl.WS_PONG):
            continue
        kind = kind or meta.flags & (pycurl.WS_TEXT | pycurl.WS_BINARY)
        message += octets
        if meta.bytesleft == 0 and not meta.flags & pycurl.WS_CONT:
            return message, kind


def send(handle, message, kind):
    sent = when_ready(handle, False, handle.ws_send, message, kind)
    while sent < len(message):
        sent += when_ready(handle, False, handle.ws_send, message[sent:], kind)


def echo(url):
    try:
        with contextlib.closing(connect(url)) as handle:
            while (received := receive(handle)) is not None:
                send(handle, *received)
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{url}: {error}", file=sys.stderr)


handle = connect(f"{base}/getCaseCount")
count = int(receive(handle)[0])
handle.close()
for case in range(1, count + 1):
    echo(f"{base}/runCase?case={case}&agent={agent}")
echo(f"{base}/updateReports?agent={agent}")
