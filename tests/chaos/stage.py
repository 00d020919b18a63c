"""The stage: a real hub, gateway and service with their state on disk; each can be killed and started again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from hub_ext.contract import paths
from tests.cluster.gateway import Gateway, running_gateway
from tests.support.gatehouse_hub import SMALL_SERVER, GatehouseHub, running_gatehouse_hub, wait_for
from tests.support.ports import free_port

NOTED = Path(__file__).with_name("noted.sh")
RECORDER = Path(__file__).with_name("recorder.py")
PEOPLE = ("alice", "bob", "dan")
POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04, gib_hour: 0.005}]
profiles:
  small: {kind: server, title: Small notebook, cores: 1, memory: 1 GiB, idle: {default: 1h}}
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 40}
    idle: {default: 1h}
groups:
  research: {title: Research, match: [/research], profiles: [small, standard], quota: {cores: 1000}}
  analysts: {title: Analysts, match: [/analysts], profiles: [small, standard], quota: {cores: 1000}}
administrators: [{match: [/platform-admins], may: [read, operate]}]
"""
GATEWAY = """
noted = {noted!r}
c.GatehouseLocalClusterConfig.scheduler_cmd = [*noted, "scheduler", {ran!r}, *dask_command("scheduler")]
# A real worker costs 1.5 s of a core to import dask; here only its start and its end matter.
c.GatehouseLocalClusterConfig.worker_cmd = [*noted, "worker", {ran!r}, "/bin/sh", "-c", "exec sleep 100000"]
c.GatehouseLocalBackend.worker_start_timeout = 3600.0
c.GatehouseLocalBackend.worker_start_failure_limit = 1000000  # such a worker never says that it has started
"""


@dataclass(frozen=True)
class Ran:
    """One program of the test, as the system and the recorder saw it, in seconds since the epoch."""

    kind: str
    unit: str
    pid: int
    started: float
    ended: float | None


@dataclass
class Service:
    """The real service, on a port and a database of its own."""

    directory: Path
    database: str
    gateway_url: str
    hub_port: int
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """With the prefix."""
        return f"http://127.0.0.1:{self.port}/services/gatehouse/"

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {
            "JUPYTERHUB_API_TOKEN": "s" * 32,
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{self.hub_port}/hub/api",
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_SERVICE_NAME": "gatehouse",
            "JUPYTERHUB_SERVICE_PREFIX": "/services/gatehouse/",
            "JUPYTERHUB_CLIENT_ID": "service-gatehouse",
            "JUPYTERHUB_OAUTH_CALLBACK_URL": "http://127.0.0.1/services/gatehouse/oauth_callback",
        }
        with (self.directory / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "hub_ext.cli.main", "service", f"--port={self.port}"),
                    *(f"--policy={self.directory / 'policy.yaml'}", f"--database={self.database}"),
                    f"--gateway={self.gateway_url}",
                    "--GatehouseService.orphan_check_seconds=5",
                ],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        wait_for(self._answers, "the service", (self.directory / "service.log").read_text, within=60)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}{paths.HEALTH}", timeout=10) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def ledger(self, token: str) -> list[dict[str, Any]]:
        """Return every row of the ledger."""
        request = Request(f"{self.url}{paths.ADMIN}/ledger?limit=1000", headers={"Authorization": f"token {token}"})  # noqa: S310 - our own
        with urlopen(request, timeout=180) as answer:  # noqa: S310 - our own
            rows: list[dict[str, Any]] = json.loads(answer.read())["rows"]
        return rows

    def kill(self) -> None:
        """Kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)


@dataclass
class Stage:
    """Everything of one run."""

    directory: Path
    hub: GatehouseHub
    gateway: Gateway
    service: Service
    tokens: dict[str, str]

    def ran(self) -> list[Ran]:
        """Return what ran so far, by the programs' own notes and the recorder."""
        boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        return [self._ran(path, boot) for path in (self.directory / "ran").glob("*.ran")]

    def _ran(self, path: Path, boot: float) -> Ran:
        kind, unit, stat = path.read_text().splitlines()
        fields = stat.rpartition(")")[2].split()
        over = path.parent / "over" / unit
        ended = float(over.read_text()) if over.exists() else None
        return Ran(kind, unit, int(stat.split()[0]), boot + int(fields[19]) / os.sysconf("SC_CLK_TCK"), ended)


@contextmanager
def running_stage(directory: Path, database: str) -> Iterator[Stage]:
    """Start everything, and end it."""
    ran = directory / "ran"
    (ran / "over").mkdir(parents=True)
    (directory / "policy.yaml").write_text(POLICY)
    noted = ["/bin/sh", str(NOTED)]
    service_port = free_port()
    with ExitStack() as stack:
        recorder = stack.enter_context(subprocess.Popen([sys.executable, "-S", str(RECORDER), str(ran)]))
        stack.callback(recorder.kill)
        cmd = [*noted, "server", str(ran), sys.executable, str(SMALL_SERVER)]
        service_url = f"http://127.0.0.1:{service_port}/services/gatehouse/"
        hub = stack.enter_context(
            running_gatehouse_hub(
                directory / "hub",
                service_url,
                config={"Spawner": {"cmd": cmd, "poll_interval": 5}, "JupyterHub": {"init_spawners_timeout": 30}},
            )
        )
        port = hub.told["hub_port"]
        gateway = Gateway(directory / "gateway", f"http://127.0.0.1:{port}/hub/api", service_url, "g" * 32)
        gateway.more = GATEWAY.format(noted=noted, ran=str(ran))
        service = Service(directory, database, gateway.url, port, service_port)
        service.start()
        stack.callback(service.kill)
        stack.enter_context(running_gateway(gateway))
        names = (*PEOPLE, "adam")
        tokens = {name: hub.api("POST", f"users/{name}/tokens", {}).json["token"] for name in names}
        yield Stage(directory, hub, gateway, service, tokens)


def seconds(text: str) -> float:
    """Return a moment of the ledger in seconds since the epoch."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()
