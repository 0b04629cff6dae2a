"""What the failures of servers mean. `readings/servers.toml` has one entry for each distinct defect, as somebody understood it.

An entry names the instances and the requirement that show the defect. Which implementations have it follows from the stored
runs, unless `targets` names them. Severity "ours" is what our echo server or our suite is to blame for. A `[[random]]` entry
says why these instances of a target need not come out the same twice.
"""
import re

from ..targets import readings
from .store import BROKEN

SEVERITIES = ["crash", "security", "interop", "robustness"]


def names(pattern, id):
    """Whether a pattern names an instance: `*` is anything, and a case names all its instances."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*") + r"(\[.*\])?", id) is not None


def speaks_of(reading, name, requirement, observed, id):
    return (
        name in reading.get("targets", [name])
        and any(names(pattern, requirement or "") for pattern in reading.get("requirements", ["*"]))
        and any(names(pattern, observed or "") for pattern in reading.get("observed", ["*"]))
        and any(names(pattern, id) for pattern in reading["instances"])
    )


def instances(cause):
    return [cause["case"] + variant for variant in cause["variants"]]


def defects():
    return readings("servers").get("defect", [])


def attribute(audit, defects):
    """Gives each failing instance to the first reading that speaks of it; `audit["read"]` holds them by the reading's id.

    What a proxy passes on of the server behind it is no defect of its own: `audit["passed_on"]` holds that.
    """
    audit["read"], audit["unread"], audit["passed_on"] = {}, [], {}
    # What a reading says of the observation is the most that it can say.
    defects = sorted(defects, key=lambda defect: "observed" not in defect)
    for cause in audit["causes"]:
        for id in instances(cause) if cause["verdict"] in BROKEN else []:
            # What stands for many instances counts for all of them, once.
            more = cause["count"] - len(cause["variants"]) if id == instances(cause)[0] else 0
            is_own = cause.get("own", True)
            whose = audit["name"] if is_own else audit["behind"]
            reading = next((d for d in defects if speaks_of(d, whose, cause["requirement"], cause["observed"], id)), None)
            if reading:
                # A response of the server behind it stays the server's, also where the proxy made it send one.
                is_own = is_own and (audit["role"] != "proxy" or reading.get("proxies", True))
                held = audit["read" if is_own else "passed_on"]
                held.setdefault(reading["id"], []).append((id, cause["observed"], 1 + more))
            else:
                audit["unread"].append((id, cause, 1 + more))


def shows(defect, audit):
    """What of a stored run shows a defect: instances with what was observed."""
    return audit["read"].get(defect["id"], [])


def has(defect, audit):
    if defect["severity"] == "crash":
        return audit["name"] in defect["targets"]
    return bool(shows(defect, audit))


def known(defect, name):
    return defect.get("known", {}).get(name, "unknown")
