"""The pages and tables of reports/audits/: NAME.json says what a run found, readings.toml what it means.

A reading is a defect as somebody understood it: the instances and the requirement that show it. The implementations that
have it follow from the stored runs, unless `targets` names them. Severity "ours" is what our echo server or our suite is to blame for.
A `[[random]]` says of targets why these instances need not come out the same twice.
"""
import json
import pathlib
import re
import tomllib
from collections import Counter

import audit_matrix
import audit_proxy
import audit_runs
from audit_runs import DEVIATING, DIFFERENCES_MAX

ROOT = pathlib.Path(__file__).resolve().parent.parent
AUDITS = ROOT / "reports" / "audits"
EIGHT = ["ws", "websocket-node", "websockets", "aiohttp", "tornado", "tungstenite", "fastwebsockets", "tokio-websockets"]
SEVERITIES = ["crash", "security", "interop", "robustness"]
BROKEN = ["fail", "flaky"]
# What a stored run keeps: how many instances of a case that fails, and how many lenient cases.
VARIANTS_MAX = 8
LENIENT_MAX = 12
# What is observed in so large a share of all instances is one cause, and hides no other.
PERVASIVE_SHARE = 0.3
COUNTED = ["pass", "lenient", "fail", "info", "inapplicable", "blocked", "flaky", "error"]


def folder(row):
    """Where what is known of a target stands. An old version stands apart, so that no page, matrix or count has it."""
    return AUDITS / "history" if row.get("history") else AUDITS


def manifest():
    rows = tomllib.loads((ROOT / "ci/targets/manifest.toml").read_text())["target"]
    return {row["name"]: row for row in rows}


def readings(kind="defect"):
    return tomllib.loads((AUDITS / "readings.toml").read_text()).get(kind, [])


def fatal(name):
    """The instances that end this target's process, so that nothing could be audited behind them."""
    return [pattern for d in readings() if d["severity"] == "crash" and name in d.get("targets", []) for pattern in d["instances"]]


def pervasive(report):
    """Observations that so many instances fail for that nothing else of them would be seen: those of the head, above all."""
    seen = Counter()
    for instance in report["instances"]:
        if instance["verdict"] in BROKEN and instance["failure"]:
            seen.update({failure["observed"] for failure in [instance["failure"], *instance["others"]]})
    return {observed for observed, count in seen.items() if count > PERVASIVE_SHARE * len(report["instances"])}


def verdicts_of_cases(report):
    everywhere = pervasive(report)
    for instance in report["instances"]:
        is_hidden = instance["verdict"] in BROKEN and deviation(instance, report, everywhere)[1] in everywhere
        yield instance["case"], "everywhere" if is_hidden else instance["verdict"]


def variants(case, shown, verdict):
    """The instances of a case that are kept; of what is broken everywhere, which is filed under one case, that one's."""
    ids = [id.removeprefix(case) for id, _ in shown if id == case or id.startswith(case + "[")]
    return ids[: VARIANTS_MAX if verdict in BROKEN else 1]


def deviation(instance, report, everywhere):
    """What an instance shows: its requirement and observation; of several, the first MUST that is not broken everywhere."""
    failure = instance["failure"] or {}
    if instance["verdict"] in BROKEN and failure.get("observed") in everywhere:
        musts = (o for o in instance["others"] if report["requirements"].get(o["requirement"], {}).get("level") == "MUST")
        failure = next((o for o in musts if o["observed"] not in everywhere), failure)
    return failure.get("requirement"), failure.get("observed") or instance["reason"]


def causes(report, own=None):
    """Deviations of one verdict, requirement and case; of many instances only the first, which tell as much as all.

    `own`, for a proxy: the instances that deviate because of it, which are kept apart from the others.
    """
    found, everywhere, everywhere_first = {}, pervasive(report), {}
    for instance in report["instances"]:
        if instance["verdict"] in DEVIATING:
            # An instance is written without the role and the transport, which are the same for all.
            id = instance["id"].rsplit("@", 1)[0]
            requirement, observed = deviation(instance, report, everywhere)
            case = instance["case"]
            if instance["verdict"] in BROKEN and observed in everywhere:
                requirement, case = everywhere_first.setdefault(observed, (requirement, case))
            is_own = own is None or id in own
            found.setdefault((instance["verdict"], requirement, case, is_own), []).append((id, observed))
    ordered = sorted(found.items(), key=lambda item: (DEVIATING.index(item[0][0]), -len(item[1]) if item[0][0] == "lenient" else 0, item[0][2]))
    kept = [
        {
            "verdict": verdict, "requirement": requirement, "observed": shown[0][1], "count": len(shown), "case": case,
            "variants": variants(case, shown, verdict),
            **({} if own is None else {"own": is_own}),
        }
        for (verdict, requirement, case, is_own), shown in ordered
    ]
    lenient = [cause for cause in kept if cause["verdict"] == "lenient"]
    return [cause for cause in kept if cause["verdict"] != "lenient"] + lenient[:LENIENT_MAX]


def store(report, row, runs, differing, changes=None):
    """`differing`: the verdicts that differ, and how many deviate otherwise; `changes`: what a proxy changes of its server."""
    differences, otherwise = differing
    folder(row).mkdir(parents=True, exist_ok=True)
    undecided = Counter(i["reason"] for i in report["instances"] if i["verdict"] == "inapplicable")
    kept = {
        "name": row["name"], "version": row["version"], "language": row["language"], "role": row["role"],
        "suite": report["suite"], "remarks": report["target"]["remarks"], "summary": report["summary"],
        "runs": runs, "differing": len(differences), "differences": differences[:DIFFERENCES_MAX], "otherwise": otherwise, "deaths": report["deaths"],
        "undecided": dict(undecided.most_common()), "cases": audit_matrix.cases(verdicts_of_cases(report)),
    }
    if changes is not None:
        kept |= {"behind": row["backend"], "changes": audit_proxy.kept(changes)}
    own = None if changes is None else audit_proxy.own(changes)
    lines = [json.dumps(cause, ensure_ascii=False, separators=(",", ":")) for cause in causes(report, own)]
    head = json.dumps(kept, ensure_ascii=False)[:-1]
    (folder(row) / f"{row['name']}.json").write_text(head + ', "causes": [\n' + ",\n".join(lines) + "\n]}\n")


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


def share_decided(audit):
    """Which share of the suite says something about the target, and why not all of it."""
    undecided = audit.get("undecided", {})
    if not undecided:
        return []
    total = audit["suite"]["instances"]
    decided = total - sum(undecided.values())
    reasons = "; ".join(f"{reason} ({count})" for reason, count in list(undecided.items())[:4])
    return [f"Decided: {decided} of {total} instances, {100 * decided // total}%. What did not apply, most of all: {reasons}.", ""]


def page(audit, defects):
    s = audit["summary"]
    counts = " · ".join(f"{s[k]} {k}" for k in COUNTED if s[k])
    lines = [f"# {audit['name']} {audit['version']} ({audit['language']})", "", f"Grade {score(audit)} · {counts} · {s['duration_ms'] / 1000:.1f} s", ""]
    lines += [f"Note: {remark}." for remark in audit["remarks"]] + ([""] if audit["remarks"] else [])
    lines += share_decided(audit)
    left_out = fatal(audit["name"])
    if left_out:
        lines += ["Left out, since they end the process: " + ", ".join(f"`{pattern}`" for pattern in left_out) + ".", ""]
    lines += audit_runs.told(audit, [r["why"] for r in readings("random") if audit["name"] in r["targets"]])
    if "changes" in audit:
        lines += audit_proxy.lines(audit["changes"], audit["behind"])
    for severity in SEVERITIES:
        for defect in defects:
            if defect["severity"] == severity and has(defect, audit):
                lines += entry_on_page(defect, audit)
    for reading in defects:
        if reading["severity"] == "ours" and has(reading, audit):
            lines += [f"Not the implementation's doing but ours, in {sum(count for _, _, count in shows(reading, audit))} instances: {reading['title']}.", ""]
    passed_on = [f"{d['title']} ({sum(count for _, _, count in audit['passed_on'][d['id']])})" for d in defects if d["id"] in audit["passed_on"]]
    if passed_on:
        lines += [f"## What {audit.get('behind', 'the server behind it')} does, and the proxy passes on", "", *(f"* {line}" for line in passed_on), ""]
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


def agreement(audit):
    if audit["differing"]:
        return f"{audit['differing']} verdicts differ"
    return "one run" if audit["runs"] == 1 else f"{audit['runs']} of {audit['runs']}"


def row(audit, defects, link):
    own = [d for d in defects if d["severity"] in SEVERITIES and has(d, audit)]
    old = sum(known(d, audit["name"]) != "unknown" for d in own)
    s = audit["summary"]
    return (
        f"| [{audit['name']}]({link}{audit['name']}.md) | {audit['version']} | {s['grade']} | {s['must']['met']}/{s['must']['exercised']} | "
        f"{s['should']['met']}/{s['should']['exercised']} | {len(own)} | {old} | {agreement(audit)} | {s['duration_ms'] / 1000:.1f} |"
    )


HEAD = [
    "| implementation | version | grade | MUST | SHOULD | distinct defects | known before | runs that agree | seconds |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
]
HEAD_OF_PROXIES = [
    "| proxy | version | in front of | grade | defects of its own | it adds | it changes | it mends | runs that agree | seconds |",
    "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
]


def row_of_proxy(audit, defects):
    """How many instances deviate only through the proxy, deviate otherwise through it, and deviate no more."""
    own = [d for d in defects if d["severity"] in SEVERITIES and has(d, audit)]
    adds, changes, mends = (sum(c["count"] for c in audit.get("changes", []) if c["kind"] == kind) for kind in ("new", "changed", "fixed"))
    return (
        f"| [{audit['name']}]({audit['name']}.md) | {audit['version']} | {audit.get('behind', '-')} | {audit['summary']['grade']} | {len(own)} | "
        f"{adds} | {changes} | {mends} | {agreement(audit)} | {audit['summary']['duration_ms'] / 1000:.1f} |"
    )


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


def overview(audits, defects):
    audits = sorted(audits, key=lambda a: (a["name"] not in EIGHT, a["summary"]["grade"] or "-", a["name"]))
    servers = [audit for audit in audits if audit["role"] == "server"]
    proxies = [audit for audit in audits if audit["role"] == "proxy"]
    return [
        "# Audits", "", "Written by `ci/audit`; each name links to its page, and all defects stand in [FINDINGS.md](FINDINGS.md). The clients are in",
        "[a folder of their own](clients/README.md); [MATRIX.md](MATRIX.md) has all implementations by area, [matrix.html](matrix.html) by case.", "",
        f"## Servers ({len(servers)})", "", *HEAD, *(row(audit, defects, "") for audit in servers), "",
        f"## Proxies ({len(proxies)})", "",
        "Each is held against the server behind it, audited alone: how many instances deviate through the proxy only, deviate",
        "otherwise through it, and deviate no more.", "",
        *HEAD_OF_PROXIES, *(row_of_proxy(audit, defects) for audit in proxies),
    ]


def write():
    audits = [json.loads(path.read_text()) for path in sorted(AUDITS.glob("*.json"))]
    defects = readings()
    for path in sorted((AUDITS / "history").glob("*.json")):
        audit = json.loads(path.read_text())
        attribute(audit, defects)
        path.with_suffix(".md").write_text(page(audit, defects))
    for audit in audits:
        attribute(audit, defects)
        (AUDITS / f"{audit['name']}.md").write_text(page(audit, defects))
        left = audit["unread"]
        if left:
            print(f"{audit['name']}: {sum(count for _, _, count in left)} failing instances without a reading, such as {left[0][0]}")
    for defect in defects:
        if not any(has(defect, audit) for audit in audits):
            print(f"the reading {defect['id']!r} is borne out by no stored run")
    (AUDITS / "README.md").write_text("\n".join(overview(audits, defects)) + "\n")
    (AUDITS / "FINDINGS.md").write_text(findings(audits, defects))
    audit_matrix.write(AUDITS)
    readme_table({audit["name"]: audit for audit in audits}, defects)
