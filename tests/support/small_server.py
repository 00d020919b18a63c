"""A notebook server that is ready in a tenth of a second: it answers 200 to the hub's question whether it is up.

The hub's tests start it in place of ``jupyterhub-singleuser`` where the server itself is not what is tested. It speaks
what the hub needs (``JUPYTERHUB_SERVICE_URL``), writes its environment to ``environment.json`` in its home, and starts
a detached child as a kernel may.
"""

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class Ready(BaseHTTPRequestHandler):
    """Says yes."""

    def do_GET(self) -> None:
        """Answer any address, but those of our extension where the home says that it is not there."""
        self.send_response(404 if "/gatehouse/" in self.path and Path("without-panel").exists() else 200)
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""


def main() -> None:
    """Serve until killed; end at once, if told to."""
    if Path("die-at-start").exists():
        sys.exit(3)
    if Path("slow-start").exists():
        time.sleep(float(Path("slow-start").read_text(encoding="utf-8")))
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    seen = {"environment": dict(os.environ), "child": child.pid, "pid": os.getpid(), "args": sys.argv[1:]}
    Path("environment.json").write_text(json.dumps({**seen, "directory": str(Path.cwd())}), encoding="utf-8")
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    HTTPServer(("127.0.0.1", address.port or 0), Ready).serve_forever()


if __name__ == "__main__":
    main()
