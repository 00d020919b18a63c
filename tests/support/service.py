"""The real service as a process of its own, beside a real hub."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from hub_ext.contract import paths
from tests.support.hub import Hub
from tests.support.ports import free_port


@dataclass
class Answer:
    """Status and JSON of an answer."""

    status: int
    json: Any


@dataclass
class Service:
    """The running service."""

    url: str
    """With the prefix and a slash at the end."""
    hub: Hub
    directory: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Answer:
        """Call the API; an error is an answer too."""
        request = Request(  # noqa: S310 - our own service
            self.url + path,
            method=method,
            data=None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Authorization": f"token {token}"} if token else {},
        )
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310 - our own service
                return Answer(answer.status, json.loads(answer.read()))
        except HTTPError as error:
            with error:
                return Answer(error.code, json.loads(error.read()))

    def text(self, path: str, token: str) -> tuple[int, str]:
        """Return the status and the text of what is no JSON."""
        request = Request(self.url + path, headers={"Authorization": f"token {token}"})  # noqa: S310 - our own service
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - our own service
            return answer.status, answer.read().decode()

    def door(self, method: str, path: str, body: Any = None) -> Answer:
        """Call as one of the two doors does."""
        return self.call(method, path, body, self.hub.tokens["gatehouse-hub"])

    def as_(self, user: str, method: str, path: str, body: Any = None) -> Answer:
        """Call as a person does, with all of their rights."""
        return self.call(method, path, body, self.hub.token(user))


@contextmanager
def running_service(
    hub: Hub,
    directory: Path,
    policy: Path,
    *,
    gateway_url: str = "",
    port: int = 0,
    database: str = "",
    token_cache_seconds: int = 1,
    reclaim_seconds: float = 60,
    policy_check_seconds: float = 0.2,
    options: Sequence[str] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Service]:
    """Start the service with a ledger of its own and stop it afterwards.

    On ``hub.service_port`` the hub's proxy leads to it; without a port it takes a free one. Without the address of a
    database it keeps an SQLite file in the directory.
    """
    port = port or free_port()
    database = database or f"sqlite:///{directory}/ledger.sqlite"
    directory.mkdir(exist_ok=True)
    log = (directory / "service.log").open("ab")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "hub_ext.cli.main", "service", f"--port={port}"),
            *(f"--policy={policy}", f"--database={database}", f"--gateway={gateway_url}"),
            f"--GatehouseService.policy_check_seconds={policy_check_seconds}",
            f"--GatehouseService.token_cache_seconds={token_cache_seconds}",
            f"--GatehouseService.reclaim_seconds={reclaim_seconds}",
            *options,
        ],
        env={**hub.service_environment(), **environment},
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}/services/gatehouse/"
    service = Service(url, hub, directory, process)
    try:
        _wait(service)
        yield service
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        log.close()


def _wait(service: Service) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and service.process.poll() is None:
        try:
            service.call("GET", paths.HEALTH)
        except (URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the service did not start:\n" + (service.directory / "service.log").read_text()[-3000:])
