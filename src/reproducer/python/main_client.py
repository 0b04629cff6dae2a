def response(play):
    """Our response to the client's request."""
    offers = play.values("sec-websocket-protocol")
    key = (play.values("sec-websocket-key") or [b""])[0]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    head = play.variant(HEAD) if isinstance(HEAD, dict) else HEAD
    for place, value in (
        (b"{accept}", accept),
        (b"{accept-in-other-case}", accept.swapcase()),
        (b"{key}", key),
        (b"{target}", play.start_line[1]),
        (b"{subprotocol-in-other-case}", (b",".join(offers).split(b",")[0]).strip().swapcase()),
    ):
        head = head.replace(place, value)
    lines = head.replace(b"\r\n", b"\n").split(b"\n\n")[0].split(b"\n")
    if lines[0].startswith(b"HTTP/1.1 101"):
        fields = fields_of(lines[1:]) or []
        play.answered = [value for name, value in fields if name == "sec-websocket-extensions"]
        play.agreed = agreed_in(play)
    return head[:HEAD_LENGTH]


def main():
    host, port = sys.argv[1].rsplit(":", 1) if len(sys.argv) > 1 else ("127.0.0.1", "0")
    listener = socket.create_server((host, int(port)))
    port = listener.getsockname()[1]
    url = URL.replace("{host}", host).replace("{port+65536}", str(port + 65536)).replace("{port}", str(port))
    print("point the client at " + url, flush=True)
    listener.settimeout(CONNECT_WITHIN)
    try:
        play = Play(Link(listener.accept()[0]))
    except OSError:
        print("cannot tell: no client connected within %d seconds" % CONNECT_WITHIN)
        sys.exit(2)
    play.until(WAIT, lambda expired: True if expired or play.start_line or play.end() is not None else None)
    if play.start_line is None:
        # Without a request, only the first step that waits has a subject.
        first = next(step for step in STEPS if step[0] == "expect")
        wrong = play.step(*first)
        tell(play, wrong if wrong != "over" else None, False)
        return
    play.early = bool(play.octets or play.frames)
    octets = response(play)
    if HOLDS_HEAD:
        play.held = octets
    else:
        play.send(octets, HEAD_CUT, HEAD_SEGMENTS)
    wrong, skipped = run(play)
    play.half_close()
    tell(play, wrong, skipped)


try:
    main()
except Exception as error:
    print("cannot tell: %r" % error)
    sys.exit(2)
