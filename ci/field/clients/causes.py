"""The causes of a client's deviations, and the lines of a transcript that show one."""
import re

from ..agreement import DEVIATING
from .readings import reading

BROKEN = ["fail", "flaky"]

TRANSCRIPT_LINES = 12
SHOWN_LINES = 5
# The areas and suites in which the response is what a client has to look at.
OPENINGS = ("opening/", "closing/aborted-opening/", "deflate/negotiation-response/", "deflate/windows/")


def causes(name, report):
    """Deviations of one cause: the same verdict, on the same requirement, with the same fingerprint and the same reading."""
    found = {}
    for instance in report["instances"]:
        if instance["verdict"] not in DEVIATING:
            continue
        failure = instance["failure"] or {}
        read = reading(name, instance["id"], failure["requirement"], failure["observed"]) if instance["verdict"] in BROKEN else None
        key = (instance["verdict"], failure.get("requirement"), failure.get("fingerprint") or instance["reason"], read["title"] if read else "")
        found.setdefault(key, []).append(instance)
    return sorted(found.items(), key=lambda item: (DEVIATING.index(item[0][0]), -len(item[1])))


def frames_only(lines):
    """Without the opening heads, where frames follow them."""
    heads = [n for n, line in enumerate(lines) if re.match(r"[<>] (HTTP/|[A-Z]+ \S+ HTTP/|[\w-]+: )", line)]
    after = lines[heads[-1] + 1:] if heads else lines
    return after if any(line[:1] in "<>" and " octet" in line for line in after) else lines


def telling(instance):
    """The lines of a transcript that tell what was wrong: our response where the opening is what a case is about, or the last frames."""
    lines = instance["transcript"]
    if instance["case"].startswith(OPENINGS):
        response = next((n for n, line in enumerate(lines) if line.startswith("> HTTP/")), 0)
        return lines[response:][:TRANSCRIPT_LINES]
    return frames_only(lines)[-SHOWN_LINES:]
