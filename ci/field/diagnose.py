"""Diagnoses the committed audits, and makes what is derived from that; nothing is played against a target.

    ci/audit diagnose              write src/diagnosis/standing.tsv, and pages/diagnosis.md and pages/diagnosis-readings.md in reports/audits
    ci/audit diagnose ws tornado   print what the diagnosis of these says

An audit that stores its fingerprints is diagnosed as a run is. Of older ones only a part is known: see `field.diagnosis`.
Exit status: 0, or 2 if an audit is not known.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from . import diagnosis
from .layout import DATA, PAGES, ROOT, generated
from .matrix import verdicts_of
from .servers import readings

STANDING = ROOT / "src/diagnosis/standing.tsv"
DATE = "November 2026"
HEADS = {"server": "Servers", "proxy": "Proxies", "client": "Clients"}
GRADES = ["A+", "A", "B", "C", "D", "F"]
PARTS = ["overall", "opening", "protocol"]
# Whose readings are set beside their defects one by one.
READ = ["ws", "websockets", "tungstenite", "gorilla"]


def arguments(parser):
    parser.add_argument("names", nargs="*", help="audits; without one, all")


def audits():
    rows = [json.loads(path.read_text()) for folder in ("servers", "clients") for path in sorted((DATA / folder).glob("*.json"))]
    return sorted(rows, key=lambda row: (row["role"], row["name"]))


def run(words, binary):
    known = audits()
    if unknown := set(words.names) - {audit["name"] for audit in known}:
        print(f"no audit is stored of {sorted(unknown)}", file=sys.stderr)
        return 2
    built = binary()
    if words.names:
        for audit in known:
            if audit["name"] in words.names:
                print(diagnosed(audit, built, "-v"))
        return 0
    STANDING.write_text(standing(known))
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda audit: (audit, json.loads(diagnosed(audit, built, "--json"))), known))
    (PAGES / "diagnosis.md").write_text("\n".join(page(found)).rstrip() + "\n")
    (PAGES / "diagnosis-readings.md").write_text("\n".join(beside_readings(found)).rstrip() + "\n")
    return 0


def diagnosed(audit, binary, option):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "report.json").write_text(diagnosis.run_of(audit, binary))
        return subprocess.run([binary, "diagnose", folder, option], capture_output=True, text=True, check=True).stdout


def ranges(numbers):
    """`0-5,9`, or `-`."""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts) or "-"


def standing(known):
    """The table of `src/diagnosis/standing.rs`: servers and clients, not proxies, which are not alone."""
    rows = [(audit, verdicts_of(audit)) for audit in known if audit["role"] != "proxy"]
    cases = sorted({case for _, verdicts in rows for case in verdicts})
    lines = [f"date\t{DATE}", "cases\t" + " ".join(cases)]
    for audit, verdicts in rows:
        def having(*wanted):
            return ranges(number for number, case in enumerate(cases) if verdicts.get(case, "inapplicable") in wanted)
        lines.append("\t".join([
            audit["role"], audit["name"], having("fail", "flaky"), having("everywhere"), having("lenient"),
            having("inapplicable", "blocked", "error"),
        ]))
    return "\n".join(lines) + "\n"


def page(found):
    lines = [
        "# Grades and defects of the field", "", generated("pages/diagnosis.md").replace("ci/audit pages", "ci/audit diagnose"), "",
        "The grade is that of the worst defect: F ordinary traffic fails or a process ends, D security, C interoperation at the edges,",
        "B strictness, A hygiene. Audits marked with * store a part of their instances only: their grades and defects are estimates.", "",
    ]
    for role in HEADS:
        of_role = [(audit, said) for audit, said in found if audit["role"] == role]
        lines += [f"## {HEADS[role]} ({len(of_role)})", "", *distribution(of_role), "", *table(of_role), ""]
    return lines


def distribution(found):
    lines = ["| | " + " | ".join(GRADES) + " |", "| --- |" + " ---: |" * len(GRADES)]
    for part in PARTS:
        counts = Counter(said["grades"][part]["grade"] for _, said in found)
        lines.append(f"| {part} | " + " | ".join(str(counts[grade] or "") for grade in GRADES) + " |")
    return lines


def table(found):
    lines = [
        "| implementation | version | grade | opening | protocol | explained | defects with a known cause |",
        "| --- | --- | --- | --- | --- | ---: | --- |",
    ]
    for audit, said in found:
        mark = "" if "diagnosis" in audit else "*"
        grades = " | ".join(said["grades"][part]["grade"] for part in PARTS)
        ids = ", ".join(defect["id"] for defect in said["defects"] if defect["explained"])
        share = f"{said['deviating'] - said['unexplained']}/{said['deviating']}"
        lines.append(f"| {audit['name']}{mark} | {audit['version']} | {grades} | {share} | {ids or '-'} |")
    return lines


def beside_readings(found):
    """What people read in the failures of a server, beside the defects that its diagnosis names for the same instances."""
    known = readings.defects()
    servers = [(audit, said) for audit, said in found if audit["role"] == "server"]
    rows = {}
    for audit, said in servers:
        readings.attribute(audit, known)
        rows[audit["name"]] = [row_of_reading(defect, audit, said) for defect in known if audit["read"].get(defect["id"])]
    counts = Counter(kind for of_audit in rows.values() for *_, kind in of_audit)
    lines = [
        "# Readings beside defects", "", generated("pages/diagnosis-readings.md").replace("ci/audit pages", "ci/audit diagnose"), "",
        "A reading is what a person wrote about failing instances. Beside it stand the defects that the diagnosis names for these",
        "instances: *named* by a known cause in all of them, *in part* in some of them, *not explained* where no known cause explains them.",
        "", "| readings of all servers | named | in part | not explained |", "| ---: | ---: | ---: | ---: |",
        f"| {counts.total()} | {counts['named']} | {counts['in part']} | {counts['not explained']} |", "",
    ]
    for name in READ:
        lines += [f"## {name}", "", "| reading | instances | the diagnosis | |", "| --- | ---: | --- | --- |"]
        lines += [f"| {title} | {count} | {'; '.join(titles) or '-'} | {kind} |" for title, count, titles, kind in rows[name]]
        lines += [""]
    return lines


def row_of_reading(reading, audit, said):
    ids = {id for id, _, _ in readings.shows(reading, audit)}
    named, explained = [], set()
    for defect in said["defects"]:
        shown = ids & {id.rsplit("@", 1)[0] for id in defect["instances"]}
        if shown and defect["explained"]:
            named.append(defect["title"])
            explained |= shown
    kind = "named" if explained == ids else "in part" if explained else "not explained"
    return reading["title"], len(ids), named, kind
