"""The pages about all clients: the table, and their defects, gravest first."""
from ..layout import PAGES, generated
from ..targets import readings
from .causes import BROKEN
from .readings import SEVERITIES, reading
from .store import rows


def table():
    lines = [
        "# Clients and browsers", "", generated("pages/clients.md"), "",
        "Each name links to its page. [Their defects](client-defects.md). A cause is one requirement, broken in one way.", "",
        "| client | version | language | grade | MUST | SHOULD | pass | lenient | fail | causes that fail | two runs | seconds |",
        "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for row in rows():
        s = row["summary"]
        failing = sum(1 for deviation in row["deviations"] if deviation["verdict"] == "fail")
        agree = "once" if row["runs"] == 1 else f"{row['differing']} differ" if row["differing"] else "agree"
        lines.append(
            f"| [{row['name']}](clients/{row['name']}.md) | {row['version']} | {row['language']} | {s['grade']} | {s['must']['met']}/{s['must']['exercised']} | "
            f"{s['should']['met']}/{s['should']['exercised']} | {s['pass']} | {s['lenient']} | {s['fail']} | {failing} | {agree} | {s['duration_ms'] / 1000:.1f} |"
        )
    (PAGES / "clients.md").write_text("\n".join(lines) + "\n")


def defects():
    """Each distinct defect: the entries of one title, with the causes of each client that show it; and what nobody read."""
    found, unread = {}, []
    for entry in readings("clients")["fatal"] + readings("clients")["reading"]:
        found.setdefault(entry["title"], {"severity": entry["severity"], "entries": [], "shown": {}})["entries"].append(entry)
    for row in rows():
        for entry in readings("clients")["fatal"]:
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
    """Writes pages/client-defects.md. Gives the number of defects, of those that Autobahn does not see, and of causes that nobody read."""
    found, unread = defects()
    own = {title: defect for title, defect in found.items() if defect["severity"] in SEVERITIES}
    lines = [
        "# Defects of clients", "", generated("pages/client-defects.md"), "",
        "Distinct defects, gravest first. The number after each client is the number of instances that show the defect.", "",
    ]
    for severity in SEVERITIES:
        of = [(title, defect) for title, defect in own.items() if defect["severity"] == severity]
        lines += [f"## {severity.capitalize()} ({len(of)})", ""]
        for title, defect in of:
            lines += finding(title, defect)
    ours = [(title, defect) for title, defect in found.items() if defect["severity"] == "ours"]
    if ours:
        lines += ["## Faults of our test clients", ""]
        lines += [f"* {', '.join(name for name, _ in defect['shown'])}: {title}" for title, defect in ours] + [""]
    if unread:
        lines += [f"## Not read yet ({len(unread)} causes)", ""]
        lines += [f"* {name}: `{cause['first']}`: `{cause['requirement']}`, {cause['observed']}" for name, cause in unread] + [""]
    (PAGES / "client-defects.md").write_text("\n".join(lines).rstrip() + "\n")
    unseen = [d for d in own.values() if not any(c["autobahn"] for pairs in d["shown"].values() for _, c in pairs)]
    return len(own), len(unseen), len(unread)
