"""What a proxy changes: the difference between a run through it and a run against the server behind it, and its words.

`wsgauntlet diff` compares the two runs, instance by instance. What deviates in the same way in both is the server's; what
deviates through the proxy only, or otherwise, is the proxy's; what deviates no more is what the proxy mends.
"""

# Kinds of differences that say something about octets; the others, `slower` among them, are of times.
KINDS = {"new": "It adds", "changed": "It changes", "lost": "It hides", "fixed": "It mends"}
OWN = ["new", "changed"]
# How many instances of a case are kept by name.
VARIANTS_MAX = 8


def side(side):
    return side["verdict"] + (f": {side['observed']}" if side["observed"] else "")


def changes(diff):
    """The differences, those of one case and of one kind joined, in the order of KINDS and of cases."""
    found = {}
    for change in diff["changes"]:
        if change["kind"] in KINDS:
            id = change["id"].rsplit("@", 1)[0]
            key = (list(KINDS).index(change["kind"]), id.split("[")[0], side(change["old"]), side(change["new"]))
            found.setdefault(key, []).append(id)
    return [
        {"kind": list(KINDS)[kind], "case": case, "old": old, "new": new, "count": len(ids), "variants": [id.removeprefix(case) for id in ids]}
        for (kind, case, old, new), ids in sorted(found.items())
    ]


def own(changes):
    """The instances that deviate because of the proxy."""
    return {change["case"] + variant for change in changes for variant in change["variants"] if change["kind"] in OWN}


def kept(changes):
    """What is stored of the differences: of many instances of a case the first."""
    return [change | {"variants": change["variants"][:VARIANTS_MAX]} for change in changes]


def lines(changes, behind):
    """The section of a proxy's page."""
    told = [f"## What it changes of {behind}, which is behind it", ""]
    if not changes:
        return told + ["Nothing: each instance comes out as it does without the proxy.", ""]
    for kind, verb in KINDS.items():
        for change in changes:
            if change["kind"] == kind:
                more = f" and {change['count'] - 1} more" if change["count"] > 1 else ""
                told.append(f"* {verb} `{change['case']}{change['variants'][0]}`{more}: {change['old']}; through it {change['new']}")
    return told + [""]
