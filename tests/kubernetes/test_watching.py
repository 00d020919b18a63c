"""Pods are metered by their containers' statuses, whatever ends meanwhile: pods, the API server, the service."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub_ext.contract.labels import PodUnit
from hub_ext.usage import tables
from hub_ext.usage.database import Database
from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.fleet import Fleet, span
from tests.kubernetes.metering import account, cluster_lease, metering, pod, role, rows, server_lease
from tests.kubernetes.node import Node, standing_in
from tests.service.waiting import until
from tests.support.hub import Hub, running_hub
from tests.support.postgres import Postgres
from tests.support.service import Service

LONG = 2 * PATIENCE


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub, for tokens and scopes; its servers are none of these pods."""
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def fleet(kubernetes: Cluster, namespace: str, node: Node) -> Fleet:
    """Pods that are ended at random."""
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # noqa: T201 - shown where the test fails
    return Fleet(kubernetes, node, namespace, random.Random(seed))  # noqa: S311 - no secret


def _words(database: str) -> Counter[str]:
    """Return how often each word of an event's id was taken: what happened."""
    with closing(Database(database)) as ledger, ledger.read() as connection:
        return Counter(name.rpartition("-")[2] for name in connection.execute(select(tables.events.c.id)).scalars())


@pytest.mark.own_plane
def test_ledger_is_what_containers_did(fleet: Fleet, hub: Hub, postgres: Postgres, tmp_path: Path) -> None:
    """Sixty pods of two replicas' ledger: workers are killed and deleted, the API server and both replicas are killed.

    Each interval is what the node noted, to the second; none is missing and none is there twice. The one pod without a
    finalizer that goes while nobody watches ends when it was last seen, as an estimate.
    """
    plane = fleet.kubernetes.plane
    assert plane is not None
    kubeconfig, database, units = account(fleet.kubernetes, fleet.namespace), postgres.new(), fleet.units

    def starting(name: str) -> AbstractContextManager[Service]:
        return metering(hub, tmp_path / name, kubeconfig, fleet.namespace, database=database, guards=False)

    with starting("one") as one, starting("two") as two:
        lease = cluster_lease(one, fleet.namespace, "c1", 100)
        scheduler = pod("dask-scheduler-c1", lease, PodUnit.scheduler, cluster="c1")
        servers = {f"s{number}": server_lease(one, f"p{number}", f"s{number}") for number in range(3)}
        made = [pod(name, its, PodUnit.server, user=f"p{name[1:]}") for name, its in servers.items()]
        fleet.apply({"dask-scheduler-c1": f"{lease}-scheduler", **servers}, scheduler, *made)
        first = fleet.add(lease, 24, 0)
        until(lambda: rows(two).keys() == set(units.values()), LONG)
        lags = [replica.text("metrics", hub.token("adam"))[1] for replica in (one, two)]
        assert ["gatehouse_pod_lag_seconds_count 0.0" in text for text in lags] == [False, True]  # one watches
        until(lambda: [_overview(replica)[0]["pods"] for replica in (one, two)] == [28, 28], LONG)  # both tell

        fleet.end(6, first)
        plane.apiserver.kill()
        fleet.end(6, first)
        plane.start_apiserver()
        second = fleet.add(lease, 12, 24)
        until(lambda: {units[name] for name in second} <= rows(one).keys(), LONG)  # it watches again
        fleet.delete(some=5, of=first)
        one.process.kill()  # who led
        fleet.end(4, second)
        second += fleet.add(lease, 2, 60)
        until(lambda: {units[name] for name in second} <= rows(two).keys(), LONG)  # the other one leads
        fleet.delete("s0")
        until(lambda: span(rows(two)[units["s0"]])[1], LONG)

        two.process.kill()
        third = fleet.add(lease, 24, 36)
        fleet.end(10, third)
        fleet.delete("s1", some=8, of=third)
        fleet.delete(some=6, of=second)
        until(lambda: "s1" not in fleet.names(), LONG)

    with starting("three") as three:
        until(lambda: rows(three).keys() == set(units.values()), LONG)
        fleet.kubernetes.kubectl("delete", "pod", "--all", "-n", fleet.namespace, "--wait=false")
        until(lambda: not fleet.names() and all(row["ended_at"] for row in rows(three).values()), LONG)
        found = rows(three)

    truth = fleet.truth()
    unseen, (began, over) = found.pop(units["s1"]), truth.pop("s1")
    assert over is not None
    assert unseen["source"] == "estimated"
    assert began <= datetime.fromisoformat(unseen["ended_at"]) <= over
    assert {unit: span(row) for unit, row in found.items()} == {units[name]: told for name, told in truth.items()}
    assert {row["source"] for row in found.values()} == {"exact"}
    # A pod that restarted twice says again that it began earlier.
    words = {word: count for word, count in _words(database).items() if word != "restarted"}
    assert words == {"started": len(units), "ended": len(units) - 1, "lost": 1}


def test_waiting_is_shown_and_costs_nothing(
    kubernetes: Cluster, namespace: str, node: Node, hub: Hub, tmp_path: Path
) -> None:
    """A pod that waits for a machine, then for its image, says so to its owner; the ledger has both times, apart."""
    with metering(hub, tmp_path, account(kubernetes, namespace), namespace, guards=False) as service:

        def told() -> Any:
            [server] = service.as_("alice", "GET", "api/v1/account").json["servers"]
            return server

        node.held.add("registry/big:1")
        node.cordon()
        lease = server_lease(service, "alice", "lab")
        kubernetes.apply(pod("lab", lease, PodUnit.server, image="registry/big:1"), namespace=namespace)
        until(lambda: told()["message"].startswith("Waiting for a machine for "), LONG)
        until(lambda: "unschedulable" in told()["message"], LONG)
        assert told()["state"] == "starting"
        node.cordon(held=False)
        until(lambda: told()["message"].startswith("Pulling the image for "), LONG)
        assert float(told()["cost"]) == 0
        node.held.discard("registry/big:1")
        until(lambda: told()["state"] == "running", LONG)
        assert told()["message"] == ""

        status = kubernetes.get("pod", "lab", "-n", namespace)
        made = datetime.fromisoformat(status["metadata"]["creationTimestamp"])
        [found] = (one for one in status["status"]["conditions"] if one["type"] == "PodScheduled")
        scheduled = datetime.fromisoformat(found["lastTransitionTime"])
        row = rows(service)[lease]
        started = datetime.fromisoformat(row["started_at"])
        assert row["pending_seconds"] == (scheduled - made).total_seconds()
        assert row["pulling_seconds"] == (started - scheduled).total_seconds()
        metrics = service.text("metrics", service.hub.token("adam"))[1]
        assert 'gatehouse_pod_wait_seconds_count{kind="server",step="machine"} 1.0' in metrics

        node.end(namespace, "lab", 137, "OOMKilled")
        until(lambda: "it used more memory than it has" in told()["message"], LONG)


def test_lost_machine(kubernetes: Cluster, namespace: str, hub: Hub, tmp_path: Path) -> None:
    """A worker whose spot machine is taken back ends with its grace period, reconciled, and is let go."""
    assert kubernetes.plane is not None
    chosen: dict[str, Any] = {"nodeSelector": {"pool": "lost"}}
    with (
        metering(hub, tmp_path, account(kubernetes, namespace), namespace, guards=False) as service,
        standing_in(kubernetes.plane, "spot-lost", labels={"pool": "lost"}) as spot,
    ):
        lease = cluster_lease(service, namespace, "c1", 2)
        kubernetes.apply(pod("w1", lease, PodUnit.worker, cluster="c1", **chosen), namespace=namespace)
        until(lambda: f"{lease}-w1" in rows(service), LONG)
        spot.vanish()
        kubernetes.kubectl("delete", "pod", "w1", "-n", namespace, "--wait=false")
        by = datetime.fromisoformat(kubernetes.get("pod", "w1", "-n", namespace)["metadata"]["deletionTimestamp"])
        until(lambda: rows(service)[f"{lease}-w1"]["ended_at"], LONG)
        held = (
            "pods",
            "-n",
            namespace,
        )  # without its machine, the pod itself goes only when the garbage collector looks
        until(lambda: not any(one["metadata"].get("finalizers") for one in kubernetes.get(*held)), LONG)
        row = rows(service)[f"{lease}-w1"]
        assert (datetime.fromisoformat(row["ended_at"]), row["source"]) == (by, "reconciled")


@pytest.mark.usefixtures("node")
def test_kept_until_it_is_written(kubernetes: Cluster, namespace: str, hub: Hub, tmp_path: Path) -> None:
    """A service that may not take the finalizer off says so; its successor, which may, does it, and nothing doubles."""
    watch = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]
    kubeconfig = account(kubernetes, namespace, watch)
    with metering(hub, tmp_path, kubeconfig, namespace) as service:
        lease = cluster_lease(service, namespace, "c1", 2)
        kubernetes.apply(pod("w1", lease, PodUnit.worker, cluster="c1"), namespace=namespace)
        until(lambda: f"{lease}-w1" in rows(service), LONG)
        kubernetes.kubectl("delete", "pod", "w1", "-n", namespace, "--wait=false")
        until(lambda: rows(service)[f"{lease}-w1"]["ended_at"], LONG)
        until(lambda: "may not patch pods" in str(_watch(service, namespace)["notices"]), LONG)
        assert "ResourceQuota" not in str(_watch(service, namespace)["notices"])  # it may not look
        before = rows(service)
        assert [one["metadata"]["name"] for one in kubernetes.get("pods", "-n", namespace)] == ["w1"]
        service.process.kill()
    kubernetes.apply(role(), namespace=namespace)
    with metering(hub, tmp_path, kubeconfig, namespace, "nowhere-at-all") as service:
        until(lambda: not kubernetes.get("pods", "-n", namespace), LONG)
        assert rows(service) == before
        until(lambda: "no ResourceQuota" in str(_watch(service, namespace)["notices"]), LONG)
        until(lambda: "may not list or watch pods" in _problem(service, "nowhere-at-all"), LONG)
        assert service.call("GET", "api/v1/health").json["pods"] == "trouble"


def _overview(service: Service) -> Any:
    return service.as_("adam", "GET", "api/v1/admin/overview").json["kubernetes"]


def _watch(service: Service, namespace: str) -> Any:
    return next((one for one in _overview(service) if one["namespace"] == namespace), {"problem": "", "notices": []})


def _problem(service: Service, namespace: str) -> str:
    return str(_watch(service, namespace)["problem"])
