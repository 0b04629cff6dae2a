"""A testee on libcurl by way of curl_cffi: testee_curl_cffi.py URL AGENT. The library leaves closing to the application."""

import contextlib
import sys

from curl_cffi import CurlWsFlag, Session

base, agent = sys.argv[1:]
session = Session()


def echo(url):
    try:
        with contextlib.closing(session.ws_connect(url)) as socket:
            while True:
                message, flags = socket.recv()
                if flags & CurlWsFlag.CLOSE:
                    break
                socket.send(message, flags & (CurlWsFlag.TEXT | CurlWsFlag.BINARY))
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{url}: {error}", file=sys.stderr)


with contextlib.closing(session.ws_connect(f"{base}/getCaseCount")) as socket:
    count = int(socket.recv()[0])
for case in range(1, count + 1):
    echo(f"{base}/runCase?case={case}&agent={agent}")
echo(f"{base}/updateReports?agent={agent}")
