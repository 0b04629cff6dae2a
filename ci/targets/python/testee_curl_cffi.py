"""A testee on libcurl by way of curl_cffi: testee_curl_cffi.py URL AGENT."""

import sys

from curl_cffi import CurlWsFlag, Session
from curl_cffi.curl import CurlError

base, agent = sys.argv[1:]
session = Session()


def echo(url):
    try:
        socket = session.ws_connect(url)
        while True:
            message, flags = socket.recv()
            if flags & CurlWsFlag.CLOSE:
                break
            socket.send(message, flags & (CurlWsFlag.TEXT | CurlWsFlag.BINARY))
    except CurlError as error:
        print(f"{url}: {error}", file=sys.stderr)


socket = session.ws_connect(f"{base}/getCaseCount")
count = int(socket.recv()[0])
socket.close()
for case in range(1, count + 1):
    echo(f"{base}/runCase?case={case}&agent={agent}")
echo(f"{base}/updateReports?agent={agent}")
