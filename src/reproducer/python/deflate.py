def parameters(value):
    """The parameters of the first permessage-deflate in a list of extensions, or None."""
    for extension in re.findall(rb'(?:[^,"]|"(?:\\.|[^"\\])*")+', value):
        name, *params = [part.strip(b" \t") for part in extension.split(b";")]
        if name == b"permessage-deflate":
            pairs = [param.partition(b"=") for param in params]
            return {n.strip(b" \t").decode("latin-1"): v.strip(b' \t"').decode("latin-1") for n, _, v in pairs}
    return None


def agreed_in(play):
    """What was agreed about permessage-deflate, or None."""
    lines = play.values("sec-websocket-extensions") if IS_SERVER else play.answered
    return parameters(b", ".join(line for line in lines if line))


def offered_in(play):
    """All offers of permessage-deflate together, or None."""
    offers = {}
    lines = b", ".join(play.values("sec-websocket-extensions"))
    for offer in lines.split(b","):
        offers.update(parameters(offer) or {})
    return offers if parameters(lines) is not None else None


def holds(wanted, agreed):
    """Whether what was agreed is what is wanted: None is nothing, else (parameter, value) with False for absent."""
    if wanted is None or agreed is None:
        return wanted is None and agreed is None
    for name, value in wanted:
        given = agreed.get(name)
        if value is False and given is not None or value is True and given is None:
            return False
        if value not in (True, False) and given != str(value):
            return False
    return True
