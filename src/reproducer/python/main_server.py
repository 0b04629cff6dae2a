def main():
    url = urllib.parse.urlsplit(sys.argv[1] if len(sys.argv) > 1 else URL)
    secure = url.scheme == "wss"
    try:
        sock = socket.create_connection((url.hostname, url.port or (443 if secure else 80)), 5)
    except OSError as error:
        print("cannot tell: cannot connect to %s: %s" % (url.geturl(), error))
        sys.exit(2)
    play = Play(encrypted(sock, url.hostname) if secure else Link(sock))
    if HOLDS_HEAD:
        play.held = HEAD
    else:
        play.send(HEAD, HEAD_CUT, HEAD_SEGMENTS)
    tell(play, *run(play))


try:
    main()
except Exception as error:
    print("cannot tell: %r" % error)
    sys.exit(2)
