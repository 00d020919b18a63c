"""Pods, DaskClusters and leases that have lost each other, and waiting workers that nobody would delete."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hub_ext.contract.labels import PodUnit
from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.metering import account, cluster_lease, metering, pod, rows, server_lease
from tests.kubernetes.node import Node
from tests.service.test_doors import release
from tests.service.waiting import until
from tests.support.hub import Hub, running_hub
from tests.support.service import Service

LONG = 2 * PATIENCE


@dataclass
class Gateway:
    """A gateway that knows some clusters, and notes which it is asked to stop."""

    url: str = ""
    known: set[str] = field(default_factory=set)
    stopped: list[str] = field(default_factory=list)


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    """Start it and stop it afterwards."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        """Tells of one cluster, or stops it."""

        def do_GET(self) -> None:
            """Tell."""
            known = self._cluster in gateway.known
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(json.dumps({"status": "RUNNING"}).encode())

        def do_DELETE(self) -> None:
            """Note it; it is known no longer."""
            gateway.stopped.append(self._cluster)
            gateway.known.discard(self._cluster)
            self.send_response(204)
            self.end_headers()

        @property
        def _cluster(self) -> str:
            return self.path.rpartition("/")[2]

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        gateway.url = f"http://127.0.0.1:{server.server_port}"
        yield gateway
        server.shutdown()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub: it knows none of these servers."""
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """The gateway."""
    with running_gateway() as gateway:
        yield gateway


@pytest.fixture
def service(kubernetes: Cluster, namespace: str, hub: Hub, gateway: Gateway, tmp_path: Path) -> Iterator[Service]:
    """The service, with no more rights than it needs."""
    kubeconfig = account(kubernetes, namespace)
    with metering(hub, tmp_path, kubeconfig, namespace, gateway_url=gateway.url) as service:
        until(lambda: "first look" in _audit(service), LONG)
        looked = time.time()
        until(lambda: time.time() > looked + 1)  # what is made in the same second may be from before
        yield service


def _audit(service: Service) -> str:
    with closing(sqlite3.connect(service.directory / "ledger.sqlite")) as connection:
        lines = connection.execute("select action, target, note from audit order by id").fetchall()
    return "\n".join(" ".join(line) for line in lines)


def _pods(kubernetes: Cluster, namespace: str) -> dict[str, str]:
    """Return the name and the phase of every pod that nobody deletes."""
    found = kubernetes.get("pods", "-n", namespace)
    return {
        one["metadata"]["name"]: one["status"]["phase"] for one in found if "deletionTimestamp" not in one["metadata"]
    }


def _there(kubernetes: Cluster, namespace: str, name: str) -> bool:
    return name in _pods(kubernetes, namespace)


def _custom(name: str, lease: str, replicas: int = 0) -> dict[str, Any]:
    """Return a DaskCluster."""
    metadata = {"name": name, "labels": {"gatehouse/lease": lease} if lease else {}}
    spec = {"replicas": replicas, "active": True}
    return {"apiVersion": "gateway.dask.org/v1alpha1", "kind": "DaskCluster", "metadata": metadata, "spec": spec}


def _worker(name: str, lease: str, cluster: str = "c1", **spec: Any) -> dict[str, Any]:
    return pod(name, lease, PodUnit.worker, cluster=cluster, **spec)


def test_waiting_workers_beyond_the_grant_go(
    kubernetes: Cluster, namespace: str, node: Node, service: Service, gateway: Gateway
) -> None:
    """Of five workers three wait though the cluster may have three: the two youngest go; with none, all that wait."""
    gateway.known.add(f"{namespace}.c1")
    lease = cluster_lease(service, namespace, "c1", 4)
    kubernetes.apply(_custom("c1", lease, 3), namespace=namespace)
    kubernetes.apply(*(_worker(f"r{number}", lease) for number in range(2)), namespace=namespace)
    until(lambda: set(_pods(kubernetes, namespace).values()) == {"Running"}, LONG)
    node.cordon()
    for number in range(3):
        kubernetes.apply(_worker(f"w{number}", lease), namespace=namespace)
        until(partial(_there, kubernetes, namespace, f"w{number}"), LONG)

    until(lambda: set(_pods(kubernetes, namespace)) == {"r0", "r1", "w0"}, LONG)
    kubernetes.apply(_custom("c1", lease, 0), namespace=namespace)
    until(lambda: set(_pods(kubernetes, namespace)) == {"r0", "r1"}, LONG)
    until(lambda: len(kubernetes.get("pods", "-n", namespace)) == 2, LONG)  # those that waited are not held
    node.cordon(held=False)
    metrics = service.text("metrics", service.hub.token("adam"))[1]
    assert 'gatehouse_pods_ended_total{why="surplus"} 3.0' in metrics
    assert gateway.stopped == []
    assert set(rows(service)) == {f"{lease}-r0", f"{lease}-r1"}  # what only waited was never charged


@pytest.mark.usefixtures("node")
def test_what_has_no_lease_ends(kubernetes: Cluster, namespace: str, service: Service, gateway: Gateway) -> None:
    """Through the gateway where it knows it, else by itself; a pod with a forged lease is charged to nobody."""
    kept = cluster_lease(service, namespace, "kept", 2)
    theirs, nobodys = (cluster_lease(service, namespace, name, 2) for name in ("theirs", "nobodys"))
    gateway.known |= {f"{namespace}.kept", f"{namespace}.theirs"}
    made = [_custom("kept", kept, 1), _custom("theirs", theirs, 1), _custom("nobodys", nobodys, 1), _custom("bare", "")]
    server = pod("lab", "d-unknown", PodUnit.server)
    forged, fake = _worker("forged", kept, "another"), _worker("fake", "d-unknown", "kept")
    workers = [_worker("w-k", kept, "kept"), _worker("w-t", theirs, "theirs"), _worker("w-n", nobodys, "nobodys")]
    kubernetes.apply(*made, *workers, forged, fake, server, namespace=namespace)
    until(lambda: {f"{theirs}-w-t", f"{nobodys}-w-n", f"{kept}-w-k"} == rows(service).keys(), LONG)
    release(service, theirs)
    release(service, nobodys)

    until(lambda: set(_pods(kubernetes, namespace)) == {"w-k", "forged"}, LONG)
    assert gateway.stopped[:1] == [f"{namespace}.theirs"]  # before its pod was deleted: it was still known

    def active() -> set[str]:
        found = kubernetes.get("daskclusters", "-n", namespace)
        return {one["metadata"]["name"] for one in found if one["spec"]["active"]}

    until(lambda: active() == {"kept"}, LONG)
    assert set(gateway.stopped) == {f"{namespace}.theirs"}  # no label has a cluster stopped that somebody pays for
    assert rows(service)[f"{kept}-w-k"]["ended_at"] is None
    assert f"{kept}-forged" not in rows(service)
    until(lambda: rows(service)[f"{nobodys}-w-n"]["ended_at"], LONG)
    assert rows(service)[f"{nobodys}-w-n"]["source"] == "exact"
    [watch] = service.as_("adam", "GET", "api/v1/admin/overview").json["kubernetes"]
    assert "Nobody pays for 1 of the pods" in str(watch["notices"])
    assert f"end pod pod {namespace}/lab It ran without a lease" in _audit(service)


@pytest.mark.usefixtures("node")
def test_a_lease_without_its_pod_is_given_back(
    kubernetes: Cluster, namespace: str, service: Service, gateway: Gateway
) -> None:
    """A gateway that still believes in a cluster whose scheduler is gone is told, and the lease is free again."""
    gateway.known.add(f"{namespace}.c1")
    lease = cluster_lease(service, namespace, "c1", 1)
    scheduler = pod("sched", lease, PodUnit.scheduler, cluster="c1")
    kubernetes.apply(scheduler, _worker("w", lease), namespace=namespace)
    until(lambda: {f"{lease}-scheduler", f"{lease}-w"} == rows(service).keys(), LONG)
    begun = datetime.now(UTC)
    kubernetes.kubectl("delete", "pod", "sched", "-n", namespace, "--wait=false")

    until(lambda: gateway.stopped == [f"{namespace}.c1"], LONG)
    until(lambda: f"orphan cluster {namespace}.c1 of alice Its pods are gone" in _audit(service), LONG)
    until(lambda: not kubernetes.get("pods", "-n", namespace), LONG)  # the worker's lease is gone, so it goes, too
    until(lambda: all(row["ended_at"] for row in rows(service).values()), LONG)
    assert {row["source"] for row in rows(service).values()} == {"exact"}
    assert datetime.fromisoformat(rows(service)[f"{lease}-w"]["ended_at"]) >= begun.replace(microsecond=0)


@pytest.mark.usefixtures("node")
def test_a_server_whose_person_is_gone_ends(kubernetes: Cluster, namespace: str, service: Service) -> None:
    """The hub does not know the server: its lease is given back, and its pod deleted."""
    lease = server_lease(service, "gone", "lab")
    kubernetes.apply(pod("lab", lease, PodUnit.server, user="gone"), namespace=namespace)
    until(lambda: lease in rows(service), LONG)
    until(lambda: not kubernetes.get("pods", "-n", namespace), LONG)
    until(lambda: rows(service)[lease]["ended_at"], LONG)
