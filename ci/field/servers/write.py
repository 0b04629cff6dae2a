"""Writes every page about servers and proxies from what is stored and from the readings."""
import json

from ..layout import DATA, PAGES, page_file
from . import tables
from .page import page
from .readings import attribute, defects, has


def stored(folder):
    return [json.loads(path.read_text()) for path in sorted((DATA / folder).glob("*.json"))]


def write():
    """Writes the pages, and prints what nobody has read yet, and readings that no stored run shows."""
    entries, audits, old = defects(), stored("servers"), stored("history/servers")
    for audit in [*audits, *old]:
        attribute(audit, entries)
        file = page_file(audit | {"history": audit in old})
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page(audit, entries))
    for audit in audits:
        if left := audit["unread"]:
            print(f"{audit['name']}: {sum(count for _, _, count in left)} failing instances without a reading, such as {left[0][0]}")
    for entry in entries:
        if not any(has(entry, audit) for audit in audits):
            print(f"no stored run shows the reading {entry['id']!r}")
    (PAGES / "servers.md").write_text("\n".join(tables.overview(audits, entries)) + "\n")
    (PAGES / "server-defects.md").write_text(tables.findings(audits, entries))
    tables.readme_table({audit["name"]: audit for audit in audits}, entries)
