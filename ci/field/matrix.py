"""The matrix: pages/matrix.md has implementations and areas, pages/matrix.html also implementations and cases.

A cell is the worst verdict of the instances of a case. Passing cells are empty; cells of cases that a run did not hold are empty
and grey. A case that no implementation fails has no row. A run stores its cases by verdict and by suite.
"""
import json
from html import escape

from .layout import DATA, PAGES, generated

ROLES = {"server": "Servers", "proxy": "Proxies", "client": "Clients"}
BROKEN = ("fail", "flaky")
DECIDED = (*BROKEN, "everywhere", "lenient", "pass")
# From the worst one on; what passes comes last, and is not stored by name.
VERDICTS = {"error": "E", "blocked": "B", "fail": "F", "flaky": "?", "everywhere": "f", "lenient": "L", "info": "i", "inapplicable": "–", "pass": ""}
STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--line:#ccc}
@media(prefers-color-scheme:dark){:root{--bg:#16181c;--fg:#e6e6e6;--line:#444}}
body{font:14px/1.4 system-ui,sans-serif;margin:1rem;background:var(--bg);color:var(--fg)}
.scroll{overflow:auto;max-height:85vh;border:1px solid var(--line)}
table{border-collapse:collapse}
td{width:1.4em;min-width:1.4em;text-align:center;border:1px solid var(--line);padding:0}
.areas td{padding:0 .4em}.areas thead th{writing-mode:horizontal-tb;transform:none;text-align:center}
th{font-weight:400;text-align:left;white-space:nowrap;background:var(--bg);padding:0 .4em;position:sticky}
tbody th{left:0}
thead th{top:0;z-index:1;vertical-align:bottom;writing-mode:vertical-rl;transform:rotate(180deg);padding:.4em 0}
thead th:first-child{z-index:2;left:0}
a{color:inherit}
.f,.e,.b,.y{background:#b3261e;color:#fff}.y{background:#7b3fa0}.w{background:#f4c7c3;color:#000}.l{background:#f2c14e;color:#000}.i{background:#cfe3ff;color:#000}
.n{color:#767676}.x{background:#8884}
"""
CLASSES = {"error": "e", "blocked": "b", "fail": "f", "flaky": "y", "everywhere": "w", "lenient": "l", "info": "i", "inapplicable": "n"}


def worst(verdicts):
    """The verdict of a case: the worst of its instances, where an instance that did not apply says nothing beside others."""
    return min(verdicts, key=list(VERDICTS).index)


def cases(instances):
    """The cases of a run, by their verdict and by suite: `{"fail": {"closing/body": "empty one-octet"}}`.

    `instances` are pairs of a case and a verdict, or "everywhere" for what fails for no other cause than most instances do.
    """
    of_case = {}
    for case, verdict in instances:
        of_case.setdefault(case, set()).add(verdict)
    stored = {}
    for case, verdicts in of_case.items():
        said = verdicts - {"inapplicable"} or verdicts
        suite, name = case.rsplit("/", 1)
        stored.setdefault(worst(said), {}).setdefault(suite, []).append(name)
    return {verdict: {suite: " ".join(names) for suite, names in suites.items()} for verdict, suites in stored.items()}


def verdicts_of(audit):
    return {
        f"{suite}/{name}": verdict
        for verdict, suites in audit.get("cases", {}).items() for suite, names in suites.items() for name in names.split()
    }


def cell(verdict):
    if verdict is None:
        return "<td class=x>"
    return "<td>" if verdict == "pass" else f"<td class={CLASSES[verdict]}>{VERDICTS[verdict]}"


def areas_of(audit):
    """Of each area how many cases fail, and how many were decided."""
    counts = {}
    for case, verdict in verdicts_of(audit).items():
        if verdict in DECIDED:
            failing, decided = counts.get(case.split("/")[0], (0, 0))
            counts[case.split("/")[0]] = (failing + (verdict in BROKEN), decided + 1)
    return counts


def loaded():
    """All stored audits that have cases, by their role and name."""
    paths = [*(DATA / "servers").glob("*.json"), *(DATA / "clients").glob("*.json")]
    audits = [audit for path in paths if (audit := json.loads(path.read_text())).get("cases")]
    return sorted(audits, key=lambda audit: (list(ROLES).index(audit["role"]), audit["name"].lower()))


def link(audit):
    return f"{'clients' if audit['role'] == 'client' else 'servers'}/{audit['name']}.md"


def counted(audits):
    return ", ".join(f"{sum(audit['role'] == role for audit in audits)} {name.lower()}" for role, name in ROLES.items())


def by_role(audits):
    of_role = {name: [audit for audit in audits if audit["role"] == role] for role, name in ROLES.items()}
    return {name: audits for name, audits in of_role.items() if audits}


def markdown(audits, areas):
    lines = [
        "# Implementations and areas", "", generated("pages/matrix.md"), "",
        "For each area: the cases that fail, of those that were decided. A case that fails only in the way in which most cases of that",
        "implementation fail is not counted. [matrix.html](matrix.html) has the cases one by one.",
    ]
    for name, of_role in by_role(audits).items():
        lines += ["", f"## {name} ({len(of_role)})", "", f"| implementation | version | grade | {' | '.join(areas)} |", f"| --- | --- | --- |{' ---: |' * len(areas)}"]
        for audit in of_role:
            counts = areas_of(audit)
            cells = ["{}/{}".format(*counts[area]) if area in counts else "" for area in areas]
            lines.append(f"| [{audit['name']}]({link(audit)}) | {audit['version']} | {audit['summary']['grade']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def area_cell(count):
    if count is None:
        return "<td class=x>"
    failing, decided = count
    return f"<td{' class=w' if failing else ''}>{failing}/{decided}"


def area_rows(audits, areas):
    for name, of_role in by_role(audits).items():
        yield f'<tr><th scope=rowgroup><b>{name}</b><td><td colspan={len(areas)}>'
        for audit in of_role:
            counts = areas_of(audit)
            cells = "".join(area_cell(counts.get(area)) for area in areas)
            yield f'<tr><th scope=row><a href="{escape(link(audit))}">{escape(audit["name"])} {escape(audit["version"])}</a><td>{audit["summary"]["grade"]}{cells}'


def html(audits, areas):
    columns = [verdicts_of(audit) for audit in audits]
    names = sorted(set().union(*columns))
    head = "".join(f'<th scope=col><a href="{escape(link(a))}">{escape(a["name"])} {escape(a["version"])}</a>' for a in audits)
    rows = []
    for name in names:
        failing = sum(column.get(name) in BROKEN for column in columns)
        if not failing:
            continue
        cells = "".join(cell(column.get(name)) for column in columns)
        rows.append(f"<tr><th scope=row>{escape(name)}<td>{failing}{cells}")
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wsgauntlet: implementations, areas and cases</title>
<style>{STYLE}</style>
<h1>Implementations and areas</h1>
<p>{counted(audits)}. A cell has the cases of an area that fail, and those that were decided; a case that only fails as most cases of that
implementation do is not counted. Each name leads to its page.</p>
<div class="scroll areas" tabindex="0" role="region" aria-label="Implementations and areas">
<table><thead><tr><th scope=col>implementation<th scope=col>grade{''.join(f'<th scope=col>{area}' for area in areas)}<tbody>
{chr(10).join(area_rows(audits, areas))}
</table></div>
<h1>Implementations and cases</h1>
<p>{len(rows)} of {len(names)} cases: those that some implementation fails. A cell is the worst verdict of a case's instances: <b>F</b> a MUST is
broken, <b>f</b> only the one that is broken in most cases of that implementation, <b>L</b> lenient, <b>?</b> flaky, <b>i</b> observed only, <b>–</b> does not apply, <b>B</b> the target was down, empty: passed. The first
column counts these implementations. <code>wsgauntlet explain CASE</code> shows its octets.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Implementations and cases">
<table><thead><tr><th scope=col>case<th scope=col>fail{head}<tbody>
{chr(10).join(rows)}
</table></div>
</html>
"""


def write():
    audits = loaded()
    areas = sorted(set().union(*(areas_of(audit) for audit in audits)))
    (PAGES / "matrix.md").write_text(markdown(audits, areas))
    (PAGES / "matrix.html").write_text(html(audits, areas))
