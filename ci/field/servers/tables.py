"""The pages about all servers and proxies: the table, and their defects, gravest first; and the table in the README."""
import re

from ..layout import ROOT, generated
from .readings import SEVERITIES, has, known, shows

EIGHT = ["ws", "websocket-node", "websockets", "aiohttp", "tornado", "tungstenite", "fastwebsockets", "tokio-websockets"]
HEAD = [
    "| implementation | version | grade | MUST | SHOULD | distinct defects | known before | runs that agree | seconds |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
]
HEAD_OF_PROXIES = [
    "| proxy | version | in front of | grade | defects of its own | it adds | it changes | it mends | runs that agree | seconds |",
    "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
]


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


def row_of_proxy(audit, defects):
    """How many instances deviate only through the proxy, deviate otherwise through it, and deviate no more."""
    own = [d for d in defects if d["severity"] in SEVERITIES and has(d, audit)]
    adds, changes, mends = (sum(c["count"] for c in audit.get("changes", []) if c["kind"] == kind) for kind in ("new", "changed", "fixed"))
    return (
        f"| [{audit['name']}](servers/{audit['name']}.md) | {audit['version']} | {audit.get('behind', '-')} | {audit['summary']['grade']} | {len(own)} | "
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
        "# Defects of servers and proxies", "", generated("pages/server-defects.md"), "",
        "Distinct defects, gravest first. If a defect is not marked as known, we found no report of it.", "",
    ]
    for severity in SEVERITIES:
        entries = [entry_of_finding(d, audits) for d in defects if d["severity"] == severity]
        entries = [entry for entry in entries if entry]
        if entries:
            lines += [f"## {severity.capitalize()} ({len(entries)})", "", *(line for entry in entries for line in entry)]
    return "\n".join(lines).rstrip() + "\n"


def readme_table(stored, defects):
    """Writes the table of the eight into the README, between its two marks."""
    readme = ROOT / "README.md"
    text = readme.read_text()
    marks = re.compile(r"(<!-- audits -->\n).*?(<!-- /audits -->)", re.S)
    rows = [row(stored[name], defects, "reports/audits/pages/servers/") for name in EIGHT if name in stored]
    if marks.search(text):
        readme.write_text(marks.sub(lambda m: m[1] + "\n".join(HEAD + rows) + "\n" + m[2], text))


def overview(audits, defects):
    audits = sorted(audits, key=lambda a: (a["name"] not in EIGHT, a["summary"]["grade"] or "-", a["name"]))
    servers = [audit for audit in audits if audit["role"] == "server"]
    proxies = [audit for audit in audits if audit["role"] == "proxy"]
    return [
        "# Servers and proxies", "", generated("pages/servers.md"), "", "Each name links to its page. [Their defects](server-defects.md).", "",
        f"## Servers ({len(servers)})", "", *HEAD, *(row(audit, defects, "servers/") for audit in servers), "",
        f"## Proxies ({len(proxies)})", "",
        "Each is compared with the server behind it, which was audited alone: how many instances deviate only through the proxy (it",
        "adds), deviate differently through it (it changes), and no longer deviate (it mends).", "",
        *HEAD_OF_PROXIES, *(row_of_proxy(audit, defects) for audit in proxies),
    ]
