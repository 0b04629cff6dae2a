"""Stored audits as runs that `wsgauntlet diagnose` reads.

An audit of today stores its deviations by fingerprint: see `compact`. Older ones hold, for each cause, a requirement, what was observed
and some of the instances. Their fingerprints are guessed: of those that the index of the diagnosis has for the requirement, the one
of the same kind as the observation. Instances of which nothing is known are left out.
"""
import json
import re
import subprocess
from collections import defaultdict
from functools import cache

from .layout import ROOT
from .matrix import verdicts_of

INDEX = ROOT / "src/diagnosis/index.txt"
DEVIATING = ("fail", "lenient")
# As many lenient causes an older audit holds at most: see `servers.store`.
LENIENT_MAX = 12

# Older audits blame sentences of §11.3 on receivers. They bind senders, so that the first requirement of the case is meant.
OF_SENDERS = "rfc6455/11.3."

# What an observation begins with or contains, and the kinds of structure that it may have in a fingerprint, the likeliest first.
KINDS = [
    (r"^response (\d+)", [r"response:\1"]),
    (r"^(the end of the connection|a reset of the connection)", ["end"]),
    (r"^Close \((\d+)", [r"close:\1"]),
    (r"^Close \(no code", ["close:none"]),
    (r"silence, the connection open$", ["silence"]),
    (r"^(?:compressed )?(text|binary) message", ["answer", r"message:\1", r"stray:\1"]),
    (r"^pong", ["answer", "pong"]),
    (r"^a stray opcode-[3-7] frame", ["stray:reserved-data"]),
    (r"^a stray opcode-[b-f] frame", ["stray:reserved-control"]),
    (r"^a stray (\S+) frame", [r"stray:\1"]),
    (r"^a \d+ without (\S+)", [r"field-absent:\1"]),
    (r"^Upgrade without the connection option", ["no-connection-option"]),
    (r"^RSV(\d) set", [r"reserved-bits:rsv\1", "rsv1-not-agreed"]),
    (r"after the Close$", ["after-close"]),
    (r"^a second Close", ["second-close"]),
    (r"^octets that are no HTTP", ["not-a-head"]),
    (r"does not inflate", ["not-inflatable"]),
    (r"^a masked", ["masked-frame"]),
    (r"^a \S+ frame of", ["control-too-long"]),
    (r"^permessage-deflate", ["parameters"]),
    (r'^"', ["value", "status-line"]),
]


def compact(report):
    """What a diagnosis needs of a run: for each set of fingerprints the instances, by case; and the instances that were not decided."""
    deviating, undecided = defaultdict(lambda: defaultdict(list)), defaultdict(list)
    for instance in report["instances"]:
        parameters = instance["id"].rsplit("@", 1)[0].removeprefix(instance["case"])
        if instance["verdict"] in DEVIATING:
            failures = [failure for failure in [instance["failure"], *instance["others"]] if failure]
            key = "|".join([instance["verdict"], *(failure["fingerprint"] for failure in failures)])
            deviating[key][instance["case"]].append(parameters)
        elif instance["verdict"] not in ("pass", "info"):
            undecided[instance["case"]].append(parameters)
    joined = {key: {case: " ".join(found) for case, found in cases.items()} for key, cases in deviating.items()}
    capabilities = [name for name, has in report["target"]["capabilities"].items() if not has]
    return {"lacks": capabilities, "undecided": {case: " ".join(found) for case, found in undecided.items()}, "deviating": joined}


@cache
def fingerprints(role):
    """The fingerprints of the index: for each requirement its places and structures."""
    found, requirements, of_role = defaultdict(list), [], False
    for line in INDEX.read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "role":
            of_role = rest.startswith(role)
        elif of_role and kind == "t":
            requirements.append(rest)
        elif of_role and kind == "s":
            number, place, structure = rest.split(" ", 2)
            found[requirements[int(number)]].append((place, structure))
    return found


def kinds(observed):
    for pattern, structures in KINDS:
        if match := re.search(pattern, observed or ""):
            return [match.expand(structure) for structure in structures]
    return ["unknown"]


def guessed(role, requirement, observed):
    known = fingerprints(role)[requirement]
    for kind in kinds(observed):
        for place, structure in known:
            if structure.split("+")[0] == kind:
                return f"v2 {requirement} {place} {structure}"
    for kind in kinds(observed):
        for place, structure in known:
            if structure.split(":")[0].split("+")[0] == kind.split(":")[0]:
                return f"v2 {requirement} {place} {kind}"
    return f"v2 {requirement} unknown {kinds(observed)[0]}"


@cache
def instances(binary, role):
    lines = subprocess.run([binary, "list", "--role", role, "--json"], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def failure(requirement, observed, fingerprint):
    return {"step": 0, "monitor": None, "requirement": requirement, "expected": "", "observed": observed, "fingerprint": fingerprint}


def of_compact(stored, known):
    """A verdict for each instance: `(verdict, failures)`."""
    if known["profile"] != "default":
        return None
    parameters = known["id"].rsplit("@", 1)[0].removeprefix(known["case"])
    holds = lambda cases: parameters in cases.get(known["case"], "-").split(" ")
    if holds(stored["undecided"]):
        return None
    for key, cases in stored["deviating"].items():
        if holds(cases):
            verdict, *prints = key.split("|")
            return verdict, [failure(print.split(" ")[1], print.split(" ")[-1], print) for print in prints]
    return "pass", []


def causes_of(audit):
    """The causes of an older audit: verdict, requirement, observation, case, the parameters of known instances, and how many there are."""
    for cause in audit.get("causes", []):
        yield cause["verdict"], cause["requirement"], cause["observed"], cause["case"], cause["variants"], cause["count"]
    for cause in audit.get("deviations", []):
        id = cause["first"].rsplit("@", 1)[0]
        case = id.split("[")[0]
        yield cause["verdict"], cause["requirement"], cause["observed"], case, [id.removeprefix(case)], cause["instances"]


def of_causes(verdicts, causes, has_all_lenient, role, known):
    """As `of_compact`, of an older audit."""
    verdict = verdicts.get(known["case"])
    parameters = known["id"].rsplit("@", 1)[0].removeprefix(known["case"])
    if verdict in ("pass", "info"):
        return verdict, []
    if verdict not in DEVIATING:
        return None
    of_case = causes.get(known["case"], [])
    for deviating, requirement, observed, _, shown, _ in of_case:
        if parameters in shown:
            if requirement.startswith(OF_SENDERS) and known["requirements"]:
                requirement = known["requirements"][0]
            return deviating, [failure(requirement, observed, guessed(role, requirement, observed))]
    is_complete = of_case and all(len(shown) == count for *_, shown, count in of_case)
    return ("pass", []) if is_complete and has_all_lenient else None


def verdicts_of_instances(audit, binary, role):
    if "diagnosis" in audit:
        return [(known, of_compact(audit["diagnosis"], known)) for known in instances(binary, role)]
    verdicts, causes = verdicts_of(audit), defaultdict(list)
    for cause in causes_of(audit):
        causes[cause[3]].append(cause)
    lenient = sum(cause[0] == "lenient" for found in causes.values() for cause in found)
    has_all = role == "server" and lenient < LENIENT_MAX
    return [(known, of_causes(verdicts, causes, has_all, role, known)) for known in instances(binary, role)]


def run_of(audit, binary):
    """The text of a report.json."""
    role = "client" if audit["role"] == "client" else "server"
    found = []
    for known, decided in verdicts_of_instances(audit, binary, role):
        if decided is None:
            continue
        verdict, failures = decided
        found.append({
            "id": known["id"], "case": known["case"], "level": "MUST", "requirements": known["requirements"], "verdict": verdict,
            "failure": failures[0] if failures else None, "others": failures[1:],
        })
    lacks = audit.get("diagnosis", {}).get("lacks", [])
    target = {"role": role, "name": audit["name"], "url": "", "capabilities": {name: False for name in lacks}, "remarks": []}
    return json.dumps({
        "schema": "wsgauntlet/report/2", "suite": audit["suite"], "target": target, "summary": audit["summary"],
        "started": "", "seed": 1, "jobs": 1, "selection": {"profile": "default", "filters": [], "partition": None, "own": []},
        "timeout_ms": 0, "interrupted": None, "deaths": [], "features": {},
        "gate": {"strict": False, "baseline": None, "status": 0, "lines": []}, "requirements": {}, "instances": found,
    })
