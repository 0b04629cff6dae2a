class Link:
    """One TCP connection, with TLS over it if `tls` is an SSLObject on two MemoryBIOs."""

    def __init__(self, sock, tls=None):
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.tls = sock, tls
        self.ended = None  # "end" or "reset"
        self.pauses = 0

    def turn(self, out, until):
        """Sends what it can of `out`, and reads. Returns what is left of `out`, and what was read."""
        readers = [] if self.ended else [self.sock]
        writers = [self.sock] if out and not self.ended else []
        timeout = max(0, until - time.monotonic())
        if not readers:
            time.sleep(timeout)
            return b"", b""
        readable, writable, _ = select.select(readers, writers, [], timeout)
        got = b""
        if readable:
            try:
                got = self.sock.recv(65536)
                self.ended = None if got else "end"
            except (BlockingIOError, InterruptedError):
                pass
            except OSError:
                self.ended = "reset"
        if writable:
            try:
                out = out[self.sock.send(out) :]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError:
                out = b""  # The peer takes no more: its own octets tell why.
        return out, got

    def read(self, until):
        """Whatever comes first until that time."""
        return self.decrypt(self.turn(b"", until)[1])

    def write(self, octets, segments=0):
        """Sends all octets as one write. Returns what came meanwhile."""
        if self.ended or not octets:
            return b""
        parts = [octets]
        if self.tls:
            try:
                self.tls.write(octets)
            except ssl.SSLError:
                return b""
            parts = [self.bio_out.read()]
            if segments:
                size = max(1, -(-len(parts[0]) // segments))
                parts = [parts[0][at : at + size] for at in range(0, len(parts[0]), size)]
        got = b""
        for index, out in enumerate(parts):
            if index:
                time.sleep(0.001)
            progress = time.monotonic()
            while out and not self.ended and time.monotonic() < progress + WAIT:
                left, came = self.turn(out, progress + WAIT)
                if came or len(left) < len(out):
                    progress = time.monotonic()
                out, got = left, got + self.decrypt(came)
        return got

    def pieces(self, octets, cut, segments):
        """Sends octets, cut into several writes that the peer reads apart."""
        if cut is None:
            parts = [octets]
        elif isinstance(cut, int):
            parts = [octets[at : at + cut] for at in range(0, len(octets), cut)]
        else:
            places = [0] + [at for at in cut if at < len(octets)] + [len(octets)]
            parts = [octets[a:b] for a, b in zip(places, places[1:]) if a < b]
        got = b""
        for index, part in enumerate(parts):
            if index:
                self.pause()
            got += self.write(part, segments)
        return got

    def pause(self):
        self.pauses += 1
        if self.pauses <= 48:
            time.sleep(0.002)

    def half_close(self):
        try:
            if self.tls:
                try:
                    self.tls.unwrap()
                except ssl.SSLError:
                    pass
                self.sock.send(self.bio_out.read())
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It has ended already.

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        self.ended = "reset"

    def decrypt(self, octets):
        if not self.tls:
            return octets
        self.bio_in.write(octets)
        plain = b""
        try:
            while True:
                more = self.tls.read(65536)
                if not more:
                    self.ended = self.ended or "end"
                    return plain
                plain += more
        except ssl.SSLWantReadError:
            return plain
        except ssl.SSLError:
            self.ended = self.ended or "reset"
            return plain
