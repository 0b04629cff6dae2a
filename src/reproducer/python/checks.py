#: rfc6455/5.1/server-does-not-mask
def check_unmasked(play):
    if any(frame.key is not None for frame in play.frames):
        return "the server masks a frame"


#: rfc6455/5.1/client-masks rfc6455/5.5.1/client-close-masked rfc6455/6.1/client-data-frames-masked
def check_masked(play):
    if any(frame.key is None for frame in play.frames):
        return "the client sends a frame without a mask"


#: rfc6455/5.2/minimal-length
def check_minimal(play):
    for frame in play.frames:
        if frame.bits != (7 if frame.length < 126 else 16 if frame.length < 65536 else 64):
            return "a length of %d in %d bits" % (frame.length, frame.bits)


#: rfc6455/5.2/length-most-significant-bit
def check_top_bit(play):
    if any(frame.length >> 63 for frame in play.frames):
        return "the top bit of a length is 1"


#: rfc6455/5.2/rsv-zero-when-sending
def check_reserved_bits(play):
    for frame in play.frames:
        if frame.rsv & 3 or frame.rsv & 4 and play.agreed is None:
            return "a frame with reserved bits %d" % frame.rsv


#: rfc7692/6.1/rsv1-only-on-first-frame
def check_rsv1(play):
    if any(frame.rsv & 4 and frame.opcode not in (1, 2) for frame in play.frames):
        return "RSV1 on a frame that does not begin a message"


#: rfc7692/5/declined-means-uncompressed rfc7692/5/accept-names-extension
def check_uncompressed(play):
    if play.agreed is None and any(frame.rsv & 4 and frame.opcode in (1, 2) for frame in play.frames):
        return "a compressed message, although no compression was agreed"


#: rfc6455/5.8/extensions-negotiated-in-opening
def check_opcodes(play):
    for frame in play.frames:
        if frame.opcode not in (0, 1, 2, 8, 9, 10):
            return "a frame with the reserved opcode %d" % frame.opcode


#: rfc6455/5.4/fragmented-message-form rfc6455/5.4/no-interleaving
def check_fragments(play):
    within = False
    for frame in play.frames:
        if frame.opcode < 3:
            if within != (frame.opcode == 0):
                return "a continuation of nothing" if frame.opcode == 0 else "a message begins within another"
            within = not frame.fin


#: rfc6455/5.5/control-length-and-fragmentation
def check_control(play):
    if any(frame.opcode > 7 and (not frame.fin or frame.length > 125) for frame in play.frames):
        return "a control frame that is too long or fragmented"


#: rfc6455/5.6/text-is-utf8 rfc7692/6.1/decompressed-data-constraints
def check_text(play):
    for seen in play.seen:
        if seen.kind == "message" and seen.opcode == 1:
            try:
                seen.payload.decode("utf-8")
            except UnicodeDecodeError:
                return "a text message that is not UTF-8: %r" % seen.payload[:40]


#: rfc6455/5.5.1/body-starts-with-code rfc6455/5.5.1/reason-is-utf8 rfc6455/7.4.1/1005-not-sent rfc6455/7.4.1/1006-not-sent rfc6455/7.4.1/1015-not-sent rfc6455/7.4.1/1010-not-used-by-server rfc6455/7.4.2/0-999-not-used rfc6455/7.4.2/1000-2999-reserved rfc6455/11.7/status-code-range rfc6455/7.4.1/1010-lists-extensions
def check_closes(play):
    for frame in play.frames:
        if frame.opcode != 8:
            continue
        if len(frame.payload) == 1:
            return "a Close of one octet"
        try:
            reason = frame.payload[2:].decode("utf-8")
        except UnicodeDecodeError:
            return "a Close whose reason is not UTF-8: %r" % frame.payload
        code = int.from_bytes(frame.payload[:2], "big")
        if len(frame.payload) > 1:
            if code < 1000 or code > 4999 or code in (1004, 1005, 1006, 1015) or 1016 <= code <= 2999:
                return "a Close with %d" % code
            if code == 1010 and code not in SENT_CODES and (IS_SERVER or not reason.strip()):
                return "a Close with 1010 %r" % reason


#: rfc6455/5.5.1/no-data-after-close
def check_after_close(play):
    closes = [index for index, frame in enumerate(play.frames) if frame.opcode == 8]
    if closes and any(frame.opcode < 8 for frame in play.frames[closes[0] :]):
        return "a data frame after the Close"


#: rfc6455/7.1.2/close-after-both-closes
def check_one_close(play):
    if sum(frame.opcode == 8 for frame in play.frames) > 1:
        return "a second Close"


#: rfc6455/7.1.1/tcp-closed-cleanly
def check_end(play):
    if play.first("reset") is not None and (play.octets or play.first("close") is not None):
        return "the connection is reset, and not ended in order"


#: rfc6455/5.3/fresh-key-per-frame rfc6455/10.3/masking-key-unpredictable-to-application rfc6455/5.3/key-from-strong-entropy rfc6455/5.3/key-not-predictable
def check_keys(play):
    keys = [frame.key for frame in play.frames if frame.key is not None]
    if any(a == b for a, b in zip(keys, keys[1:])):
        return "the same masking key for two frames"
    if sum(len(set(key)) == 1 for key in keys) > 1:
        return "masking keys of one repeated octet: %r" % keys
    for order in ("big", "little"):
        numbers = [int.from_bytes(key, order) for key in keys]
        steps = {(b - a) % 2**32 for a, b in zip(numbers, numbers[1:])}
        if len(keys) > 2 and len(steps) == 1:
            return "masking keys that count: %r" % keys


#: rfc7692/6.1/send-compressed-message rfc7692/7.2.1/tail-kept-in-non-final-fragments
def check_inflates(play):
    if play.first("undecodable") is not None:
        return "a compressed message that does not inflate"


#: helper: messages check_window check_context check_ending
def compressed(play):
    """The payload of each compressed message."""
    messages, now = [], None
    for frame in play.frames:
        if frame.opcode in (1, 2):
            now = b"" if frame.rsv & 4 and play.agreed is not None else None
        if frame.opcode < 3 and now is not None:
            now += frame.payload
            if frame.fin:
                messages.append(now)
    return messages


#: helper: inflates check_window check_context
def inflates(messages, bits, takeover):
    """Whether the messages inflate with a window of 2 to the power of `bits`, and with the context of those before."""
    inflater = zlib.decompressobj(-bits)
    try:
        for message in messages:
            inflater = inflater if takeover else zlib.decompressobj(-bits)
            inflater.decompress(message + b"\0\0\xff\xff")
    except zlib.error:
        return False
    return True


#: rfc7692/7.2.1/client-window-within-agreed rfc7692/7.2.2/client-compresses-within-agreed rfc7692/7.2.1/server-window-within-agreed
def check_window(play):
    agreed, side = agreed_in(play) or {}, "server" if IS_SERVER else "client"
    bits = int(agreed.get(side + "_max_window_bits") or 15)
    messages = compressed(play)
    # zlib has no window of 8 bits for raw data: what reaches further than 9 bits is found.
    if inflates(messages, 15, True) and not inflates(messages, max(bits, 9), True):
        return "a match reaches further back than the window of %d bits" % bits


#: rfc7692/7.2.1/client-starts-with-empty-window rfc7692/7.1.1.2/client-no-context-takeover-supported rfc7692/7.2.1/server-starts-with-empty-window
def check_context(play):
    agreed, side = agreed_in(play) or {}, "server" if IS_SERVER else "client"
    messages = compressed(play)
    if side + "_no_context_takeover" in agreed and not inflates(messages, 15, False):
        return "a match reaches into the message before"


#: rfc7692/7.2.1/tail-octets-removed rfc7692/7.2.1/message-ends-with-empty-block
def check_ending(play):
    inflater = zlib.decompressobj(-15)
    for message in compressed(play):
        wrong = "a compressed message ends with %r" % message[-8:]
        if not message or message.endswith(b"\0\0\xff\xff"):
            return wrong
        try:
            inflater.decompress(message)
            if inflater.eof:
                return None
            rest = inflater.decompress(b"\0\0\xff\xff")
            last = inflater.copy()
            more = last.decompress(b"\x01\0\0\xff\xff")
            if rest or more or not last.eof:
                return wrong
        except zlib.error:
            return wrong


#: rfc6455/4.2.2/response-status-line-101
def check_status_line(play):
    if switches(play) and not re.match(rb"HTTP/1\.[1-9] 101 ", play.head_octets):
        return "the status line is %r" % play.head_octets.split(b"\r\n")[0]


#: rfc9110/6.2/server-version-conformant
def check_response_version(play):
    if int(play.start_line[0]) > 1:
        return "the response is of HTTP/1.%d" % int(play.start_line[0])


#: rfc9110/6.2/client-version-conformant rfc6455/4.1/request-is-get
def check_request_line(play):
    method, _, minor = play.start_line
    if method != b"GET" or minor != b"1":
        return "the request is %r of HTTP/1.%s" % (method, minor.decode())


#: rfc6455/4.2.2/accepts-with-valid-response rfc6455/4.1/request-is-valid-http rfc9112/2.2/no-bare-cr-sent rfc9112/2.2/no-whitespace-before-first-field
def check_head_form(play):
    lines = play.head_octets.split(b"\r\n")[:-2]
    if any(b"\n" in line or b"\r" in line for line in lines) or not play.head_octets.endswith(b"\r\n\r\n"):
        return "a line of the head does not end in CR LF"
    if fields_of(lines[1:]) is None:
        return "the head is malformed: %r" % play.head
    if IS_SERVER and play.start_line[1] == b"101" and play.values("content-length"):
        return "a 101 with a Content-Length"
    if not IS_SERVER and len(play.values("host")) > 1:
        return "a request with two Host lines"


#: rfc9112/6.1/no-transfer-encoding-in-101
def check_transfer_encoding(play):
    if play.start_line[1] == b"101" and play.values("transfer-encoding"):
        return "a 101 with Transfer-Encoding"


#: rfc6455/4.2.2/response-upgrade-websocket rfc9110/7.8/101-has-upgrade
def check_upgrade(play):
    values = play.values("upgrade")
    if play.start_line[1] == b"101" and [value.lower() for value in values] != [b"websocket"]:
        return "Upgrade is %r, not websocket" % values


#: rfc9110/7.8/426-has-upgrade
def check_426(play):
    if play.start_line[1] == b"426" and not play.values("upgrade"):
        return "a 426 without Upgrade"


#: rfc6455/4.2.2/response-connection-upgrade rfc9110/7.8/upgrade-needs-connection-option rfc6455/4.1/request-connection
def check_connection(play):
    needed = not IS_SERVER or play.start_line[1] == b"101" or play.values("upgrade")
    if needed and b"upgrade" not in tokens(play.values("connection")):
        return "Connection is %r, without Upgrade" % play.values("connection")


#: rfc6455/11.3.3/accept-once-in-response
def check_one_accept(play):
    if len(play.values("sec-websocket-accept")) > 1:
        return "more than one Sec-WebSocket-Accept"


#: rfc6455/4.2.2/accept-key-computed
def check_accept(play):
    if switches(play) and ACCEPT and play.values("sec-websocket-accept") != [ACCEPT]:
        return "Sec-WebSocket-Accept is %r, not %r" % (play.values("sec-websocket-accept"), ACCEPT)


#: rfc6455/11.3.4/subprotocol-once-in-response rfc6455/4.2.2/empty-subprotocol-illegal rfc6455/4.2.2/response-subprotocol-form rfc6455/4.3/response-subprotocol-grammar rfc6455/4.2.2/subprotocol-from-offer
def check_subprotocol(play):
    values = play.values("sec-websocket-protocol")
    if play.start_line[1] == b"101" and (len(values) > 1 or any(value not in SUBPROTOCOLS for value in values)):
        return "the subprotocols are %r; offered were %r" % (values, SUBPROTOCOLS)


#: rfc6455/9/no-unrequested-extension rfc6455/4.2.2/extensions-from-offer rfc6455/4.2.2/no-unoffered-extensions
def check_extensions(play):
    for extension in tokens(play.values("sec-websocket-extensions")):
        name = extension.split(b";")[0].strip()
        if play.start_line[1] == b"101" and name not in EXTENSIONS:
            return "the extension %r, which was not offered" % name


#: rfc6455/9.1/parameters-defined-for-extension rfc6455/9/parameters-follow-extension rfc7692/5/agreed-parameters-reflect-offer rfc7692/7/server-declines-bad-offer rfc7692/7.1.1.1/server-no-context-takeover-valueless rfc7692/7.1.1.1/server-no-context-takeover-echoed rfc7692/7.1.2.1/unsupported-server-max-window-bits-declined rfc7692/7.1.2.1/server-max-window-bits-not-greater rfc7692/7.1.2.1/answered-server-max-window-bits-value rfc7692/7.1.2.1/abnf-server-max-window-bits rfc7692/7.1.2.2/answered-client-max-window-bits-value rfc7692/7.1.2.2/client-max-window-bits-needs-offer rfc7692/7.1.3/unoffered-client-max-window-bits rfc7692/7.3/window-of-1024-or-more rfc7692/5/no-rsv1-conflict-accepted
def check_agreement(play):
    answer = b", ".join(play.values("sec-websocket-extensions"))
    if play.values("sec-websocket-extensions") and answer == WRONG_EXTENSIONS:
        return "Sec-WebSocket-Extensions: %r does not answer what was offered" % answer


#: rfc6455/4.1/request-upgrade
def check_request_upgrade(play):
    if b"websocket" not in tokens(play.values("upgrade")):
        return "Upgrade is %r" % play.values("upgrade")


#: rfc6455/4.1/request-version-13 rfc6455/11.3.5/version-once-in-request rfc6455/4.3/version-value-grammar
def check_version(play):
    if play.values("sec-websocket-version") != [b"13"]:
        return "Sec-WebSocket-Version is %r" % play.values("sec-websocket-version")


#: rfc6455/4.1/request-key-present rfc6455/4.1/key-is-16-octet-nonce rfc6455/11.3.1/key-once-in-request rfc6455/4.1/key-random-per-connection
def check_key(play):
    keys = play.values("sec-websocket-key")
    if len(keys) != 1 or not re.match(rb"[A-Za-z0-9+/]{21}[AQgw]==\Z", keys[0]):
        return "Sec-WebSocket-Key is %r" % keys
    if keys[0] in (b"dGhlIHNhbXBsZSBub25jZQ==", b"AQIDBAUGBwgJCgsMDQ4PEA==") or len(set(base64.b64decode(keys[0]))) == 1:
        return "the key is not random: %r" % keys


#: rfc6455/4.1/request-host
def check_host(play):
    port = str(play.link.sock.getsockname()[1]).encode()
    values = play.values("host")
    if len(values) != 1 or not values[0].endswith(b":" + port) or b"127.0.0.1" not in values[0]:
        return "Host is %r" % values


#: rfc6455/4.1/request-target-matches-resource rfc6455/3/no-fragment-identifier
def check_target(play):
    target = same_target(play.start_line[1])
    if b"#" in target or RESOURCE and target != RESOURCE or not target.startswith(b"/"):
        return "the request is for %r" % target


#: rfc6455/4.1/no-data-before-response
def check_waits(play):
    if play.early:
        return "the client sends frames before the response"


#: rfc6455/4.1/subprotocols-are-tokens rfc6455/4.1/subprotocols-unique
def check_offered_subprotocols(play):
    offers = [element.strip(b" \t") for value in play.values("sec-websocket-protocol") for element in value.split(b",")]
    if len(set(offers)) < len(offers) or any(not re.match(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z", offer) for offer in offers):
        return "Sec-WebSocket-Protocol is %r" % offers


#: rfc6455/9.1/malformed-extensions-fail rfc7692/5/offer-names-extension rfc7692/7.1.2.1/offered-server-max-window-bits-value rfc7692/7.1.2.2/offered-client-max-window-bits-value
def check_offer(play):
    offer = b", ".join(play.values("sec-websocket-extensions"))
    if play.values("sec-websocket-extensions") and offer == WRONG_EXTENSIONS:
        return "Sec-WebSocket-Extensions: %r is not a lawful offer" % offer
