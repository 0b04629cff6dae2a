"""The pages and tables of reports/audits/: NAME.json says what a run found, readings.toml what it means.

A reading is a defect as somebody understood it: the instances and the requirement that show it. The implementations that
have it follow from the stored runs, unless `targets` names them. Severity "ours" is what our echo server is to blame for.
"""
import json
import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
AUDITS = ROOT / "reports" / "audits"
EIGHT = ["ws", "websocket-node", "websockets", "aiohttp", "tornado", "tungstenite", "fastwebsockets", "tokio-websockets"]
SEVERITIES = ["crash", "security", "interop", "robustness"]
BROKEN = ["fail", "flaky"]
DEVIATING = ["fail", "flaky", "error", "blocked", "lenient"]
# What a stored run keeps: how many instances of a case that fails, and how many lenient cases.
VARIANTS_MAX = 8
LENIENT_MAX = 12
COUNTED = ["pass", "lenient", "fail", "info", "inapplicable", "blocked", "flaky", "error"]


def manifest():
    rows = tomllib.loads((ROOT / "ci/targets/manifest.toml").read_text())["target"]
    return {row["name"]: row for row in rows}


def readings():
    return tomllib.loads((AUDITS / "readings.toml").read_text()).get("defect", [])


def fatal(name):
    """The instances that end this target's process, so that nothing could be audited behind them."""
    return [pattern for d in readings() if d["severity"] == "crash" and name in d.get("targets", []) for pattern in d["instances"]]


def causes(report):
    """Deviations of one verdict, requirement and case; of many instances only the first, which tell as much as all."""
    found = {}
    for instance in report["instances"]:
        if instance["verdict"] in DEVIATING:
            failure = instance["failure"] or {}
            # An instance is written without the role and the transport, which are the same for all.
            id, observed = instance["id"].rsplit("@", 1)[0], failure.get("observed") or instance["reason"]
            found.setdefault((instance["verdict"], failure.get("requirement"), instance["case"]), []).append((id, observed))
    ordered = sorted(found.items(), key=lambda item: (DEVIATING.index(item[0][0]), -len(item[1]) if item[0][0] == "lenient" else 0, item[0][2]))
    kept = [
        {
            "verdict": verdict, "requirement": requirement, "observed": shown[0][1], "count": len(shown), "case": case,
            "variants": [id.removeprefix(case) for id, _ in shown[: VARIANTS_MAX if verdict in BROKEN else 1]],
        }
        for (verdict, requirement, case), shown in ordered
    ]
    lenient = [cause for cause in kept if cause["verdict"] == "lenient"]
    return [cause for cause in kept if cause["verdict"] != "lenient"] + lenient[:LENIENT_MAX]


def store(report, row, runs, differing):
    AUDITS.mkdir(parents=True, exist_ok=True)
    kept = {
        "name": row["name"], "version": row["version"], "language": row["language"], "role": row["role"],
        "suite": report["suite"], "remarks": report["target"]["remarks"], "summary": report["summary"],
        "runs": runs, "differing": differing, "deaths": report["deaths"],
    }
    lines = [json.dumps(cause, ensure_ascii=False, separators=(",", ":")) for cause in causes(report)]
    head = json.dumps(kept, ensure_ascii=False)[:-1]
    (AUDITS / f"{row['name']}.json").write_text(head + ', "causes": [\n' + ",\n".join(lines) + "\n]}\n")


def names(pattern, id):
    """Whether a pattern names an instance: `*` is anything, and a case names all its instances."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*") + r"(\[.*\])?", id) is not None


def speaks_of(reading, audit, requirement, id):
    return (
        audit["name"] in reading.get("targets", [audit["name"]])
        and requirement in reading.get("requirements", [requirement])
        and any(names(pattern, id) for pattern in reading["instances"])
    )


def instances(cause):
    return [cause["case"] + variant for variant in cause["variants"]]


def attribute(audit, defects):
    """Gives each failing instance to the first reading that speaks of it; `audit["read"]` holds them by the reading's id."""
    audit["read"], audit["unread"] = {}, []
    for cause in audit["causes"]:
        for id in instances(cause) if cause["verdict"] in BROKEN else []:
            # What stands for many instances counts for all of them, once.
            more = cause["count"] - len(cause["variants"]) if id == instances(cause)[0] else 0
            reading = next((d for d in defects if speaks_of(d, audit, cause["requirement"], id)), None)
            if reading:
                audit["read"].setdefault(reading["id"], []).append((id, cause["observed"], 1 + more))
            else:
                audit["unread"].append((id, cause, 1 + more))


def shows(defect, audit):
    """What of a stored run shows a defect: instances with what was observed."""
    return audit["read"].get(defect["id"], [])


def has(defect, audit):
    if defect["severity"] == "crash":
        return audit["name"] in defect["targets"]
    return bool(shows(defect, audit))


def score(audit):
    s = audit["summary"]
    return f"{s['grade']} · MUST {s['must']['met']}/{s['must']['exercised']} · SHOULD {s['should']['met']}/{s['should']['exercised']}"


def known(defect, name):
    return defect.get("known", {}).get(name, "unknown")


def entry_on_page(defect, audit):
    shown = shows(defect, audit)
    seen = shown[0][1] if shown else defect["seen"]
    replay = shown[0][0] if shown else defect["instances"][0]
    count = sum(shown_for for _, _, shown_for in shown)
    more = f" (and {count - 1} more instances)" if count > 1 else ""
    lines = [
        f"## {defect['title']}", "", f"`{defect['requirement']}` · {defect['severity']} · known: {known(defect, audit['name'])} · Autobahn: {defect['autobahn']}", "",
        f"* sent: {defect['sent']}", f"* seen: {seen}{more}",
    ]
    if audit["name"] in defect.get("cause", {}):
        lines.append(f"* cause: {defect['cause'][audit['name']]}")
    return lines + [f"* replay: `wsgauntlet replay '{replay}' URL`", ""]


def page(audit, defects):
    s = audit["summary"]
    counts = " · ".join(f"{s[k]} {k}" for k in COUNTED if s[k])
    lines = [f"# {audit['name']} {audit['version']} ({audit['language']})", "", f"Grade {score(audit)} · {counts} · {s['duration_ms'] / 1000:.1f} s", ""]
    lines += [f"Note: {remark}." for remark in audit["remarks"]] + ([""] if audit["remarks"] else [])
    if audit["role"] == "proxy":
        lines += ["A proxy, in front of the server that ci/targets names: what that one does wrong shows here, too.", ""]
    left_out = fatal(audit["name"])
    if left_out:
        lines += ["Left out, since they end the process: " + ", ".join(f"`{pattern}`" for pattern in left_out) + ".", ""]
    if audit["differing"]:
        lines += [f"{audit['differing']} instances did not come out the same in {audit['runs']} runs.", ""]
    for severity in SEVERITIES:
        for defect in defects:
            if defect["severity"] == severity and has(defect, audit):
                lines += entry_on_page(defect, audit)
    for reading in defects:
        if reading["severity"] == "ours" and has(reading, audit):
            lines += [f"Not the implementation's but our echo server's doing, in {sum(count for _, _, count in shows(reading, audit))} instances: {reading['title']}.", ""]
    left = audit["unread"]
    if left:
        lines += [f"## Not read yet ({sum(count for _, _, count in left)} failing instances)", ""]
        cases = {}
        for id, cause, count in left:
            cases.setdefault((id.split("[")[0], cause["requirement"]), []).append((id, cause["observed"], count))
        for (_, requirement), ids in list(cases.items())[:30]:
            others = sum(count for _, _, count in ids) - 1
            lines.append(f"* `{ids[0][0]}`{f' and {others} more' if others else ''}: `{requirement}`, {ids[0][1]}")
        lines += [f"* and {len(cases) - 30} cases more"] if len(cases) > 30 else []
        lines.append("")
    lenient = [cause for cause in audit["causes"] if cause["verdict"] == "lenient"]
    if lenient:
        lines += ["## Lenient", ""]
        for cause in lenient:
            more = f" and {cause['count'] - 1} more" if cause["count"] > 1 else ""
            lines.append(f"* `{instances(cause)[0]}`{more}: {cause['observed']}")
        lines.append(f"* {s['lenient']} in all" if s["lenient"] > sum(cause["count"] for cause in lenient) else "")
    return "\n".join(lines).rstrip() + "\n"


def row(audit, defects, link):
    own = [d for d in defects if d["severity"] in SEVERITIES and has(d, audit)]
    old = sum(known(d, audit["name"]) != "unknown" for d in own)
    s = audit["summary"]
    same = "one run" if audit["runs"] == 1 else f"{audit['runs']} of {audit['runs']}"
    if audit["differing"]:
        same = f"{audit['differing']} instances differ"
    return (
        f"| [{audit['name']}]({link}{audit['name']}.md) | {audit['version']} | {s['grade']} | {s['must']['met']}/{s['must']['exercised']} | "
        f"{s['should']['met']}/{s['should']['exercised']} | {len(own)} | {old} | {same} | {s['duration_ms'] / 1000:.1f} |"
    )


HEAD = [
    "| implementation | version | grade | MUST | SHOULD | distinct defects | known before | runs that agree | seconds |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
]


def entry_of_finding(defect, audits):
    having = sorted((a for a in audits if has(defect, a)), key=lambda a: (a["name"] not in EIGHT, a["name"].lower()))
    if not having:
        return []
    shown = next((shows(defect, a) for a in having if shows(defect, a)), [])
    replay = shown[0][0] if shown else defect["instances"][0]
    lines = [
        f"### {defect['title']}", "", ", ".join(f"{a['name']} {a['version']}" for a in having) + ".", "",
        f"* requirement: `{defect['requirement']}`", f"* sent: {defect['sent']}", f"* seen: {defect['seen']}",
    ]
    names_having = [a["name"] for a in having]
    lines += [f"* cause in {name}: {text}" for name, text in defect.get("cause", {}).items() if name in names_having]
    lines += [f"* known in {name}: {text}" for name, text in defect.get("known", {}).items() if name in names_having]
    return lines + [f"* Autobahn sees it: {defect['autobahn']}", f"* replay: `wsgauntlet replay '{replay}' URL`", ""]


def findings(audits, defects):
    lines = [
        "# Findings", "", "Distinct defects of released implementations, the most serious first; written by `ci/audit --table`, of what the stored",
        "runs show and readings.toml says. Where nothing is said to be known, nobody was found to have reported it.", "",
    ]
    for severity in SEVERITIES:
        entries = [entry_of_finding(d, audits) for d in defects if d["severity"] == severity]
        entries = [entry for entry in entries if entry]
        if entries:
            lines += [f"## {severity.capitalize()} ({len(entries)})", "", *(line for entry in entries for line in entry)]
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
        attribute(audit, defects)
        (AUDITS / f"{audit['name']}.md").write_text(page(audit, defects))
        left = audit["unread"]
        if left:
            print(f"{audit['name']}: {sum(count for _, _, count in left)} failing instances without a reading, such as {left[0][0]}")
    for defect in defects:
        if not any(has(defect, audit) for audit in audits):
            print(f"the reading {defect['id']!r} is borne out by no stored run")
    grades = sorted(audits, key=lambda a: (a["role"] != "server", a["name"] not in EIGHT, a["summary"]["grade"] or "-", a["name"]))
    lines = ["# Audits", "", "Written by `ci/audit`; each name links to its page, and all defects stand in [FINDINGS.md](FINDINGS.md).", ""]
    (AUDITS / "README.md").write_text("\n".join(lines + HEAD + [row(audit, defects, "") for audit in grades]) + "\n")
    (AUDITS / "FINDINGS.md").write_text(findings(audits, defects))
    readme_table({audit["name"]: audit for audit in audits}, defects)
