"""Dask clusters on a real API server: two replicas of the gateway, our controller, and a service that can be told."""

import base64
import json
import signal
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from dask_gateway_server.backends.kubernetes.utils import Informer
from dask_gateway_server.utils import Flag
from kubernetes_asyncio.client import CoreV1Api, CustomObjectsApi

from hub_ext.cluster.kube import GatehouseKubeBackend
from hub_ext.contract.admission import LeaseState
from hub_ext.contract.reasons import Reason
from tests.cluster.stand_in import RunningStandIn, StandIn
from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.dask_lab import INSTANCE, Lab, running_lab
from tests.kubernetes.metrics_api import measured, served
from tests.kubernetes.node import Node
from tests.service.waiting import until
from tests.support.hub import Hub, running_hub

pytestmark = pytest.mark.own_plane


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with alice, bob, carol, dan and adam."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="module")
def desk() -> Iterator[StandIn]:
    """What decides and records, and can be told what to grant."""
    with RunningStandIn() as running:
        yield running


@pytest.fixture(scope="module")
def lab(
    kubernetes: Cluster, node: Node, hub: Hub, desk: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """Two replicas and the controller."""
    with running_lab(kubernetes, node, hub, tmp_path_factory.mktemp("lab"), desk.url) as running:
        yield running


@pytest.fixture(autouse=True)
def _tidy(lab: Lab, desk: StandIn, node: Node) -> Iterator[None]:
    """Each test begins without clusters, with a service that answers and a node that takes pods."""
    yield
    desk.cap, desk.away = 12, False
    node.cordon(held=False)
    node.unpullable.clear()
    for name in [one["metadata"]["name"] for one in lab.kubernetes.get("daskclusters", "-n", lab.namespace)]:
        lab.stop(f"{lab.namespace}.{name}")
        lab.let_go(f"{lab.namespace}.{name}")


def state(desk: StandIn, name: str) -> LeaseState | None:
    """Return the state of a cluster's lease."""
    lease = desk.lease_of(name)
    return None if lease is None else lease.state


def until_living(lab: Lab, name: str, count: int) -> list[str]:
    """Wait for so many workers, and return their names."""
    until(lambda: len(lab.living(name)) == count, PATIENCE)
    return lab.living(name)


def test_from_the_first_request_to_the_last_pod(lab: Lab, desk: StandIn) -> None:
    """Any replica serves any request, pods say whose they are, a lease ends with the last process, not with pods."""
    name, scheduler = lab.running(name="sales", environment={"KEY": "typed-secret"})
    lease = desk.lease_of(name)
    assert lease is not None
    assert lease.state is LeaseState.bound

    assert lab.scale(name, 3, replica=1).body["ok"]
    workers = until_living(lab, name, 3)
    until(lambda: len(scheduler.workers()) == 3, PATIENCE)
    assert scheduler.heard == [{"op": "scale", "count": 3}]
    until(lambda: any(of == name and told.running == 3 for of, told in desk.demands), PATIENCE)

    for pod in lab.pods(name):
        labels = pod["metadata"]["labels"]
        assert (labels["gatehouse/lease"], labels["gatehouse/group"]) == (lease.id, "research")
        assert pod["metadata"]["finalizers"] == ["gatehouse/ledger"]
        (box,) = pod["spec"]["containers"]
        assert box["resources"]["limits"] == {"cpu": "1", "memory": str(2**30)} == box["resources"]["requests"]
    cluster = lab.object(name)
    assert cluster["metadata"]["labels"]["gatehouse/lease"] == lease.id

    short = name.partition(".")[2]
    secret = lab.kubernetes.get("secret", f"dask-{short}-env", "-n", lab.namespace)
    assert base64.b64decode(secret["data"]["KEY"]) == b"typed-secret"
    assert secret["metadata"]["ownerReferences"][0]["uid"] == cluster["metadata"]["uid"]
    answers = [lab.as_("alice", "GET", "", replica=at).body for at in range(2)]
    assert answers[0][name]["options"]["environment"] == {"KEY": "(secret)"}
    logs = [program.log for program in (*lab.replicas, lab.controller)]
    everything = json.dumps([cluster, lab.pods(name), answers, logs])
    assert "typed-secret" not in everything

    told = lab.as_("alice", "GET", f"{name}/logs", replica=1)
    assert {source["name"] for source in told.body["sources"]} == {
        "scheduler",
        *(f"worker-{worker.rpartition('-')[2]}" for worker in workers),
    }
    assert lab.as_("bob", "GET", f"{name}/logs").status == 404

    lab.node.stubborn.add(workers[0])
    lab.stop(name, replica=1)
    until(lambda: lab.object(name)["status"].get("gatehouse", {}).get("living") == 1, PATIENCE)
    assert state(desk, name) is LeaseState.bound, "one of its workers still runs"
    until(lambda: state(desk, name) is LeaseState.released, PATIENCE)
    assert lab.status(name) == "STOPPED"
    assert len(lab.pods(name)) == 4, "each waits for the ledger"
    assert all("terminated" in pod["status"]["containerStatuses"][0]["state"] for pod in lab.pods(name))
    assert lease.id not in desk.reasons
    lab.let_go(name)
    until(lambda: not lab.pods(name), PATIENCE)


def test_a_scheduler_that_nobody_noted_ends_too(lab: Lab, desk: StandIn) -> None:
    """A cluster is stopped before its object says that a scheduler was made: it ends, with its lease."""
    name = lab.create()
    until(lambda: lab.object(name).get("status", {}).get("schedulerPod"), PATIENCE)
    lab.controller.end(signal.SIGKILL)
    lab.stop(name, replica=1)
    nothing = '[{"op": "remove", "path": "/status"}]'
    lab.kubernetes.kubectl(
        *("patch", "daskcluster", name.partition(".")[2], "-n", lab.namespace),
        *("--subresource=status", "--type=json", "-p", nothing),
    )
    lab.controller.start()
    until(lambda: state(desk, name) is LeaseState.released, PATIENCE)
    assert not [pod for pod in lab.pods(name) if "deletionTimestamp" not in pod["metadata"]]


async def test_a_replica_asks_for_what_it_has_not_heard_of(lab: Lab, api: Any) -> None:
    """A cluster that another replica has just made is found; a name that nobody has leaves nothing behind."""
    backend: Any = GatehouseKubeBackend(gateway_instance=INSTANCE, gateway_address="127.0.0.1:1")
    backend.custom_client, backend.core_client = CustomObjectsApi(api), CoreV1Api(api)
    backend.clusters, backend.username_to_clusters, backend.cluster_waiters = {}, defaultdict(dict), defaultdict(Flag)
    backend.informer = Informer(on_update=lambda *_, **__: None)
    backend.informer.cache = {}  # it has not begun to watch
    name, nobody = lab.create(), f"{lab.namespace}.{'0' * 32}"
    backend._told = {name: LeaseState.bound}
    found = await backend.get_cluster(name)
    assert (found.username, found.config["profile"]) == ("alice", "standard")
    assert await backend.get_cluster(nobody) is None
    assert nobody not in backend.cluster_waiters


def test_pending_workers_are_counted_and_the_newest_go(lab: Lab, node: Node) -> None:
    """Scaled from five that no machine takes to two, two stay; to none, none: the stock controller does neither."""
    name, scheduler = lab.running()
    node.cordon()
    lab.scale(name, 5)
    first = until_living(lab, name, 5)
    assert not scheduler.workers()
    lab.scale(name, 2, replica=1)
    kept = until_living(lab, name, 2)
    assert set(kept) <= set(first)
    lab.scale(name, 0)
    until_living(lab, name, 0)
    assert lab.object(name)["status"]["gatehouse"]["workers"] == 0
    node.cordon(held=False)
    lab.scale(name, 1)
    until(lambda: len(scheduler.workers()) == 1, PATIENCE)


def test_a_cut_grant_is_obeyed_and_the_wish_survives(lab: Lab, desk: StandIn) -> None:
    """Nobody asks, and the cluster shrinks; the replica that told it is killed, and the other lets it grow again."""
    name, scheduler = lab.running(workers=4)
    until(lambda: len(scheduler.workers()) == 4, PATIENCE)
    desk.cap = 1
    until(lambda: scheduler.count == 1, PATIENCE)
    until_living(lab, name, 1)
    assert lab.object(name)["spec"]["replicas"] == 1
    lab.replicas[0].end(signal.SIGKILL)
    desk.away = True
    assert lab.object(name)["spec"]["replicas"] == 1, "while nobody answers, the last grant holds"
    desk.away, desk.cap = False, 12
    until(lambda: len(scheduler.workers()) == 4, PATIENCE)
    lab.replicas[0].start()
    desk.cap, scheduler.deaf = 2, True
    until(lambda: len(scheduler.workers()) == 2, PATIENCE)
    assert scheduler.count == 4
    assert "Deleting" in lab.controller.log


def test_programs_and_api_server_are_killed(lab: Lab, desk: StandIn) -> None:
    """Controller, replica and API server die while a cluster grows: it has as many workers as it was granted."""
    name, scheduler = lab.running()
    lab.controller.end(signal.SIGKILL)
    lab.scale(name, 4)
    lab.controller.start()
    first = until_living(lab, name, 4)
    lab.kubernetes.kubectl("delete", "pod", first[0], "-n", lab.namespace, "--wait=false")
    lab.kubernetes.restart()
    until(lambda: set(first[1:]) < set(lab.living(name)) and len(lab.living(name)) == 4, PATIENCE)
    lab.replicas[0].end(signal.SIGKILL)
    lab.scale(name, 5, replica=1)
    until(lambda: len(scheduler.workers()) == 5, PATIENCE)
    lab.replicas[1].end(signal.SIGKILL)
    lab.kubernetes.kubectl(
        "delete", "pod", f"dask-scheduler-{name.partition('.')[2]}", "-n", lab.namespace, "--wait=false"
    )
    until(lambda: lab.object(name)["status"].get("gatehouse", {}).get("living") == 0, PATIENCE)
    assert state(desk, name) is LeaseState.bound
    for replica in lab.replicas:
        replica.start()
    until(lambda: state(desk, name) is LeaseState.released, PATIENCE)
    lease = desk.lease_of(name)
    assert lease is not None
    assert desk.reasons[lease.id] is Reason.scheduler_ended
    assert all(program.log.count("informer, retrying") < 60 for program in (*lab.replicas, lab.controller))


def _measured(pod: str, cluster: str, cpu: str) -> dict[str, Any]:
    labels = {
        "gateway.dask.org/instance": INSTANCE,
        "gateway.dask.org/cluster": cluster.partition(".")[2],
        "app.kubernetes.io/component": "dask-worker",
    }
    return measured(pod, labels, datetime.now(UTC), cpu)


def test_use_is_what_the_nodes_measured(lab: Lab, desk: StandIn) -> None:
    """A busy worker keeps its cluster in use, an idle one does not; without figures nothing is known."""
    name, scheduler = lab.running(workers=1)
    until(lambda: len(scheduler.workers()) == 1, PATIENCE)

    def used() -> list[Any]:
        """Return when it was last used, as the two replicas tell the service from now on."""
        begun = len(desk.demands)
        until(lambda: len(desk.demands) >= begun + 12, PATIENCE)
        return [told.active_at for of, told in desk.demands[begun:] if of == name]

    assert set(used()) == {None}
    with served(lab.kubernetes):
        lab.kubernetes.apply(_measured(scheduler.workers()[0], name, "20m"), namespace=lab.namespace)
        until(lambda: None not in used(), PATIENCE)
        still = used()
        assert set(used()) == set(still)
        lab.kubernetes.apply(_measured(scheduler.workers()[0], name, "900m"), namespace=lab.namespace)
        until(lambda: min(used()) > max(still), PATIENCE)


@pytest.mark.parametrize("ends", ["image", "machine", "quota", "memory"])
def test_a_start_or_an_end_says_why(lab: Lab, desk: StandIn, node: Node, ends: str) -> None:
    """An image that is nowhere, no machine, a namespace's quota, too little memory: each in Kubernetes' own words."""
    said: dict[str, tuple[Reason, str]] = {
        "image": (Reason.start_failed, "ErrImagePull"),
        "machine": (Reason.start_failed, "Unschedulable"),
        "quota": (Reason.start_failed, "ResourceQuota"),
        "memory": (Reason.scheduler_ended, "OOMKilled"),
    }
    quota: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "backstop"},
        "spec": {"hard": {"pods": "0"}},
    }
    if ends == "memory":
        name, _ = lab.running()
        node.end(lab.namespace, f"dask-scheduler-{name.partition('.')[2]}", 137, "OOMKilled")
    else:
        if ends == "image":
            node.unpullable.add("registry/science:1")
        if ends == "machine":
            node.cordon()
        if ends == "quota":
            lab.kubernetes.apply(quota, namespace=lab.namespace)
            until(
                lambda: "hard" in lab.kubernetes.get("resourcequota", "backstop", "-n", lab.namespace)["status"],
                PATIENCE,
            )
        name = lab.create()
    until(lambda: lab.status(name) == "FAILED", PATIENCE)
    until(lambda: state(desk, name) is LeaseState.released, PATIENCE)
    if ends == "quota":
        lab.kubernetes.kubectl("delete", "resourcequota", "backstop", "-n", lab.namespace)
    lease = desk.lease_of(name)
    assert lease is not None
    reason, word = said[ends]
    assert desk.reasons[lease.id] is reason
    assert word in lab.object(name)["status"]["gatehouse"]["message"]
