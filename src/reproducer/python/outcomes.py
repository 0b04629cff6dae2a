# An outcome is None while it may still happen, (True, tolerated) once it has happened, or (False, what was seen).


#: message
def message(play, opcode, payload, expired):
    """The next data message, as a whole."""
    for index, seen in play.data():
        if seen.kind == "message" and seen.opcode == opcode and seen.payload == payload:
            play.used["data"] = index + 1
            return True, False
        if not ECHO and seen.kind in ("message", "stray"):
            continue
        return False, shown(seen)
    if not ended(play) and expired and not (ECHO if opcode == 1 else ECHO_BINARY):
        return True, False
    return ended(play)


#: greeting
def greeting(play, begins, expired):
    """A text message that the target sends of its own accord."""
    for index, seen in play.data():
        if seen.kind == "message" and seen.opcode == 1 and seen.payload.startswith(begins):
            play.used["data"] = index + 1
            return True, False
        return False, shown(seen)
    return ended(play)


#: tasks
def tasks(play, count_of_tasks, count, size, beside, expired):
    """The messages of several tasks, each whole, those of one task in order."""
    sent, left = [0] * count_of_tasks, count_of_tasks * count + (beside is not None)
    for index, seen in play.data():
        def is_next(task):
            text = b"%d/%d " % (task, sent[task]) + b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1)
            return sent[task] < count and seen.payload == text[:size]
        if seen.kind == "message" and beside is not None and seen.payload == beside:
            beside = None
        else:
            task = next((task for task in range(count_of_tasks) if seen.kind == "message" and is_next(task)), None)
            if task is None:
                return False, shown(seen)
            sent[task] += 1
        left -= 1
        if left == 0:
            play.used["data"] = index + 1
            return True, False
    return ended(play)


#: ping
def ping(play, payload, expired):
    """The next ping that the target sends of its own accord."""
    used = play.used.get("pings", 0)
    for index, seen in enumerate(play.seen):
        if index >= used and seen.kind == "ping":
            play.used["pings"] = index + 1
            return (True, False) if seen.payload == payload else (False, shown(seen))
    for _, seen in play.data():
        return False, shown(seen)
    return ended(play)


#: close-frame
def close_frame(play, codes, reason, expired):
    """A Close frame with one of these codes, whatever messages came before it."""
    index = play.first("close")
    if index is None:
        return (False, shown(play.seen[play.end()])) if play.end() is not None else None
    seen = play.seen[index]
    code, legal = code_of(seen.payload)
    listed = not isinstance(codes, list) or legal and code in codes
    if index < play.since or not listed or reason is not None and seen.payload[2:] != reason:
        return False, shown(seen)
    play.used["data"] = max(play.used["data"], index)
    return True, False


#: pong
def pong(play, payload, expired):
    """A pong with that payload; other pongs may come before it."""
    for index, seen in play.pongs():
        if seen.payload == payload:
            play.used["pongs"] = index + 1
            return True, False
    return ended(play)


#: close
def close(play, codes, expired):
    """A Close with one of these codes, then the end of TCP. `codes`: "any", "no-fault", or a list."""
    if unexpected(play) is not None:
        return False, shown(play.seen[unexpected(play)])
    index = play.first("close")
    if index is None:
        return (False, "the end of the connection without a Close") if play.end() is not None else None
    seen = play.seen[index]
    if index < play.since:
        return False, "too early: " + shown(seen)
    code, legal = code_of(seen.payload)
    faultless = legal and (code is None or may_be_sent(code) and code not in (1002, 1003, 1007, 1009))
    if codes == "no-fault" and not faultless or isinstance(codes, list) and not (legal and code in codes):
        return False, shown(seen)
    return then_end(play, expired, False, shown(seen))


#: fail
def fail(play, codes, valid, expired):
    """The connection is failed: ideally by a Close with one of these codes, "any" if all are as good."""
    first = play.first("close")
    first = play.end() if first is None else first
    if first is not None and first < play.since:
        return False, "too early: " + shown(play.seen[first])
    answered = next((i for i, seen in play.pongs() if seen.payload and seen.payload in PINGS), None)
    index = unexpected(play)
    if index is not None and (answered is None or index < answered):
        return False, shown(play.seen[index])
    if answered is not None:
        return False, shown(play.seen[answered])
    index = play.first("close")
    if index is None:
        return (True, codes != "any") if play.end() is not None else None
    code, legal = code_of(play.seen[index].payload)
    code = code if legal else None
    if valid and codes != "any" and code == 1007 and 1007 not in codes:
        return False, shown(play.seen[index])
    return then_end(play, expired, not (codes == "any" or code in codes), shown(play.seen[index]))


#: end
def end(play, expired):
    """The end of TCP."""
    index = play.end()
    if index is None:
        return None
    return (False, "too early: " + shown(play.seen[index])) if index < play.since else (True, False)


#: lingers
def lingers(play, expired):
    """A Close, and then the connection stays open: the server has to end it."""
    if play.end() is not None:
        return False, shown(play.seen[play.end()])
    return (True, False) if play.first("close") is not None and expired else None


#: silence
def silence(play, expired):
    """Nothing until the deadline."""
    news = [index for index, _ in play.data()] + [index for index, _ in play.pongs()]
    news += [index for index in (play.first("close"), play.end()) if index is not None]
    if news:
        return False, shown(play.seen[news[0]])
    return (True, False) if expired else None


#: open
def opened(play, wanted, expired):
    """The opening handshake is completed."""
    index = play.head()
    if index is None:
        return (False, shown(play.seen[play.end()])) if play.end() is not None else None
    if play.seen[index].kind == "no-head":
        return False, "octets that are not an HTTP head: %r" % play.octets[:80]
    wrong = not_open(play) or unwanted(play, wanted)
    return (False, wrong) if wrong else (True, False)


#: refused
def refused(play, statuses, wanted, expired):
    """The opening handshake is refused, with one of these statuses if there are any."""
    index, over = play.head(), play.end()
    if index is None:
        return (True, True) if over is not None else None
    if play.seen[index].kind == "no-head":
        return (True, True) if over is not None else None
    if switches(play):
        return False, "the connection opens with " + first_line(play)
    status = int(play.start_line[1])
    if statuses:
        ok = any(first <= status <= last for first, last in statuses)
        wrong = None if ok else first_line(play)
        wrong = wrong or unwanted(play, wanted)
        return (False, wrong) if wrong else (True, False)
    if 300 <= status <= 499 or status in (501, 503, 505):
        wrong = unwanted(play, wanted)
        return (False, wrong) if wrong else (True, False)
    return True, True


#: refused-by-client
def refused(play, statuses, wanted, expired):
    """The client ends the connection without a frame."""
    for index, seen in [*play.data(), *play.pongs()]:
        return False, shown(seen)
    if play.end() is None:
        return None
    return True, play.first("close") is not None


#: response
def response(play, statuses, wanted, expired):
    """Any response with one of these statuses."""
    index = play.head()
    if index is None:
        return (False, shown(play.seen[play.end()])) if play.end() is not None else None
    if play.seen[index].kind == "no-head":
        return False, "octets that are not an HTTP head: %r" % play.octets[:80]
    status = int(play.start_line[1])
    if statuses and not any(first <= status <= last for first, last in statuses):
        return False, first_line(play)
    wrong = unwanted(play, wanted)
    return (False, wrong) if wrong else (True, False)


#: unanswered
def unanswered(play, expired):
    """The end of TCP without a response."""
    index = play.head()
    if index is not None and play.seen[index].kind == "no-head":
        return (True, True) if play.end() is not None else None
    if index is not None:
        return False, shown(play.seen[index])
    return (True, False) if play.end() is not None else None


#: no-request
def no_request(play, expired):
    """The client ends without a request."""
    if play.head() is not None:
        return False, "the client sends a request"
    return (True, False) if play.end() is not None else None


#: shared: unwanted open refused refused-by-client response
def unwanted(play, wanted):
    """The first field of the head that is not as it is wanted."""
    for name, value in wanted.get("fields", []):
        values = play.values(name)
        if value not in values and value not in [e.strip(b" \t") for v in values for e in v.split(b",")]:
            return "%s is %r, not %r" % (name, values, value)
    for name in wanted.get("absent", []):
        if play.values(name):
            return "%s is %r" % (name, play.values(name)[0])
    if "deflate" in wanted and not holds(wanted["deflate"], agreed_in(play)):
        return "Sec-WebSocket-Extensions is %r" % play.values("sec-websocket-extensions")
    if "targets" in wanted and same_target(play.start_line[1]) not in [same_target(t) for t in wanted["targets"]]:
        return "the request is for %r" % play.start_line[1]
    return None


#: shared: end-of-close close fail
def then_end(play, expired, tolerated, what):
    if play.end() is not None or expired and not IS_SERVER:
        return True, tolerated
    return (False, what + ", and the connection stays open") if expired else None


def code_of(payload):
    """The code of a Close, or None; and whether its payload is legal."""
    if len(payload) < 2:
        return None, not payload
    try:
        payload[2:].decode("utf-8")
    except UnicodeDecodeError:
        return None, False
    return int.from_bytes(payload[:2], "big"), True


def unexpected(play):
    """The index of a data message that nobody asked for."""
    index = next((index for index, _ in play.data()), None)
    if index is None:
        index, before = play.first("too-long"), play.first("close")
        index = None if index is not None and before is not None and before < index else index
    if index is not None and play.seen[index].kind == "message" and not ECHO:
        return None
    return index
