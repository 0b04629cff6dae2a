"""Every generated page under reports/audits, from what is stored and from the readings; nothing is played.

    ci/audit pages

Exit status: 0, or 1 if a disagreement with Autobahn|Testsuite has no explanation.
"""
from . import matrix
from .autobahn import pages as autobahn_pages
from .clients import tables as client_tables
from .layout import AUDITS, generated
from .servers import write as server_pages

INDEX = """# Audits

{generated}

* [Servers and proxies](pages/servers.md), and [their defects](pages/server-defects.md)
* [Clients and browsers](pages/clients.md), and [their defects](pages/client-defects.md)
* [Their grades, with the defects that a diagnosis names](pages/diagnosis.md), and [what people read beside it](pages/diagnosis-readings.md)
* A matrix of all implementations, [by area](pages/matrix.md) and [by case](pages/matrix.html)
* [Where Autobahn|Testsuite and wsgauntlet disagree](pages/autobahn.md), and who is right
* [Old versions with known bugs](readings/old-versions.md)

`ci/audit servers` and `ci/audit clients` play the suite and store the results in `data`. What each failure means, as people read it,
is in `readings`. `ci/audit pages` makes the pages of both.
"""


def run(_words, _binary):
    server_pages.write()
    client_tables.table()
    defects, unseen, unread = client_tables.findings()
    print(f"clients: {defects} distinct defects, {unseen} of them unseen by Autobahn, {unread} causes without a reading")
    matrix.write()
    (AUDITS / "README.md").write_text(INDEX.format(generated=generated("README.md")))
    return 1 if autobahn_pages.write() else 0
