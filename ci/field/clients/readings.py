"""What the failures of clients mean. `readings/clients.toml` has the entries.

A `[[reading]]` is a defect as somebody understood it, or what our test client is to blame for (severity "ours"). Readings with one
title are one defect. `[[fatal]]` has the instances in which a client ends or stops for good, `[[random]]` why two runs against a
client need not come out the same.
"""
from fnmatch import fnmatchcase

from ..targets import readings

SEVERITIES = ["crash", "security", "interop", "robustness"]


def reading(name, id, requirement, observed):
    """The first entry that fits such a failure, or none."""
    for entry in readings("clients")["reading"]:
        if (
            any(fnmatchcase(id, pattern + "*") for pattern in entry["instances"])
            and any(fnmatchcase(requirement, pattern) for pattern in entry.get("requirements", ["*"]))
            and fnmatchcase(observed, entry.get("observed", "*"))
            and name in entry.get("clients", [name])
        ):
            return entry
    return None


