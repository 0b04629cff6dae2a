"""Pictures of the page of `run client --browser`, amid the run and at its end: browser_picture.py URL FOLDER.

Chromium is driven over a pipe, as `--remote-debugging-pipe` has it: JSON messages that end in a NUL.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

WAIT_S_MAX = 240
AMID_S = 8


class Chromium:
    def __init__(self, profile):
        command_read, self.commands = os.pipe()
        self.answers, answer_write = os.pipe()

        def wire():
            # The browser reads from 3 and writes to 4; first out of the way of each other.
            low, high = os.dup(command_read), os.dup(answer_write)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--window-size=1100,900", f"--user-data-dir={profile}", "--remote-debugging-pipe"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=wire, close_fds=False,
        )
        self.read, self.number, self.session = b"", 0, None

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.read:
                self.read += os.read(self.answers, 1 << 20)
            answer, self.read = self.read.split(b"\0", 1)
            answer = json.loads(answer)
            if answer.get("id") == self.number:
                return answer["result"]

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


def main(url, folder):
    folder = pathlib.Path(folder)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Chromium(profile)
        try:
            target = browser.call("Target.createTarget", url=url)["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            began, amid = time.monotonic(), False
            while time.monotonic() - began < WAIT_S_MAX:
                title = browser.call("Runtime.evaluate", expression="document.title")["result"].get("value")
                if title == "wsgauntlet: done":
                    break
                if not amid and time.monotonic() - began > AMID_S:
                    browser.picture(folder / "page-amid.png")
                    amid = True
                time.sleep(0.1)
            browser.picture(folder / "page.png")
        finally:
            browser.process.terminate()
            browser.process.wait()


main(*sys.argv[1:])
