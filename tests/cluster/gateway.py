"""A real ``dask-gateway-server`` with our configuration, as a test starts, kills and restarts it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from hub_ext import cgroups
from hub_ext.processes import terminate_tagged
from hub_ext.witness.register import Register
from tests.support.ports import free_port

T = TypeVar("T")
CONFIG = """
import json, os
from hub_ext.cluster.config import dask_command
from hub_ext.wiring.gateway import configure_gateway
told = json.loads(os.environ["GATEWAY_TOLD"])
configure_gateway(c, **told["gateway"])
c.GatehouseSettings.request_timeout = 3.0
c.DBBackendBase.cluster_heartbeat_period = told["heartbeat"]
c.GatehouseLocalBackend.shrink_grace = told["shrink_grace"]
c.GatehouseLocalBackend.leftover_check_seconds = told["leftover_check"]
c.GatehouseLocalBackend.client_check_seconds = told["client_check"]
if not told["nanny"]:
    c.GatehouseLocalClusterConfig.worker_cmd = dask_command("worker") + ["--no-nanny"]
c.JupyterHubAuthenticator.cache_max_age = 0
c.JupyterHubAuthenticator.hub_timeout = 2.0
"""


@dataclass
class Answer:
    """Status and JSON body."""

    status: int
    body: Any


def until(what: str, ready: Callable[[], T | None], within: float = 60.0) -> T:
    """Wait until ``ready`` returns something true, and return it."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = ready()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {within} s: {what}")


@dataclass
class Gateway:
    """One gateway: its addresses, and its process, which may change."""

    directory: Path
    hub_api_url: str
    service_url: str
    token: str
    heartbeat: int = 1
    """Seconds between heartbeats: a fifth of the product's, so that tests wait less."""
    nanny: bool = False
    """Whether workers have one, as in the product; without it they start and stop sooner."""
    more: str = ""
    """Lines at the end of its configuration file."""
    shrink_grace: float = 60.0
    """Seconds in which a scheduler may retire workers by itself."""
    client_check: float = 1.0
    """Seconds between two questions to a scheduler for its clients."""
    leftover_check: float = 1.0
    """Seconds between two searches for processes that it does not know."""
    environment: dict[str, str] = field(default_factory=dict)
    """More of it for the gateway's process."""
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("public", "private", "tcp")})
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What ``Gateway(address=...)`` takes."""
        return f"http://127.0.0.1:{self.ports['public']}/services/dask-gateway"

    @property
    def private_url(self) -> str:
        """Where schedulers report."""
        return f"http://127.0.0.1:{self.ports['private']}"

    @property
    def proxy_url(self) -> str:
        """Where clients reach schedulers."""
        return f"gateway://127.0.0.1:{self.ports['tcp']}"

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.directory / "gateway.log").read_text()

    def start(self) -> None:
        """Start it and wait until its public address answers."""
        self.directory.mkdir(exist_ok=True)
        config = self.directory / "config.py"
        config.write_text(CONFIG + self.more)
        told = {
            "heartbeat": self.heartbeat,
            "nanny": self.nanny,
            "shrink_grace": self.shrink_grace,
            "client_check": self.client_check,
            "leftover_check": self.leftover_check,
            "gateway": {
                "public_address": f"127.0.0.1:{self.ports['public']}",
                "private_address": f"127.0.0.1:{self.ports['private']}",
                "proxy_tcp_address": f"127.0.0.1:{self.ports['tcp']}",
                "hub_api_url": self.hub_api_url,
                "service_url": self.service_url,
                "token": self.token,
                "data_dir": str(self.directory / "data"),
            },
        }
        with (self.directory / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(Path(sys.executable).parent / "dask-gateway-server"), "-f", str(config)],
                cwd=self.directory,
                env={**os.environ, "GATEWAY_TOLD": json.dumps(told), "PYTHONWARNINGS": "default", **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(f"gateway up; {self.directory}/gateway.log", self._answers, 60)

    def _answers(self) -> bool:
        try:
            return self.call("GET", "/api/health").status == 200
        except (URLError, ConnectionError):
            return False

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send the gateway process a signal and wait for its end."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(180)

    def stop(self) -> None:
        """End the gateway and all of its clusters."""
        if self.process is not None and self.process.poll() is None:
            self.kill(signal.SIGTERM)
        terminate_tagged("DASK_GATEWAY_API_URL", f"{self.private_url}/api")
        for birth in Register(self.directory / "data" / "units").births():  # no next gateway will
            if birth.cgroup:
                cgroups.end(birth.cgroup)

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, header: str | None = None
    ) -> Answer:
        """Send a raw request to the public address."""
        headers = {"Content-Type": "application/json"}
        if token is not None or header is not None:
            headers["Authorization"] = header or f"jupyterhub {token}"
        data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
        request = Request(f"{self.url}{path}", method=method, data=data, headers=headers)  # noqa: S310 - our gateway
        try:
            with urlopen(request, timeout=180) as answer:  # noqa: S310 - our gateway
                return Answer(answer.status, _json(answer.read()))
        except HTTPError as error:
            with error:
                return Answer(error.code, _json(error.read()))

    def create(self, token: str, **options: Any) -> str:
        """Create a cluster by a raw request and wait until it runs; return its name."""
        answer = self.call("POST", "/api/v1/clusters/", {"cluster_options": options}, token=token)
        assert answer.status == 201, answer
        name: str = answer.body["name"]
        until("cluster runs", lambda: self.status(name, token) == "RUNNING", 30)
        return name

    def status(self, name: str, token: str) -> str:
        """Return the status of a cluster."""
        return str(self.call("GET", f"/api/v1/clusters/{name}", token=token).body["status"])

    def scale(self, name: str, count: Any, token: str) -> Answer:
        """Scale a cluster by a raw request."""
        return self.call("POST", f"/api/v1/clusters/{name}/scale", {"count": count}, token=token)

    def delete(self, name: str, token: str) -> Answer:
        """Stop a cluster by a raw request."""
        return self.call("DELETE", f"/api/v1/clusters/{name}", token=token)


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")


def environment_of(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with."""
    items = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return dict(item.decode().split("=", 1) for item in items if b"=" in item)


def pid_in(detail: str) -> int:
    """Return the process number in an event's detail."""
    found = re.search(r"pid (\d+)", detail)
    assert found is not None
    return int(found[1])


@contextmanager
def running_gateway(gateway: Gateway) -> Iterator[Gateway]:
    """Start a gateway, and end it with all of its clusters."""
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.stop()
