"""reports/audits/matrix.html: implementations and cases in one table, without transcripts, so that a browser bears it.

A cell is the worst verdict of a case's instances. Passing cells are empty; so are those of cases that a run did not hold,
in another colour. A run stores its cases by verdict and by suite, which is short: most of them pass.
"""
from html import escape

# From the worst one on; what passes comes last, and is not stored by name.
VERDICTS = {"error": "E", "blocked": "B", "fail": "F", "flaky": "?", "everywhere": "f", "lenient": "L", "info": "i", "inapplicable": "–", "pass": ""}
STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--line:#ccc}
@media(prefers-color-scheme:dark){:root{--bg:#16181c;--fg:#e6e6e6;--line:#444}}
body{font:14px/1.4 system-ui,sans-serif;margin:1rem;background:var(--bg);color:var(--fg)}
.scroll{overflow:auto;max-height:85vh;border:1px solid var(--line)}
table{border-collapse:collapse}
td{width:1.4em;min-width:1.4em;text-align:center;border:1px solid var(--line);padding:0}
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


def render(audits):
    audits = [audit for audit in audits if audit.get("cases")]
    audits.sort(key=lambda audit: (audit["role"] != "server", audit["name"].lower()))
    columns = [verdicts_of(audit) for audit in audits]
    names = sorted(set().union(*columns))
    head = "".join(f'<th scope=col><a href="{escape(a["name"])}.md">{escape(a["name"])} {escape(a["version"])}</a>' for a in audits)
    rows = []
    for name in names:
        failing = sum(column.get(name) in ("fail", "flaky") for column in columns)
        cells = "".join(cell(column.get(name)) for column in columns)
        rows.append(f"<tr><th scope=row>{escape(name)}<td>{failing or ''}{cells}")
    servers = sum(audit["role"] == "server" for audit in audits)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wsgauntlet: implementations and cases</title>
<style>{STYLE}</style>
<h1>Implementations and cases</h1>
<p>{servers} servers and {len(audits) - servers} proxies, {len(names)} cases. A cell is the worst verdict of a case's instances: <b>F</b> a MUST is
broken, <b>f</b> only the one that is broken in most cases of that implementation, <b>L</b> lenient, <b>?</b> flaky, <b>i</b> observed only, <b>–</b> does not apply, <b>B</b> the target was down, empty: passed. The first
column counts the implementations that fail. <code>wsgauntlet explain CASE</code> shows its octets; each name leads to its page.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Implementations and cases">
<table><thead><tr><th scope=col>case<th scope=col>fail{head}<tbody>
{chr(10).join(rows)}
</table></div>
</html>
"""
