"""What is stored of a run against a client."""
import json

from .. import diagnosis
from ..layout import DATA, data_file, page_file
from ..matrix import cases
from .causes import BROKEN, causes, telling
from .page import page


def kept(verdict, requirement, instances):
    """What is stored of a cause."""
    first = instances[0]
    cause = {
        "verdict": verdict, "instances": len(instances), "first": first["id"], "requirement": requirement,
        "observed": (first["failure"] or {}).get("observed", first["reason"]),
    }
    if verdict in BROKEN:
        cause["autobahn"] = sorted({alias for instance in instances for alias in instance["aliases"]})
        cause["shown"] = [line[:160] for line in telling(first)]
    return cause


def store(name, row, report, agreed):
    """`agreed`: how many runs there were, and what differs between them."""
    for file in (data_file(row), page_file(row)):
        file.parent.mkdir(parents=True, exist_ok=True)
    page_file(row).write_text(page(name, row, report, agreed))
    stored = {
        "name": name, "version": row["version"], "language": row["language"], "role": row["role"], "suite": report["suite"],
        "summary": report["summary"], **agreed,
        "cases": cases((instance["case"], instance["verdict"]) for instance in report["instances"]),
        "diagnosis": diagnosis.compact(report),
        "deviations": [
            kept(verdict, requirement, instances)
            for (verdict, requirement, *_), instances in causes(name, report) if verdict != "lenient"
        ],
    }
    data_file(row).write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")


def rows():
    return sorted((json.loads(path.read_text()) for path in (DATA / "clients").glob("*.json")), key=lambda row: (row["summary"]["grade"], row["name"]))
