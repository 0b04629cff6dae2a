START, START_LINE = b"", rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\x00-\x20\x7f]+) HTTP/1\.([0-9])\Z"


def is_interim(start_line):
    return False


def switches(play):
    return True


def not_open(play):
    return None


def same_target(target):
    """A request target without the host of its absolute form, its percent-encoding in upper case."""
    target = re.sub(rb"\Ahttps?://[^/]*", b"", target)
    return re.sub(rb"%..", lambda match: match.group().upper(), target)
