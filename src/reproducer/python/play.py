def may_be_sent(code):
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def masked(header, payload):
    """A frame whose header ends with its masking key."""
    key = header[-4:] * (len(payload) // 4 + 1)
    stream = int.from_bytes(key[: len(payload)], "big")
    return header + (int.from_bytes(payload, "big") ^ stream).to_bytes(len(payload), "big")


def joined(parts):
    """Octets, and octets by agreement, as one."""
    keys = [key for part in parts if isinstance(part, dict) for key in part]
    return {key: b"".join(part[key] if isinstance(part, dict) else part for part in parts) for key in keys}


def control(opcode, payload):
    """A control frame of our own."""
    first = bytes([0x80 | opcode])
    if IS_SERVER:
        return masked(first + bytes([0x80 | len(payload)]) + b"\x37\xfa\x21\x3d", payload)
    return first + bytes([len(payload)]) + payload


def shown(seen):
    if seen.kind == "head":
        return "a head"
    if seen.kind == "close" and len(seen.payload) > 1:
        return "Close %d %r" % (int.from_bytes(seen.payload[:2], "big"), bytes(seen.payload[2:]))
    names = {"end": "the end of the connection", "reset": "a reset of the connection", "undecodable": "a message that does not inflate"}
    payload = bytes(seen.payload or b"")
    text = names.get(seen.kind, seen.kind if seen.opcode in (None, 8, 9, 10) else "%s of opcode %d" % (seen.kind, seen.opcode))
    return text + (" of %d octets %r" % (len(payload), payload[:40]) if payload else "")


def ended(play):
    """The end, a Close or what makes the rest undecodable: nothing else can come."""
    for kind in ("close", "end", "reset", "too-long"):
        index = play.first(kind)
        if index is not None:
            return False, shown(play.seen[index])
    return None


class Play(Watch):
    """The script, step by step."""

    def __init__(self, link):
        super().__init__()
        self.link, self.used, self.since, self.looked = link, {"data": 0, "pongs": 0}, 0, 0
        self.sent_close = self.shut = self.lingering = False
        self.held = b""

    def first(self, kind):
        return next((index for index, seen in enumerate(self.seen) if seen.kind == kind), None)

    def end(self):
        ends = [index for index, seen in enumerate(self.seen) if seen.kind in ("end", "reset", "gave-up")]
        return ends[0] if ends else None

    def head(self):
        heads = [index for index, seen in enumerate(self.seen) if seen.kind in ("head", "no-head")]
        return heads[0] if heads else None

    def data(self):
        """Data messages before a Close that no step has used up."""
        for index, seen in enumerate(self.seen):
            if seen.kind == "close":
                return
            if index >= self.used["data"] and seen.kind in ("message", "undecodable", "stray"):
                yield index, seen

    def pongs(self):
        return [(i, seen) for i, seen in enumerate(self.seen) if i >= self.used["pongs"] and seen.kind == "pong"]

    def came(self, octets):
        """Takes what came, and does what any endpoint does about it."""
        self.take(octets, self.link.ended)
        while self.looked < len(self.seen):
            seen, self.looked = self.seen[self.looked], self.looked + 1
            if seen.kind == "ping" and not self.sent_close and not HOLDS_ANSWERS:
                self.send(control(10, seen.payload[:125]))
            if seen.kind == "close" and (self.sent_close or not HOLDS_ANSWERS):
                self.answer(seen)

    def answer(self, seen):
        """Answers a Close, and ends TCP as a server."""
        if not self.sent_close:
            self.sent_close = True
            code = int.from_bytes(seen.payload[:2], "big") if len(seen.payload) > 1 else 0
            self.send(control(8, seen.payload[:2] if may_be_sent(code) else b""))
        if not IS_SERVER and not self.lingering:
            self.half_close()

    def do_answer(self):
        if self.first("close") is not None:
            self.answer(self.seen[self.first("close")])

    def send(self, octets, cut=None, segments=0):
        if not self.shut and octets:
            self.came(self.link.pieces(octets, cut, segments))

    def half_close(self):
        if not self.shut:
            self.shut = True
            self.link.half_close()

    def until(self, seconds, done):
        """Reads until `done` gives something, or the peer was silent for that long. `done` is told whether it was."""
        began = due = time.monotonic()
        due += seconds
        while True:
            result = done(False)
            if result is not None:
                return result
            if time.monotonic() >= due or self.link.ended == "reset" and self.shut == "reset":
                return done(True)
            got = self.link.read(due)
            if got:
                due = max(due, min(time.monotonic() + seconds, began + 8 * seconds))
            self.came(got)

    def step(self, kind, *values):
        """Plays one step. Returns None, or why the script ends here."""
        return getattr(self, "do_" + kind)(*values)

    def do_send(self, writes, closes=False):
        if self.shut:
            return None
        if not IS_SERVER and not self.held:
            self.link.pause()
        for write in writes:
            octets, cut, segments = write if isinstance(write, tuple) else (write, None, 0)
            if isinstance(octets, dict):
                octets = self.variant(octets)
            octets, self.held = self.held + octets, b""
            self.send(octets, cut, segments)
        self.sent_close = self.sent_close or closes
        return None

    def do_flood(self, frame, times):
        size = max(1, 65536 // len(frame))
        for at in range(0, times, size):
            if not self.shut:
                self.send(self.held + frame * min(size, times - at))
                self.held = b""

    def do_mark(self, closing=False):
        """What came before the next octets is not their doing."""
        self.came(self.link.read(time.monotonic()))
        unsent = self.shut or closing and self.sent_close
        self.since = 10**9 if unsent else len(self.seen)

    def do_unmark(self):
        self.since = 0

    def do_closing(self):
        if not self.sent_close:
            self.sent_close = True
            self.send(control(8, b"\x03\xe8"))

    def do_half(self):
        self.half_close()

    def do_reset(self):
        self.link.reset()
        self.shut = "reset"
        self.came(b"")

    def do_wait(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.link.ended:
            self.came(self.link.read(until))

    def do_expect(self, text, outcomes, tolerated=(), seconds=None):
        """Waits for one of `outcomes`, or for one of `tolerated`, which break only a SHOULD."""
        self.lingering = any(outcome[0].__name__ == "lingers" for outcome in outcomes)

        def done(expired):
            found, seen, pending = [], None, False
            for index, (outcome, *values) in enumerate([*outcomes, *tolerated]):
                used = dict(self.used)
                result = outcome(self, *values, expired)
                if result is None:
                    pending = True
                elif result[0]:
                    found.append((result[1] or index >= len(outcomes), index, outcome.__name__, self.used))
                else:
                    seen = seen or result[1]
                self.used = used
            if found:
                return min(found, key=lambda one: one[:2])
            if pending and not expired:
                return None
            return False, seen or "silence"

        decided = self.until(seconds or WAIT, done)
        if len(decided) == 2:
            return "over" if INFO else "expected %s; got %s" % (text, decided[1])
        broke_should, _, name, self.used = decided
        if broke_should and STRICT:
            return "expected %s; got what breaks a SHOULD: %s" % (text, ", ".join(map(shown, self.seen[-3:])))
        return "over" if name in ("close", "fail", "end", "lingers", "no_request", "unanswered", "refused") else None

    def variant(self, by_agreement):
        """The octets that were made for what is agreed about permessage-deflate."""
        key = self.key()
        if key not in by_agreement:
            print("cannot tell: written for another agreement about permessage-deflate than %r" % (key,))
            sys.exit(2)
        return by_agreement[key]

    def key(self):
        if not IS_SERVER:
            return b", ".join(self.values("sec-websocket-extensions"))  # What the client offers.
        agreed = agreed_in(self)
        return None if agreed is None else tuple(sorted(agreed.items()))

    def do_if_deflate(self, wanted):
        if not switches(self) or not holds(wanted, agreed_in(self)):
            return "skip"
        return None

    def do_if_offered(self, wanted):
        return None if holds(wanted, offered_in(self)) else "skip"


def run(play):
    """Plays all steps. Returns what is wrong, and whether a condition did not hold."""
    skipped = False
    for index, (kind, *values) in enumerate(STEPS):
        if skipped and index < LAST:
            continue
        wrong = play.step(kind, *values)
        if wrong == "skip":
            skipped = True
            if LAST >= len(STEPS) or not (play.fields is not None and switches(play)):
                return None, True
        elif wrong == "over":
            return None, skipped
        elif wrong:
            return wrong, skipped
    return None, skipped


def tell(play, wrong, skipped):
    """Prints what was found, and exits with 1 if the defect is there."""
    found = [wrong] if wrong else []
    for check in CHECKS:
        found += [text for text in [check(play)] if text]
    for text in found:
        print("the defect is there:", text)
    if found:
        sys.exit(1)
    if skipped:
        print("cannot tell: the target declines what this needs")
        sys.exit(2)
    print("the defect is not there")
