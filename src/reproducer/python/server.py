START, START_LINE = b"HTTP/1.", rb"HTTP/1\.([0-9]) ([0-9]{3})(?: [\t\x20-\x7e\x80-\xff]*)?\Z"


def is_interim(start_line):
    return start_line[1] == b"100" or b"102" <= start_line[1] < b"200"


def switches(play):
    """Whether frames follow the response."""
    meant = play.values("upgrade") or play.values("sec-websocket-accept")
    return play.start_line[1] == b"101" or "status" in OVERLOOKED and play.start_line[1] == b"200" and bool(meant)


def first_line(play):
    return "HTTP/1.%s %s" % tuple(part.decode() for part in play.start_line)


def not_open(play):
    """Why the response is not one that opens."""
    if not switches(play):
        return first_line(play)
    if "upgrade" not in OVERLOOKED and b"websocket" not in tokens(play.values("upgrade")):
        return "the response lacks Upgrade: websocket"
    if "connection" not in OVERLOOKED and b"upgrade" not in tokens(play.values("connection")):
        return "the response lacks Connection: Upgrade"
    accept = play.values("sec-websocket-accept")
    if "accept" not in OVERLOOKED and not accept:
        return "the response lacks Sec-WebSocket-Accept"
    if "accept" not in OVERLOOKED and ACCEPT and accept[0] != ACCEPT:
        return "Sec-WebSocket-Accept is %r, not %r" % (accept[0], ACCEPT)
    return None
