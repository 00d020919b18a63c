"""A real JupyterHub whose servers are pods, beside the real service, on the tests' cluster.

The node stands in for a kubelet, so that no server really runs in a pod: the hub finds one small answer at the address
where it expects every server (``KubeSpawner.pod_connect_ip``).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.kubernetes.cluster import Cluster
from tests.support.gatehouse_hub import GatehouseHub, running_gatehouse_hub
from tests.support.hub import Hub
from tests.support.ports import free_port
from tests.support.service import Service, running_service

CONFIGURED: dict[str, dict[str, Any]] = {
    "JupyterHub": {"spawner_class": "hub_ext.spawn.kube.GatehouseKubeSpawner"},
    "GatehouseKubeSpawner": {"start_patience": 2.0},
    "KubeSpawner": {
        "image": "registry/chart:1",
        "pod_connect_ip": "127.0.0.1",
        "delete_grace_period": 1,
        # what a careless configuration adds, and the lease must overrule
        "mem_limit": "64G",
        "cpu_guarantee": 32,
        "extra_resource_limits": {"nvidia.com/gpu": "8"},
        "node_selector": {"pool": "gpu", "zone": "a"},
        "extra_labels": {"gatehouse/user": "mallory", "team": "chart"},
        "profile_list": [{"display_name": "All", "kubespawner_override": {"mem_limit": "512G", "privileged": True}}],
    },
    "Spawner": {
        "start_timeout": 25,
        "http_timeout": 10,
        "group_overrides": {"big": {"groups": ["/research"], "spawner_override": {"mem_limit": "256G"}}},
    },
}  # fmt: skip


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_said: Any) -> None:
        """Say nothing."""


@dataclass
class Place:
    """Everything that one file of tests needs."""

    hub: GatehouseHub
    service: Service
    cluster: Cluster
    namespace: str

    def start(self, user: str, **options: Any) -> Any:
        """Ask for a server through the hub's API."""
        return self.hub.api("POST", f"users/{user}/server", options)

    def pod(self, user: str) -> Any:
        """Return the person's pod."""
        return self.cluster.get("pod", f"jupyter-{user}", "-n", self.namespace)

    def pods(self) -> list[str]:
        """Return the names of all pods that are there."""
        return [one["metadata"]["name"] for one in self.cluster.get("pods", "-n", self.namespace)]

    def server(self, user: str) -> Any:
        """Return what the hub says of the person's server; none, if there is none."""
        servers = self.hub.api("GET", f"users/{user}").json["servers"]
        return servers.get("")

    def leases(self, user: str) -> list[dict[str, Any]]:
        """Return the person's leases as the ledger has them, oldest first."""
        return self._rows("select * from leases where user = ? order by requested_at", user)

    def interval(self, lease: str) -> dict[str, Any] | None:
        """Return when the lease's server ran, with ``started_at`` and ``ended_at`` as times; None: it never did."""
        found = self._rows("select * from intervals where lease = ?", lease)
        assert len(found) <= 1
        return found[0] if found else None

    def events(self, lease: str) -> list[dict[str, Any]]:
        """Return what was reported of the lease's server, in the order of time."""
        return self._rows("select * from events where lease = ? order by at, type desc", lease)

    def _rows(self, query: str, name: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.service.directory / "ledger.sqlite")) as ledger:
            ledger.row_factory = sqlite3.Row
            rows = [dict(row) for row in ledger.execute(query, (name,))]
        for row in rows:
            for key in row.keys() & {"started_at", "ended_at", "at"}:
                row[key] = datetime.fromisoformat(row[key]).replace(tzinfo=UTC) if row[key] else None
        return rows


@contextmanager
def running_place(cluster: Cluster, namespace: str, directory: Path, policy: str, **config: Any) -> Iterator[Place]:
    """Start hub and service for a namespace, and stop them afterwards.

    Args:
        cluster: where the pods run.
        namespace: in which.
        directory: an empty one.
        policy: the policy's text.
        config: more configuration of the hub, by section.
    """
    answering = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=answering.serve_forever, daemon=True).start()
    kube = {**CONFIGURED["KubeSpawner"], "port": answering.server_port, "namespace": namespace}
    service_port = free_port()
    sections = {**CONFIGURED, "KubeSpawner": kube, **config}
    (directory / "policy.yaml").write_text(policy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(cluster.kubeconfig))
        url = f"http://127.0.0.1:{service_port}"
        with running_gatehouse_hub(directory / "hub", url, config=sections) as hub:
            registered = Hub(
                hub.url,
                f"http://127.0.0.1:{hub.told['hub_port']}/hub/api",
                {"gatehouse": "s" * 32, "gatehouse-hub": "h" * 32, "tests": hub.told["token"]},
                service_port,
                hub.process,  # type: ignore[arg-type] # it runs
                directory,
            )
            with running_service(
                registered, directory / "service", directory / "policy.yaml", port=service_port
            ) as service:
                yield Place(hub, service, cluster, namespace)
    answering.shutdown()
    answering.server_close()
