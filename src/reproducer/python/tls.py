def encrypted(sock, host):
    """TLS over a connection, as a client."""
    context = ssl.create_default_context(cafile=CA)
    if INSECURE:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    link = Link(sock)
    link.bio_in, link.bio_out = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(link.bio_in, link.bio_out, server_hostname=host)
    until = time.monotonic() + 5
    while True:
        try:
            tls.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        out = link.bio_out.read()
        while out and not link.ended:
            out, got = link.turn(out, until)
            link.bio_in.write(got)
        if done:
            link.tls = tls
            return link
        link.bio_in.write(link.turn(b"", until)[1])
        if link.ended or time.monotonic() > until:
            sys.exit("the TLS handshake failed")
