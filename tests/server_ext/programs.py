"""The real programs that the extension stands between: a Jupyter server, a usage service, a Dask Gateway."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
T = TypeVar("T")
GATEWAY_CONFIG = """
from dask_gateway_server.options import Bool, Float, Integer, Mapping, Options, Select, String

def chosen(options):
    if options.name == "one too many":
        raise ValueError("Not started: Research has used all 4 clusters of its quota. [quota_exceeded]")
    return {{}}

c.Backend.cluster_options = Options(
    Select("profile", ["standard", "highmem"], label="Profile"),
    String("name", label="Name"),
    Integer("workers", 0, min=0, max=20, label="Workers"),
    Float("hours", 1.5, max=12),
    Bool("spot", False, label="Spot machines"),
    Mapping("environment"),
    handler=chosen,
)
c.DaskGateway.address = "127.0.0.1:{private}"
c.Proxy.address = "127.0.0.1:{public}"
c.Proxy.tcp_address = "127.0.0.1:{tcp}"
import sys
sys.path.insert(0, "{root}")
c.DaskGateway.backend_class = "tests.server_ext.telling_backend.TellingBackend"
c.UnsafeLocalBackend.clusters_directory = "{directory}"
c.UnsafeLocalBackend.inherited_environment = ["PATH", "HOME"]
c.ClusterConfig.scheduler_cmd = ["{bin}/dask", "scheduler"]
c.ClusterConfig.worker_cmd = ["{bin}/dask", "worker", "--no-nanny"]
c.ClusterConfig.cluster_max_workers = 4
c.DBBackendBase.cluster_heartbeat_period = 1
"""


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower case) and text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


@dataclass(frozen=True)
class Program:
    """A running program and where it answers."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def call(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Ask it; every status is an answer. A header with an empty value is left out."""
        sent = {name: value for name, value in {**self.headers, **headers}.items() if value}
        data = b"" if method == "POST" and body is None else body and json.dumps(body).encode()
        request = Request(self.url + path, method=method, data=data, headers=sent)  # noqa: S310 - always http
        try:
            with urlopen(request, timeout=180) as answer:  # noqa: S310 - as above
                return _answer(answer)
        except HTTPError as error:
            with error:
                return _answer(error)


def _answer(response: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, response.read().decode())


def until(what: str, ready: Callable[[], T | None], within: float = 60.0) -> T:
    """Wait until ``ready`` returns something true, and return it."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = ready()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {within} s: {what}")


@contextmanager
def _running(
    command: list[str], environment: Mapping[str, str], log: Path, ready: Callable[[], bool]
) -> Iterator[None]:
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=output)
    try:

        def answers() -> bool:
            assert process.poll() is None, f"{command[0]} ended:\n{log.read_text()}"
            try:
                return ready()
            except (URLError, OSError):
                return False

        until(f"{command[0]} answers", answers)
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def panel_service(directory: Path) -> Iterator[Program]:
    """Run the stand-in for the usage service."""
    port = free_port()
    service = Program(f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "tests.support.panel_service", "--port", str(port)]
    with _running(command, dict(os.environ), directory / "service.log", lambda: service.call("/control").status == 200):
        yield service


@contextmanager
def gateway(directory: Path) -> Iterator[Program]:
    """Run a Dask Gateway where everybody may log in with a name; we are alice."""
    ports = {"private": free_port(), "public": free_port(), "tcp": free_port()}
    config = directory / "gateway.py"
    config.write_text(GATEWAY_CONFIG.format(**ports, directory=directory / "clusters", bin=BIN, root=ROOT))
    basic = base64.b64encode(b"alice:").decode()
    found = Program(
        f"http://127.0.0.1:{ports['public']}", {"Authorization": f"Basic {basic}", "X-Tcp": str(ports["tcp"])}
    )
    command = [str(BIN / "dask-gateway-server"), "-f", str(config)]
    environment = {**os.environ, "HOME": str(directory)}
    ready = lambda: found.call("/api/v1/clusters/").status == 200  # noqa: E731 - one condition, used once
    with _running(command, environment, directory / "gateway.log", ready):
        yield found


def new_cluster(gateway: Program, workers: int) -> str:
    """Start a cluster and wait for its workers; return its name."""
    name: str = gateway.call("/api/v1/clusters/", "POST", {"cluster_options": {}}).json["name"]
    until("the cluster runs", lambda: gateway.call(f"/api/v1/clusters/{name}").json["status"] == "RUNNING")
    gateway.call(f"/api/v1/clusters/{name}/scale", "POST", {"count": workers})
    return name


@contextmanager
def jupyter_server(directory: Path, *options: str, **environment: str) -> Iterator[Program]:
    """Run a Jupyter server with the extension, in an environment that holds only what is given."""
    port = free_port()
    server = Program(f"http://127.0.0.1:{port}/", {"Authorization": "token secret"})
    command = [str(BIN / "jupyter-server"), "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--IdentityProvider.token=secret", f"--ServerApp.root_dir={directory}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "DASK", "GATEHOUSE"))}
    log = directory / f"jupyter-{port}.log"
    ready = lambda: server.call("api").status == 200  # noqa: E731 - one condition, used once
    with _running([*command, *options], {**kept, "HOME": str(directory), **environment}, log, ready):
        yield server
