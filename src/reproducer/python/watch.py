Seen = collections.namedtuple("Seen", "kind opcode payload")
Frame = collections.namedtuple("Frame", "fin rsv opcode key bits length payload complete")


def fields_of(lines):
    """(name in lower case, value) of each field line, or None if one is malformed."""
    fields = []
    for line in lines:
        match = re.match(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)\Z", line)
        if not match:
            return None
        fields.append((match.group(1).lower().decode(), match.group(2).strip(b" \t")))
    return fields


def parse_head(octets):
    """(start line, fields, length) of the head at the start. None: it is not complete. False: it is not a head."""
    begin = len(octets) - len(octets.lstrip(b"\r\n"))
    end = re.search(rb"\n\r?\n", octets[begin:])
    text = octets[begin : begin + end.start()] if end else octets[begin:]
    lines = [line[:-1] if line.endswith(b"\r") else line for line in text.split(b"\n")]
    if not end:
        first = lines[0][: len(START)]
        return None if START.startswith(first) and len(octets) < 65536 else False
    fields = fields_of(lines[1:])
    matched = re.match(START_LINE, lines[0])
    if fields is None or not matched:
        return False
    return matched.groups(), fields, begin + end.end()


def tokens(values):
    """The elements of a list, in lower case."""
    return [element.strip(b" \t").lower() for value in values for element in value.split(b",")]


class Watch:
    """What the target does, as it is seen from its octets."""

    def __init__(self):
        self.octets, self.start_line, self.fields, self.head_octets = b"", None, None, b""
        self.opaque, self.frames, self.seen, self.message, self.inflater = False, [], [], None, None
        self.ended, self.agreed, self.answered = False, None, []

    def note(self, kind, opcode=None, payload=b""):
        self.seen.append(Seen(kind, opcode, payload))

    def values(self, name):
        return [value for given, value in self.fields or [] if given == name]

    def take(self, octets, ended):
        if not self.opaque:
            self.octets += octets
            if self.start_line is None:
                self.read_head()
            if self.start_line is not None:
                self.read_frames()
        if ended and not self.ended:
            self.ended = True
            self.note(ended)

    def read_head(self):
        while True:
            parsed = parse_head(self.octets)
            if parsed is None:
                return
            if parsed is False:
                self.opaque = True
                self.note("no-head")
                return
            start_line, fields, length = parsed
            self.head_octets, self.octets = self.octets[:length], self.octets[length:]
            if not is_interim(start_line):
                break
        self.start_line, self.fields = start_line, fields
        self.note("head")
        self.opaque = not switches(self)
        if self.opaque:
            return
        self.agreed = agreed_in(self)

    def read_frames(self):
        while not self.opaque:
            frame, length = self.frame()
            if frame is None:
                return
            self.octets = self.octets[length:]
            self.frames.append(frame)
            self.meaning(frame)

    def frame(self):
        """The first frame of the octets and its length, if it is complete."""
        data = self.octets
        if len(data) < 2:
            return None, 0
        size, bits, at = data[1] & 127, 7, 2
        if size > 125:
            bits, at = (16, 4) if size == 126 else (64, 10)
            if len(data) < at:
                return None, 0
            size = int.from_bytes(data[2:at], "big")
        key = None
        if data[1] & 128:
            if len(data) < at + 4:
                return None, 0
            key, at = data[at : at + 4], at + 4
        opcode = data[0] & 15
        whole = size <= LENGTH_MAX and not (opcode > 7 and size > 125 * 1024)
        payload = data[at : at + size] if whole else b""
        if whole and len(data) < at + size:
            return None, 0
        if key and payload:
            stream = int.from_bytes((key * (len(payload) // 4 + 1))[: len(payload)], "big")
            payload = (int.from_bytes(payload, "big") ^ stream).to_bytes(len(payload), "big")
        frame = Frame(data[0] >> 7, data[0] >> 4 & 7, opcode, key, bits, size, payload, whole)
        return frame, at + size if whole else len(data)

    def meaning(self, frame):
        opcode = frame.opcode
        if not frame.complete:
            self.opaque = True
            self.note("too-long", opcode)
        elif opcode in (8, 9, 10):
            self.note({8: "close", 9: "ping", 10: "pong"}[opcode], opcode, frame.payload)
        elif opcode in (1, 2):
            self.message = [opcode, frame.rsv, frame.payload]
        elif opcode == 0 and self.message:
            self.message[2] += frame.payload
        else:
            self.note("stray", opcode)
        if opcode < 3 and frame.fin and frame.complete and self.message:
            (first, rsv, payload), self.message = self.message, None
            if rsv & 4 and self.agreed is not None:
                payload = self.inflate(payload)
            self.note("undecodable" if payload is None else "message", first, payload)

    def inflate(self, payload):
        """What a compressed message inflates to, or None."""
        self.inflater = self.inflater or zlib.decompressobj(-15)
        try:
            out = self.inflater.decompress(payload + b"\0\0\xff\xff")
            while self.inflater.eof:  # A block with BFINAL: the rest is a stream of its own.
                rest, window = self.inflater.unused_data, out[-32768:]
                self.inflater = zlib.decompressobj(-15, window) if window else zlib.decompressobj(-15)
                if rest in (b"", b"\0\0\xff\xff"):
                    break
                out += self.inflater.decompress(rest)
            return out
        except zlib.error:
            return None
