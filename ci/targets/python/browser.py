"""A testee in a browser without a window: browser.py firefox|chromium PAGE URL AGENT. Ends when the page says so."""

import http.server
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlencode

browser, page, base, agent = sys.argv[1:]
DEADLINE_S = 3600.0
PREFERENCES = 'user_pref("network.proxy.type", 0);\n'
"""For Firefox: whatever proxy the machine has is not for 127.0.0.1."""


class Handler(http.server.BaseHTTPRequestHandler):
    done = threading.Event()

    def do_GET(self):
        found = self.path.startswith("/browser.html")
        self.send_response(200 if found else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if found:
            self.wfile.write(Path(page).read_bytes())
        if self.path == "/done":
            self.done.set()

    def log_message(self, *arguments):
        """Quiet."""


def command(profile: str, url: str) -> list[str]:
    if browser == "firefox":
        (Path(profile) / "user.js").write_text(PREFERENCES)
        return ["firefox-esr", "--headless", "--no-remote", "--profile", profile, url]
    # Its sandbox does not work for root, nor in most containers.
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    return ["chromium", *flags, "--no-proxy-server", f"--user-data-dir={profile}", url]


def main() -> int:
    # As an exception, so that the browser is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    query = urlencode({"base": base, "agent": agent})
    url = f"http://127.0.0.1:{server.server_port}/browser.html?{query}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, open("browser.log", "wb") as log:
        process = subprocess.Popen(
            command(profile, url), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            done = Handler.done.wait(DEADLINE_S)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return 0 if done else 1


sys.exit(main())
