#!/usr/bin/env python3
"""Tests of the manager itself; they install nothing: python3 ci/targets/test_targets.py"""

import socket
import sys
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

import process
from layout import SOURCES, TargetError, fill
from manifest import ManifestError, load, parse

ROW = {"role": "server", "language": "L", "package": "p", "version": "1", "env": "e", "start": ["true"], "port": 20998}
ENVS = {"e": {"kind": "none"}}
LISTEN = "import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True); time.sleep(600)"


def parse_one(**changes):
    return parse({"env": ENVS, "target": [{"name": "t", **ROW, **changes}]})


class TheManifest(unittest.TestCase):
    def test_the_real_one_is_accepted_and_its_files_exist(self):
        manifest = load(SOURCES / "manifest.toml")
        words = [word for target in manifest.targets.values() for word in (*target.start, *target.render)]
        named = [word.replace("{src}/", "") for word in words if word.startswith("{src}/")]
        named += [name for target in manifest.targets.values() for name in target.render]
        named += [name for env in manifest.envs.values() for name in env.sources]
        self.assertEqual([name for name in named if not (SOURCES / name).exists()], [])

    def test_what_it_cannot_mean_is_an_error(self):
        faults = {
            "unknown keys: colour": {"colour": "red"},
            "role is 'peer'": {"role": "peer"},
            "port must be a int": {"port": "20998"},
            "port 80 is not in": {"port": 80},
            "no env is named x": {"env": "x"},
            "a name is kebab-case": {"name": "No Name"},
            "has a backend": {"backend": "t"},
            "echo is 'some'": {"echo": "some"},
        }
        for message, changes in faults.items():
            with self.subTest(message), self.assertRaisesRegex(ManifestError, message):
                parse_one(**changes)

    def test_a_missing_key_an_unpinned_package_and_a_shared_port_are_errors(self):
        with self.assertRaisesRegex(ManifestError, "missing keys: role"):
            parse({"env": ENVS, "target": [{"name": "t"} | {k: v for k, v in ROW.items() if k != "role"}]})
        with self.assertRaisesRegex(ManifestError, "has no exact version"):
            parse({"env": {"e": {"kind": "pip", "packages": ["websockets"]}}, "target": [{"name": "t", **ROW}]})
        with self.assertRaisesRegex(ManifestError, "share port 20998"):
            parse({"env": ENVS, "target": [{"name": "a", **ROW}, {"name": "b", **ROW}]})

    def test_only_known_placeholders_are_filled(self):
        self.assertEqual(fill("events { port {port} } {other}", {"port": "1"}), "events { port 1 } {other}")


class OldVersions(unittest.TestCase):
    """Rows with `history = true` are apart from the field: no pattern selects one (ci/field/tests), and no table has one."""

    def test_no_table_has_one(self):
        old = {row.name for row in load(SOURCES / "manifest.toml").targets.values() if row.history}
        self.assertTrue(old)
        data = SOURCES.parents[1] / "reports" / "audits" / "data"
        stored = {path.stem for folder in ("servers", "clients") for path in (data / folder).glob("*.json")}
        self.assertTrue(stored)
        self.assertEqual(stored & old, set())


class AProcess(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        state = patch("layout.STATE", Path(folder.name))
        state.start()
        self.addCleanup(state.stop)

    def target(self, code: str):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with patch("manifest.PORT_MIN", 0), patch("manifest.PORT_MAX", 65535):
            manifest = parse_one(start=[sys.executable, "-c", code.replace("{port}", str(port))], port=port)
        target = manifest.targets["t"]
        self.addCleanup(process.stop, target)
        return target

    def test_starts_once_and_stops_whole(self):
        target = self.target("import subprocess; subprocess.run(['" + sys.executable + "', '-c', \"\"\"" + LISTEN + '"""])')
        session = process.start(target)
        self.assertEqual(process.start(target), session)
        self.assertTrue(process.accepts(target.port))
        self.assertTrue(process.stop(target))
        self.assertFalse(process.accepts(target.port))
        self.assertFalse(process.stop(target))

    def test_one_that_ignores_sigterm_is_killed(self):
        target = self.target("import signal; signal.signal(15, signal.SIG_IGN); " + LISTEN)
        process.start(target)
        with patch("process.STOP_GRACE_S", 0.1):
            self.assertTrue(process.stop(target))
        self.assertIsNone(process.running(target))

    def test_one_that_dies_shows_its_last_words(self):
        target = self.target("raise SystemExit('the reason')")
        with self.assertRaisesRegex(TargetError, r"died with status 1 before(.|\n)*the reason"):
            process.start(target)
        self.assertIsNone(process.running(target))

    def test_a_stranger_on_the_port_is_not_taken_for_it(self):
        target = self.target(LISTEN)
        with socket.create_server(("127.0.0.1", target.port)):
            with self.assertRaisesRegex(TargetError, "another process has port"):
                process.start(target)

    def test_a_recycled_pid_is_not_taken_for_it(self):
        target = self.target(LISTEN)
        process.start(target)
        path = process._pid_path(target)
        real = path.read_text()
        path.write_text(real.replace('"started": ', '"started": 1'))
        self.assertIsNone(process.running(target))
        path.write_text(real)


if __name__ == "__main__":
    # A target outlives the Popen that started it; that is what Python would warn of.
    unittest.main(warnings="ignore")
