"""The command line: `ci/audit COMMAND`. Each command is a module with `run`, and mostly `arguments`."""
import argparse
import pathlib
import sys
import unittest

from . import diagnose, gates, pages, play, volume
from .autobahn import command as autobahn
from .autobahn import suite
from .clients import command as clients
from .layout import ROOT
from .servers import command as servers

PLAYING = {"servers": servers, "clients": clients, "gates": gates, "autobahn": autobahn, "volume": volume, "diagnose": diagnose}
HELP = {
    "servers": "audit servers and proxies",
    "clients": "audit clients and browsers",
    "all": "audit everything, then write the pages",
    "pages": "write the pages, from what is stored and from the readings",
    "diagnose": "diagnose what is stored: grades, defects, and where a target stands",
    "gates": "gate released implementations with their baselines",
    "autobahn": "compare the verdicts of Autobahn|Testsuite with ours",
    "volume": "compare what compression cases cost in both",
    "wstest": "install and run Autobahn|Testsuite itself",
    "test": "run the tests of this package",
}


def parser():
    of_all = argparse.ArgumentParser(prog="ci/audit", description=__doc__.splitlines()[0])
    commands = of_all.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in HELP.items():
        module = PLAYING.get(name)
        described = module.__doc__ if module else suite.__doc__ if name == "wstest" else text
        one = commands.add_parser(name, help=text, description=described, formatter_class=argparse.RawDescriptionHelpFormatter)
        if module:
            module.arguments(one)
            one.add_argument("--binary", type=pathlib.Path, help="use this wsgauntlet (or WSGAUNTLET in the environment) and build none")
        if name == "all":
            one.add_argument("--once", action="store_true", help="play once")
            one.add_argument("--binary", type=pathlib.Path)
        if name == "wstest":
            suite.arguments(one)
    return of_all


def audit_all(words):
    binary = play.binary(words.binary)
    rest = ["--once"] if words.once else []
    status = max(run_one([name, "*", *rest], binary) for name in ("servers", "clients"))
    return max(status, pages.run(None, None))


def run_one(words, binary):
    parsed = parser().parse_args(words)
    return PLAYING[parsed.command].run(parsed, lambda: binary)


def main():
    words = sys.argv[1:]
    # Everything after `--` is a client's command, which has options of its own.
    cut = words.index("--") if "--" in words else len(words)
    parsed = parser().parse_args(words[:cut])
    if parsed.command == "wstest":
        return suite.run(parsed, words[cut + 1:])
    if parsed.command == "pages":
        return pages.run(None, None)
    if parsed.command == "all":
        return audit_all(parsed)
    if parsed.command == "test":
        tests = unittest.defaultTestLoader.discover(str(ROOT / "ci/field/tests"), top_level_dir=str(ROOT / "ci"))
        return 0 if unittest.TextTestRunner().run(tests).wasSuccessful() else 1
    # A mistake in the arguments is reported before anything is built.
    return PLAYING[parsed.command].run(parsed, lambda: play.binary(parsed.binary))


if __name__ == "__main__":
    sys.exit(main())
