"""A real JupyterHub with people, groups and our service registered, for tests that need real tokens and scopes.

People log in with any password; whoever needs a token asks :meth:`Hub.token`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil

from hub_ext.contract import paths
from tests.support.ports import free_port

CONFIG = """
import json, os
told = json.loads(os.environ["HUB_TOLD"])
c.JupyterHub.bind_url = f"http://127.0.0.1:{told['port']}"
c.JupyterHub.hub_port = told["hub_port"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{told['proxy_port']}"
c.ConfigurableHTTPProxy.command = [told["bin"] + "/configurable-http-proxy"]
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.Spawner.cmd = [told["bin"] + "/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
c.SimpleLocalProcessSpawner.home_dir_template = told["homes"] + "/{username}"
c.JupyterHub.load_groups = {g: {"users": users} for g, users in told["groups"].items()}
c.JupyterHub.custom_scopes = told["custom_scopes"]
c.JupyterHub.services = told["services"]
c.JupyterHub.load_roles = told["roles"]
"""

GROUPS = {"/research": ["alice", "dan"], "/gpu": ["alice"], "/analysts": ["bob"], "/platform-admins": ["adam"]}


@dataclass
class Hub:
    """A running hub."""

    url: str
    api_url: str
    tokens: dict[str, str]
    """Service name -> token."""
    service_port: int
    process: subprocess.Popen[bytes]
    directory: Path
    _user_tokens: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """Call the hub's API, as the tests' own service unless told otherwise."""
        request = Request(  # noqa: S310 - our own hub
            f"{self.api_url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {token or self.tokens['tests']}"},
        )
        with urlopen(request, timeout=180) as answer:  # noqa: S310 - our own hub
            text = answer.read()
        return json.loads(text) if text else None

    def token(self, user: str, *scopes: str) -> str:
        """Return a token of the person: all of their rights, or only the scopes."""
        key = (user, scopes)
        if key not in self._user_tokens:
            body = {"scopes": list(scopes)} if scopes else {}
            self._user_tokens[key] = self.call("POST", f"users/{user}/tokens", body)["token"]
        return self._user_tokens[key]

    def service_environment(self) -> dict[str, str]:
        """Return the environment that a hub gives its service ``gatehouse``."""
        return {
            **os.environ,
            "JUPYTERHUB_API_TOKEN": self.tokens["gatehouse"],
            "JUPYTERHUB_API_URL": self.api_url,
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_SERVICE_NAME": "gatehouse",
            "JUPYTERHUB_SERVICE_PREFIX": "/services/gatehouse/",
            "JUPYTERHUB_CLIENT_ID": "service-gatehouse",
            "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{self.url}/services/gatehouse/oauth_callback",
        }


def _told(ports: dict[str, int], homes: Path) -> tuple[dict[str, Any], dict[str, str]]:
    reach = [paths.access_scope("gatehouse"), paths.access_scope("dask-gateway")]
    tokens = {name: os.urandom(16).hex() for name in ("gatehouse", "gatehouse-hub", "dask-gateway", "tests")}
    service_url = f"http://127.0.0.1:{ports['service']}"
    services: list[dict[str, Any]] = [
        {
            "name": "gatehouse",
            "url": service_url,
            "api_token": tokens["gatehouse"],
            "oauth_no_confirm": True,
            "oauth_redirect_uri": f"http://127.0.0.1:{ports['port']}/services/gatehouse/oauth_callback",
            "oauth_client_allowed_scopes": ["inherit"],
        },
        {"name": "gatehouse-hub", "api_token": tokens["gatehouse-hub"]},
        {"name": "dask-gateway", "api_token": tokens["dask-gateway"]},
        {"name": "tests", "api_token": tokens["tests"], "admin": True},
    ]
    decide = [paths.SCOPE_DECIDE, reach[0]]
    roles: list[dict[str, Any]] = [
        {"name": "user", "scopes": ["self", *reach]},
        {"name": "doors", "services": ["gatehouse-hub", "dask-gateway"], "scopes": decide},
        {
            "name": "gatehouse-service",
            "services": ["gatehouse"],
            "scopes": ["read:users", "list:users", "read:servers", "delete:servers", reach[1], paths.SCOPE_OPERATE],
        },
        {
            "name": "administrators",
            "groups": ["/platform-admins"],
            "scopes": [paths.SCOPE_READ, paths.SCOPE_OPERATE, paths.SCOPE_BUDGET, paths.SCOPE_POLICY],
        },
    ]
    told = {
        "port": ports["port"],
        "hub_port": ports["hub"],
        "proxy_port": ports["proxy"],
        "bin": str(Path(sys.executable).parent),
        "homes": str(homes),
        "groups": {**GROUPS, "/nobody": ["carol"]},
        "custom_scopes": paths.CUSTOM_SCOPES,
        "services": services,
        "roles": roles,
    }
    return told, tokens


@contextmanager
def running_hub(directory: Path) -> Iterator[Hub]:
    """Start a hub in the directory and stop it afterwards."""
    ports = {name: free_port() for name in ("port", "hub", "proxy", "service")}
    told, tokens = _told(ports, directory / "homes")
    (directory / "hub_config.py").write_text(CONFIG)
    log = (directory / "hub.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "-f", "hub_config.py"],
        cwd=directory,
        env={**os.environ, "HUB_TOLD": json.dumps(told)},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    api = f"http://127.0.0.1:{ports['hub']}/hub/api"
    hub = Hub(f"http://127.0.0.1:{ports['port']}", api, tokens, ports["service"], process, directory)
    try:
        _wait(hub)
        yield hub
    finally:
        started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        with suppress(ProcessLookupError):  # it did not start
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        _, left = psutil.wait_procs(started, timeout=3)
        for one in left:  # the proxy leads a session of its own, and outlives a hub that is stopped like this
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(left, timeout=3)
        log.close()


def _wait(hub: Hub) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if hub.process.poll() is not None:
            break
        try:
            hub.call("GET", "")
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the hub did not start:\n" + (hub.directory / "hub.log").read_text()[-3000:])
