"""reports/audits/pages/autobahn.md: data/autobahn/NAME.json says where the two suites disagree, readings/autobahn.toml why.

A reading is one disagreement as somebody understood it, against the text of the RFC: `autobahn` and `instances` are
patterns of the cases that show it, `theirs` and `ours` what each said, `observed` what ours saw. `right` names who judges
by the text: "ours", "theirs", "neither", or "both", where the text leaves the behaviour open and only the strictness
differs. Each disagreement belongs to the first reading that speaks of it. One that none speaks of, and a reading that
speaks of none, is a problem.
"""
import json
import tomllib

from ..layout import DATA, PAGES, ROOT, generated
from ..layout import READINGS as FOLDER
from ..servers.readings import names

STORED = DATA / "autobahn"
READINGS = FOLDER / "autobahn.toml"
RIGHT = {
    "ours": "ours is right",
    "theirs": "theirs is right",
    "both": "a matter of strictness",
    "neither": "neither is right",
}
KEYS = {"id", "title", "right", "autobahn", "instances", "theirs", "ours", "requirement", "requirements", "observed", "targets", "text"}


def number(case):
    return [int(part) for part in case.split(".")]


def store(row, version, compared, agreed, disagreements, unnamed):
    """What is alike but for the case stands in one line, so that `git diff` shows what a later run changes."""
    STORED.mkdir(parents=True, exist_ok=True)
    head = {
        "name": row["name"], "version": row["version"], "language": row["language"], "role": row["role"],
        "suite": version, "compared": compared, "agreed": agreed, "unnamed": unnamed,
    }
    groups = {}
    for one in disagreements:
        what = {key: value for key, value in one.items() if key not in ("autobahn", "instance")}
        groups.setdefault(json.dumps(what, ensure_ascii=False), (what, {}))[1][one["autobahn"]] = one["instance"]
    lines = [json.dumps(what | {"cases": cases}, ensure_ascii=False, separators=(",", ":")) for what, cases in groups.values()]
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "disagreements": [\n' + ",\n".join(lines) + "\n]}\n"
    (STORED / f"{row['name']}.json").write_text(text)


def restored(path):
    """A stored target, with one entry for each disagreement."""
    target = json.loads(path.read_text())
    target["disagreements"] = [
        {**{key: value for key, value in group.items() if key != "cases"}, "autobahn": case, "instance": instance}
        for group in target["disagreements"] for case, instance in group["cases"].items()
    ]
    return target


def readings():
    found = tomllib.loads(READINGS.read_text()).get("reading", [])
    quotes = catalogue()
    for one in found:
        unknown = one.keys() - KEYS
        if unknown or one["right"] not in RIGHT or one["requirement"] not in quotes:
            raise SystemExit(f"{READINGS}: {one.get('id')}: {', '.join(unknown) or one['right'] + ', ' + one['requirement']} is not known")
    return found


def catalogue():
    """The requirements with their quotes, by id."""
    files = sorted((ROOT / "cases" / "requirements").glob("*.toml"))
    return {row["id"]: row for file in files for row in tomllib.loads(file.read_text())["requirement"]}


def any_names(patterns, id):
    return any(names(pattern, id) for pattern in patterns)


def speaks_of(reading, target, one):
    return (
        target["name"] in reading.get("targets", [target["name"]])
        and any_names(reading["autobahn"], one["autobahn"])
        and any_names(reading["instances"], one["instance"])
        and said(one) in reading["theirs"]
        and one["verdict"] in reading["ours"]
        and one["requirement"] in reading.get("requirements", [one["requirement"]])
        and any_names(reading.get("observed", ["*"]), one["observed"] or "")
    )


def said(one):
    """What Autobahn said; how the connection ended only where that is not OK."""
    return one["behavior"] if one["close"] == "OK" else f"{one['behavior']}, close {one['close']}"


def attribute(targets, found):
    """The disagreements of each reading, by its id, each with its target; and those that no reading speaks of."""
    read, unread = {reading["id"]: [] for reading in found}, []
    for target in targets:
        for one in target["disagreements"]:
            reading = next((reading for reading in found if speaks_of(reading, target, one)), None)
            (read[reading["id"]] if reading else unread).append((target, one))
    return read, unread


def overview(targets, found, read):
    lines = ["| target | version | compared | not compared | agree | disagree | why |", "| --- | --- | ---: | ---: | ---: | ---: | --- |"]
    for target in targets:
        counts = {r["id"]: sum(other is target for other, _ in read[r["id"]]) for r in found}
        why = ", ".join(f"[{id}](#{id}) {count}" for id, count in counts.items() if count)
        agreed, name = sum(target["agreed"].values()), target["name"]
        own = f"clients/{name}.md" if target["role"] == "client" else f"servers/{name}.md"
        linked = f"[{name}]({own})" if (PAGES / own).exists() else name
        lines.append(
            f"| {linked} | {target['version']} | {target['compared']} | {len(target['unnamed'])} | {agreed} | "
            f"{len(target['disagreements'])} | {why or '-'} |"
        )
    return lines


def entry(reading, shown, quotes):
    requirement = quotes[reading["requirement"]]
    section = reading["requirement"].split("/")
    groups = {}
    for target, one in shown:
        group = groups.setdefault((one["autobahn"], one["instance"], said(one), one["verdict"]), {})
        group.setdefault(one["observed"] or "as expected", []).append(target["name"])
    lines = [
        f"## {reading['id']}", "", f"{reading['title']}. **{RIGHT[reading['right']].capitalize()}.** Disagreements: {len(shown)}.", "",
        f"> {requirement['quote']} ({section[0].upper().replace('RFC', 'RFC ')} §{section[1]}, {requirement['level']})", "",
        reading["text"].strip(), "", "| Autobahn | instance | Autobahn says | wsgauntlet says | observed, of which targets |", "| --- | --- | --- | --- | --- |",
    ]
    for (case, instance, theirs, ours), seen in sorted(groups.items(), key=lambda item: number(item[0][0])):
        shown_by = "; ".join(f"{observed}: {', '.join(having)}" for observed, having in seen.items()).replace("|", "\\|")
        lines.append(f"| {case} | `{instance}` | {theirs} | {ours} | {shown_by} |")
    return lines + [""]


def page(targets, found, read):
    quotes = catalogue()
    compared, agreed = sum(s["compared"] for s in targets), sum(sum(s["agreed"].values()) for s in targets)
    clients = sum(target["role"] == "client" for target in targets)
    by_right = {right: sum(len(read[r["id"]]) for r in found if r["right"] == right) for right in RIGHT}
    lines = [
        "# Where Autobahn|Testsuite and wsgauntlet disagree", "",
        generated("pages/autobahn.md"), "",
        "`ci/audit autobahn --store NAME` stores what both say about a target. `ci/audit pages` fails if a disagreement has no explanation.", "",
        f"{len(targets) - clients} servers and proxies and {clients} clients, {compared} cases compared: the two agree in {agreed}, and disagree in {compared - agreed}, for {len(found)} reasons. "
        + "; ".join(f"{what}: {by_right[right]}" for right, what in RIGHT.items()) + ".", "",
        "Not compared is what needs something that the target lacks, such as an echo.", "",
        *overview(targets, found, read), "",
    ]
    return "\n".join(lines + [line for r in found for line in entry(r, read[r["id"]], quotes)]).rstrip() + "\n"


def print_unread(unread):
    """What was said and seen, so that one reading may explain all of a line."""
    groups = {}
    for target, one in unread:
        seen = f"Autobahn {said(one)}, wsgauntlet {one['verdict']} ({one['requirement']}): {one['observed']}"
        groups.setdefault((target["name"], seen), []).append(f"{one['autobahn']} {one['instance']}")
    for (name, seen), cases in groups.items():
        print(f"{name}: no reading for {len(cases)} disagreements: {seen}\n    such as {'; '.join(cases[:3])}")


def write():
    """Writes the page, and says how many problems there are."""
    targets = sorted((restored(path) for path in STORED.glob("*.json")), key=lambda target: (target["role"] == "client", target["name"]))
    found = readings()
    read, unread = attribute(targets, found)
    stale = [reading["id"] for reading in found if not read[reading["id"]]]
    print_unread(unread)
    for id in stale:
        print(f"no stored run shows the reading {id!r}")
    if not unread:
        (PAGES / "autobahn.md").write_text(page(targets, found, read))
    return len(unread) + len(stale)
