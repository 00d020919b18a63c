"""Where a login that was opened from the panel ends: it tells the tabs with the notebooks, and closes itself."""

from typing import ClassVar

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Logged in again</title>
<style>:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif } body { margin: 4rem auto; \
max-width: 32rem; padding: 0 1rem }</style>
</head>
<body>
<h1>You are logged in again</h1>
<p>Go back to the tab with your notebooks: it goes on where it was. This one can be closed.</p>
<script>
new BroadcastChannel('jupyterlab-gatehouse:logged-in').postMessage(null);
window.close();  // a browser allows it to a tab that the panel opened
</script>
</body>
</html>
"""
"""The channel's name is that of ``labextension/src/login.ts``."""


class LoggedInHandler(JupyterHandler):
    """A page for whoever is logged in. Nobody else reaches it: jupyter-server leads them through the hub's login."""

    _track_activity: ClassVar[bool] = False  # to log in is no work on this server

    @web.authenticated
    def get(self) -> None:
        """Answer with the page."""
        self.finish(_PAGE)
