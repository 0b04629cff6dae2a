"""The pages and tables of reports/audits/, made of its NAME.json (what a run found) and readings.toml (what it means)."""
import json
import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
AUDITS = ROOT / "reports" / "audits"
EIGHT = ["ws", "websocket-node", "websockets", "aiohttp", "tornado", "tungstenite", "fastwebsockets", "tokio-websockets"]
SEVERITIES = ["crash", "security", "interop", "robustness"]
DEVIATING = ["fail", "flaky", "error", "blocked", "lenient"]


def manifest():
    rows = tomllib.loads((ROOT / "ci/targets/manifest.toml").read_text())["target"]
    return {row["name"]: row for row in rows}


def readings():
    return tomllib.loads((AUDITS / "readings.toml").read_text()).get("defect", [])


def short(id):
    """An instance without the role and the transport, which are the same for all."""
    return id.rsplit("@", 1)[0]


def causes(report):
    """Deviations of one cause, as the terminal shows them: one verdict, one fingerprint."""
    found = {}
    for instance in report["instances"]:
        if instance["verdict"] in DEVIATING:
            failure = instance["failure"] or {}
            key = (instance["verdict"], failure.get("fingerprint"), None if failure else instance["reason"])
            found.setdefault(key, []).append(instance)
    ordered = sorted(found.items(), key=lambda item: (DEVIATING.index(item[0][0]), -len(item[1]), item[1][0]["id"]))
    return [
        {
            "verdict": verdict, "fingerprint": fingerprint,
            "requirement": (instances[0]["failure"] or {}).get("requirement"),
            "observed": (instances[0]["failure"] or {}).get("observed", instances[0]["reason"]),
            "instances": [short(instance["id"]) for instance in instances],
        }
        for (verdict, fingerprint, _), instances in ordered
    ]


def store(report, row, runs, differing):
    AUDITS.mkdir(parents=True, exist_ok=True)
    kept = {
        "name": row["name"], "version": row["version"], "language": row["language"], "role": row["role"],
        "suite": report["suite"], "capabilities": report["target"]["capabilities"], "remarks": report["target"]["remarks"],
        "summary": report["summary"], "runs": runs, "differing": differing, "deaths": report["deaths"],
        "causes": causes(report),
    }
    for cause in kept["causes"]:
        # A few instances tell as much as all of them, where a case has hundreds.
        cause["count"] = len(cause["instances"])
        if cause["verdict"] != "fail":
            cause["instances"] = cause["instances"][:3]
    (AUDITS / f"{row['name']}.json").write_text(json.dumps(kept, indent=0) + "\n")


def names(pattern, id):
    """Whether a pattern of readings.toml names an instance: `*` is anything, and a case names all its instances."""
    expression = re.escape(pattern).replace(r"\*", ".*")
    return re.fullmatch(expression + r"(\[.*\])?", id) is not None


def explained(defect, audit, cause):
    """The instances of a cause that a defect accounts for."""
    if audit["name"] not in defect["targets"]:
        return []
    return [id for id in cause["instances"] if any(names(pattern, id) for pattern in defect["instances"])]


def unread(audit, defects):
    """Failing instances that no reading names."""
    ids = [(id, cause) for cause in audit["causes"] if cause["verdict"] == "fail" for id in cause["instances"]]
    return [(id, cause) for id, cause in ids if not any(explained(defect, audit, {"instances": [id]}) for defect in defects)]


def stale(audit, defects):
    """Readings of this target that no deviation of the stored run bears out."""
    return [d for d in defects if audit["name"] in d["targets"] and not any(explained(d, audit, cause) for cause in audit["causes"])]


def score(audit):
    s = audit["summary"]
    return f"{s['grade']} · MUST {s['must']['met']}/{s['must']['exercised']} · SHOULD {s['should']['met']}/{s['should']['exercised']}"


def entry(defect, heading):
    lines = [
        f"{heading} {defect['title']}", "",
        f"`{defect['requirement']}` · {defect['severity']} · known: {defect.get('known', 'unknown')} · Autobahn sees it: {defect['autobahn']}", "",
        f"* sent: {defect['sent']}", f"* seen: {defect['seen']}",
    ]
    if "lawful" in defect:
        lines.append(f"* lawful: {defect['lawful']}")
    if "cause" in defect:
        lines.append(f"* cause: {defect['cause']}")
    lines.append(f"* replay: `wsgauntlet replay '{defect['replay']}' URL`")
    lines.append("")
    return lines


def page(audit, defects):
    s = audit["summary"]
    counts = " · ".join(f"{s[k]} {k}" for k in ("pass", "lenient", "fail", "info", "inapplicable", "blocked", "flaky", "error") if s[k])
    own = [d for d in defects if audit["name"] in d["targets"]]
    lines = [
        f"# {audit['name']} {audit['version']} ({audit['language']})", "", f"Grade {score(audit)} · {counts} · {s['duration_ms'] / 1000:.1f} s", "",
    ]
    lines += [f"Note: {remark}." for remark in audit["remarks"]] + ([""] if audit["remarks"] else [])
    if audit["differing"]:
        lines += [f"{audit['differing']} instances did not come out the same in {audit['runs']} runs.", ""]
    for defect in own:
        lines += entry(defect, "##")
    left = unread(audit, defects)
    if left:
        lines += ["## Failures not read yet", ""]
        lines += [f"* `{id}`: `{cause['requirement']}`, {cause['observed']}" for id, cause in left[:40]]
        lines += [f"* and {len(left) - 40} more"] if len(left) > 40 else []
        lines.append("")
    lenient = [cause for cause in audit["causes"] if cause["verdict"] == "lenient"]
    if lenient:
        lines += ["## Lenient", ""]
        for cause in lenient:
            more = f" and {cause['count'] - 1} more" if cause["count"] > 1 else ""
            lines.append(f"* `{cause['instances'][0]}`{more}: {cause['observed']}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def row(audit, defects, link):
    own = [d for d in defects if audit["name"] in d["targets"]]
    known = sum(d.get("known", "unknown") not in ("unknown", "no") for d in own)
    s = audit["summary"]
    same = f"{audit['runs']} of {audit['runs']}" if not audit["differing"] else f"{audit['differing']} differ"
    return (
        f"| [{audit['name']}]({link}{audit['name']}.md) {audit['version']} | {s['grade']} | {s['must']['met']}/{s['must']['exercised']} | "
        f"{s['should']['met']}/{s['should']['exercised']} | {len(own)} | {known} | {same} | {s['duration_ms'] / 1000:.1f} |"
    )


HEAD = [
    "| implementation | grade | MUST | SHOULD | distinct defects | of them known | runs that agree | seconds |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
]


def findings(audits, defects):
    versions = {audit["name"]: audit["version"] for audit in audits}
    ordered = sorted(defects, key=lambda d: (SEVERITIES.index(d["severity"]), -len(d["targets"]), d["targets"][0], d["id"]))
    lines = [
        "# Findings", "", "Distinct defects of released implementations, the most serious first; written by `ci/audit --table` from readings.toml.",
        "Known means that the project, or an advisory, names it; unknown, that a search found nothing.", "",
    ]
    for severity in SEVERITIES:
        of = [d for d in ordered if d["severity"] == severity]
        if of:
            lines += [f"## {severity.capitalize()} ({len(of)})", ""]
        for defect in of:
            where = ", ".join(f"{name} {versions.get(name, '')}".strip() for name in defect["targets"])
            lines += entry(dict(defect, title=f"{where}: {defect['title']}"), "###")
    return "\n".join(lines).rstrip() + "\n"


def readme_table(stored, defects):
    """What the README shows: the eight, between its two marks, where it has them."""
    readme = ROOT / "README.md"
    text = readme.read_text()
    marks = re.compile(r"(<!-- audits -->\n).*?(<!-- /audits -->)", re.S)
    rows = [row(stored[name], defects, "reports/audits/") for name in EIGHT if name in stored]
    if marks.search(text):
        readme.write_text(marks.sub(lambda m: m[1] + "\n".join(HEAD + rows) + "\n" + m[2], text))


def write():
    audits = [json.loads(path.read_text()) for path in sorted(AUDITS.glob("*.json"))]
    defects = readings()
    for audit in audits:
        (AUDITS / f"{audit['name']}.md").write_text(page(audit, defects))
        left = unread(audit, defects)
        if left:
            print(f"{audit['name']}: {len(left)} failing instances without a reading, such as {left[0][0]}")
        for defect in stale(audit, defects):
            print(f"{audit['name']}: the reading {defect['id']} is not borne out")
    grades = sorted(audits, key=lambda a: (a["role"] != "server", a["name"] not in EIGHT, a["summary"]["grade"] or "-", a["name"]))
    lines = ["# Audits", "", "Written by `ci/audit`; each name links to its page, and all defects stand in [FINDINGS.md](FINDINGS.md).", ""]
    (AUDITS / "README.md").write_text("\n".join(lines + HEAD + [row(audit, defects, "") for audit in grades]) + "\n")
    (AUDITS / "FINDINGS.md").write_text(findings(audits, defects))
    readme_table({audit["name"]: audit for audit in audits}, defects)
