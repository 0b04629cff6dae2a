"""A testee on websocket-client: testee_websocket_client.py URL AGENT.

What the library raises it leaves to the application, and TCP open: this one closes, as its documentation does.
"""

import sys

from websocket import ABNF, create_connection

base, agent = sys.argv[1:]


def echo(url):
    try:
        connection = create_connection(url)
        try:
            while True:
                opcode, payload = connection.recv_data()
                if opcode == ABNF.OPCODE_CLOSE:
                    break
                connection.send(payload, opcode)
        finally:
            connection.close()
    except Exception as error:  # Whatever the library raises ends this case only.
        print(f"{url}: {error}", file=sys.stderr)


connection = create_connection(f"{base}/getCaseCount")
count = int(connection.recv())
connection.close()
for case in range(1, count + 1):
    echo(f"{base}/runCase?case={case}&agent={agent}")
echo(f"{base}/updateReports?agent={agent}")
