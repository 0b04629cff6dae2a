"""The page of one server or proxy: reports/audits/pages/servers/NAME.md."""
from .. import agreement, proxy
from ..layout import AUDITS, generated, page_file
from ..targets import fatal, readings
from .readings import SEVERITIES, has, instances, known, shows

COUNTED = ["pass", "lenient", "fail", "info", "inapplicable", "blocked", "flaky", "error"]


def score(audit):
    s = audit["summary"]
    return f"{s['grade']} · MUST {s['must']['met']}/{s['must']['exercised']} · SHOULD {s['should']['met']}/{s['should']['exercised']}"


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
    lines = [f"# {audit['name']} {audit['version']} ({audit['language']})", "", f"Grade {score(audit)} · {counts} · {s['duration_ms'] / 1000:.1f} s", "", generated(page_file(audit).relative_to(AUDITS)), ""]
    lines += [f"Note: {remark}." for remark in audit["remarks"]] + ([""] if audit["remarks"] else [])
    lines += share_decided(audit)
    left_out = fatal(audit["name"])
    if left_out:
        lines += ["Left out, since they end the process: " + ", ".join(f"`{pattern}`" for pattern in left_out) + ".", ""]
    lines += agreement.described(audit, [r["why"] for r in readings("servers").get("random", []) if audit["name"] in r["targets"]])
    if "changes" in audit:
        lines += proxy.lines(audit["changes"], audit["behind"])
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
