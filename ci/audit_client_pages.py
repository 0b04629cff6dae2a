"""The pages, the table and the findings of reports/audits/clients/: NAME.json says what a run found, readings.toml what it means.

A `[[reading]]` is a defect as somebody understood it, or what our testee is to blame for (severity "ours"); readings of one
title are one defect. `[[fatal]]` has the instances in which a client ends or stops for ever, `[[random]]` why two runs
against a client need not come out the same.
"""
import functools
import json
import pathlib
import re
import tomllib
from fnmatch import fnmatchcase

import audit_matrix
import audit_runs
from audit_runs import DEVIATING

AUDITS = pathlib.Path(__file__).resolve().parent.parent / "reports" / "audits" / "clients"
BROKEN = ["fail", "flaky"]
SEVERITIES = ["crash", "security", "interop", "robustness"]
COUNTED = ("pass", "lenient", "fail", "info", "inapplicable", "blocked", "flaky", "error")
TRANSCRIPT_LINES = 12
SHOWN_LINES = 5
CASES_MAX = 8
# The areas and suites in which the response is what a client has to look at.
OPENINGS = ("opening/", "closing/aborted-opening/", "deflate/negotiation-response/", "deflate/windows/")


@functools.cache
def notes():
    return tomllib.loads((AUDITS / "readings.toml").read_text())


def fatal(name):
    """The instances in which a client ends or stops for ever, so that nothing could be audited behind them."""
    return [pattern for entry in notes()["fatal"] if name in entry["clients"] for pattern in entry["instances"]]


def reading(name, id, requirement, observed):
    """What was read out of such a failure, held against the text: the first entry of readings.toml that fits."""
    for entry in notes()["reading"]:
        if (
            any(fnmatchcase(id, pattern + "*") for pattern in entry["instances"])
            and any(fnmatchcase(requirement, pattern) for pattern in entry.get("requirements", ["*"]))
            and fnmatchcase(observed, entry.get("observed", "*"))
            and name in entry.get("clients", [name])
        ):
            return entry
    return None


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


def heading(name, row, summary):
    counts = " · ".join(f"{summary[kind]} {kind}" for kind in COUNTED if summary[kind])
    return [
        f"# {name} {row['version']} ({row['language']})", "",
        f"Grade {summary['grade']} · MUST {summary['must']['met']}/{summary['must']['exercised']} · SHOULD "
        f"{summary['should']['met']}/{summary['should']['exercised']} · {counts} · {summary['duration_ms'] / 1000:.2f} s", "",
    ]


def entry_on_page(name, verdict, requirement, instances):
    first = instances[0]
    more = f" and {len(instances) - 1} more" if len(instances) > 1 else ""
    lines = ["", f"## {verdict}: `{first['id'].rsplit('@', 1)[0]}`{more}", ""]
    if first["failure"]:
        lines += [f"`{requirement}`", "", f"* expected: {first['failure']['expected']}", f"* observed: {first['failure']['observed']}",
                  f"* evidence: {', '.join(first['evidence'])}"]
        if verdict in BROKEN:
            read = reading(name, first["id"], requirement, first["failure"]["observed"])
            lines.append(f"* reading: {read['title']}. {read['says']}" if read else "* reading: none yet")
    elif first["reason"]:
        lines.append(first["reason"])
    application = (first.get("application") or {}).get("page") or []
    transcript = frames_only(first["transcript"])[-TRANSCRIPT_LINES:]
    if transcript:
        lines += ["", "```", *(line[:200] for line in transcript), *(f"page: {line}" for line in application[-6:]), "```"]
    cases = sorted({instance["case"] for instance in instances} - {first["case"]})
    if cases:
        others = f" and {len(cases) - CASES_MAX} more cases." if len(cases) > CASES_MAX else "."
        lines += ["", "Also in " + ", ".join(f"`{case}`" for case in cases[:CASES_MAX]) + others]
    return lines


def page(name, row, report, agreed):
    lines = heading(name, row, report["summary"])
    if not agreed["differing"]:
        lines += ["Played once." if agreed["runs"] == 1 else "Two runs agree.", ""]
    lines += audit_runs.told(agreed, [entry["why"] for entry in notes()["random"] if name in entry["clients"]])
    lines += [f"Note: {remark}." for remark in report["target"]["remarks"]]
    lines += [f"Left out: `{', '.join(entry['instances'])}`. {entry['says']}" for entry in notes()["fatal"] if name in entry["clients"]]
    if report.get("interrupted"):
        lines.append(f"The run is incomplete: {report['interrupted']}.")
    for (verdict, requirement, *_), instances in causes(name, report):
        lines += entry_on_page(name, verdict, requirement, instances)
    return "\n".join(lines) + "\n"


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
    # An old version stands apart, so that no page, matrix or count has it.
    folder = AUDITS / "history" if row and row.get("history") else AUDITS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(page(name, row, report, agreed))
    stored = {
        "name": name, "version": row["version"], "language": row["language"], "role": row["role"], "suite": report["suite"],
        "summary": report["summary"], **agreed,
        "cases": audit_matrix.cases((instance["case"], instance["verdict"]) for instance in report["instances"]),
        "deviations": [
            kept(verdict, requirement, instances)
            for (verdict, requirement, *_), instances in causes(name, report) if verdict != "lenient"
        ],
    }
    (folder / f"{name}.json").write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")


def rows():
    return sorted((json.loads(path.read_text()) for path in AUDITS.glob("*.json")), key=lambda row: (row["summary"]["grade"], row["name"]))


def table():
    lines = [
        "# Audits of clients", "",
        "Written by `ci/audit_clients`; each name links to its page, and all defects stand in [FINDINGS.md](FINDINGS.md). A cause",
        "is one requirement broken in one way.", "",
        "| client | version | language | grade | MUST | SHOULD | pass | lenient | fail | causes that fail | two runs | seconds |",
        "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for row in rows():
        s = row["summary"]
        failing = sum(1 for deviation in row["deviations"] if deviation["verdict"] == "fail")
        agree = "once" if row["runs"] == 1 else f"{row['differing']} differ" if row["differing"] else "agree"
        lines.append(
            f"| [{row['name']}]({row['name']}.md) | {row['version']} | {row['language']} | {s['grade']} | {s['must']['met']}/{s['must']['exercised']} | "
            f"{s['should']['met']}/{s['should']['exercised']} | {s['pass']} | {s['lenient']} | {s['fail']} | {failing} | {agree} | {s['duration_ms'] / 1000:.1f} |"
        )
    (AUDITS / "README.md").write_text("\n".join(lines) + "\n")


def defects():
    """Each distinct defect: the entries of one title, with the causes of each client that show it; and what nobody read."""
    found, unread = {}, []
    for entry in notes()["fatal"] + notes()["reading"]:
        found.setdefault(entry["title"], {"severity": entry["severity"], "entries": [], "shown": {}})["entries"].append(entry)
    for row in rows():
        for entry in notes()["fatal"]:
            if row["name"] in entry["clients"]:
                found[entry["title"]]["shown"].setdefault((row["name"], row["version"]), [])
        for cause in row["deviations"]:
            if cause["verdict"] in BROKEN:
                entry = reading(row["name"], cause["first"], cause["requirement"], cause["observed"])
                if entry:
                    found[entry["title"]]["shown"].setdefault((row["name"], row["version"]), []).append((entry, cause))
                else:
                    unread.append((row["name"], cause))
    return {title: defect for title, defect in found.items() if defect["shown"]}, unread


def finding(title, defect):
    of = [f"{name} {version} ({sum(cause['instances'] for _, cause in shown)})" if shown else f"{name} {version}" for (name, version), shown in defect["shown"].items()]
    shown = [pair for pairs in defect["shown"].values() for pair in pairs]
    lines = [f"### {title}", "", ", ".join(of) + ".", ""]
    if shown:
        # The client that shows it most often is the example.
        entry, cause = max(shown, key=lambda pair: pair[1]["instances"])
        example = next(name for (name, _), pairs in defect["shown"].items() if (entry, cause) in pairs)
        said = [entry] + [e for e in {id(e): e for e, _ in shown}.values() if e is not entry]
        requirement, seen, case = cause["requirement"], cause["observed"], cause["first"].rsplit("@", 1)[0]
        aliases = sorted({alias for _, c in shown for alias in c["autobahn"]}, key=lambda alias: [int(n) for n in alias.split(".")])
    else:
        said, aliases, example = defect["entries"], [], None
        requirement, seen, case = said[0]["requirement"], said[0]["seen"], said[0]["instances"][0]
    lines += [f"* requirement: `{requirement}`", f"* seen{f' in {example}' if example else ''}: {seen}"]
    lines += [f"* reading: {' '.join(dict.fromkeys(e['says'].removeprefix('Real. ') for e in said))}"]
    more = f" and {len(aliases) - 6} more" if len(aliases) > 6 else ""
    lines += [f"* Autobahn sees it: {'in ' + ', '.join(aliases[:6]) + more if aliases else 'no'}"]
    # What is judged over a run needs all of it.
    selected = "" if "/run/" in case else f" --case '{case}'"
    lines += [f"* replay: `wsgauntlet run client{selected} -- CLIENT {{url}}`", ""]
    if shown and cause["shown"]:
        lines += ["```", *cause["shown"], "```", ""]
    return lines


def findings():
    """Writes FINDINGS.md. Gives the number of defects, of those that Autobahn does not see, and of causes that nobody read."""
    found, unread = defects()
    own = {title: defect for title, defect in found.items() if defect["severity"] in SEVERITIES}
    lines = [
        "# Findings in clients", "",
        "Distinct defects of released clients, the most serious first; written by `ci/audit_clients --table`, of what the stored",
        "runs show and readings.toml says. Behind each client stands the number of instances that show it.", "",
    ]
    for severity in SEVERITIES:
        of = [(title, defect) for title, defect in own.items() if defect["severity"] == severity]
        lines += [f"## {severity.capitalize()} ({len(of)})", ""]
        for title, defect in of:
            lines += finding(title, defect)
    ours = [(title, defect) for title, defect in found.items() if defect["severity"] == "ours"]
    if ours:
        lines += ["## Not the clients' doing but ours", ""]
        lines += [f"* {', '.join(name for name, _ in defect['shown'])}: {title}" for title, defect in ours] + [""]
    if unread:
        lines += [f"## Not read yet ({len(unread)} causes)", ""]
        lines += [f"* {name}: `{cause['first']}`: `{cause['requirement']}`, {cause['observed']}" for name, cause in unread] + [""]
    (AUDITS / "FINDINGS.md").write_text("\n".join(lines).rstrip() + "\n")
    unseen = [d for d in own.values() if not any(c["autobahn"] for pairs in d["shown"].values() for _, c in pairs)]
    return len(own), len(unseen), len(unread)
