"""Two replicas of the gateway and the real service: what the policy allows is what starts, where the policy says."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub_ext.contract import paths
from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.dask_lab import Lab, running_lab
from tests.kubernetes.node import standing_in
from tests.service.waiting import until
from tests.support.hub import Hub, running_hub
from tests.support.service import Service, running_service

_PRIORITY = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 1000}
pytestmark = pytest.mark.own_plane

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04, gib_hour: 0.005, gpu_hour: {l4: 0.7}}]
kubernetes:
  gpus: {l4: {resource: nvidia.com/gpu, tolerations: [{key: nvidia.com/gpu, operator: Exists}]}}
  spot: {tolerations: [{key: spot, operator: Exists}], nodeSelector: {pool: spot}}
  onDemand: {nodeSelector: {pool: steady}}
profiles:
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 0.5, memory: 1 GiB}
    worker: {cores: 2, memory: 4 GiB, gpus: {l4: 1}}
    workers: {max: 10}
    spot: {workers: true}
    kubernetes:
      image: registry/science:2
      worker: {priorityClassName: batch}
groups:
  research:
    title: Research
    match: [/research]
    profiles: [standard]
    quota: {cores: 100, gpus: {l4: 10}, clusters: 3}
    kubernetes: {serviceAccountName: research, labels: {cost-centre: "4711"}}
administrators:
  - {match: [/platform-admins], may: [read, operate]}
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with alice and dan (research), and adam (operator)."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="module")
def both(kubernetes: Cluster, hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Lab]]:
    """The real service and the real gateway, on a steady machine and one that may be taken back."""
    assert kubernetes.plane is not None
    place = tmp_path_factory.mktemp("both")
    (place / "policy.yaml").write_text(POLICY)
    spot = {"key": "spot", "value": "true", "effect": "NoSchedule"}
    with (
        standing_in(kubernetes.plane, "steady-1", labels={"pool": "steady"}) as steady,
        standing_in(
            kubernetes.plane, "spot-1", labels={"pool": "spot"}, taints=[spot], capacity={"nvidia.com/gpu": "8"}
        ),
        running_service(hub, place, place / "policy.yaml") as service,
        running_lab(kubernetes, steady, hub, place / "lab", service.url) as lab,
    ):
        kubernetes.kubectl("create", "serviceaccount", "research", "-n", lab.namespace)
        kubernetes.apply({**_PRIORITY, "metadata": {"name": "batch"}})
        yield service, lab


def rows(service: Service) -> dict[str, str]:
    """Return the state of each cluster as an administrator sees it."""
    found = service.as_("adam", "GET", f"{paths.ADMIN}/clusters").json["clusters"]
    return {row["id"]: row["state"] for row in found}


def test_three_of_twenty_start(both: tuple[Service, Lab]) -> None:
    """Twenty ask two replicas at once where three fit: three start, the others are told why; an end makes room."""
    service, lab = both

    def ask(number: int) -> int:
        answer = lab.as_("alice", "POST", "", {"cluster_options": {}}, replica=number % 2)
        assert answer.status == 201 or answer.body["error"].endswith("[quota_exceeded]"), answer
        return answer.status

    with ThreadPoolExecutor(20) as crowd:
        answers = sorted(crowd.map(ask, range(20)))
    assert answers == [201] * 3 + [409] * 17
    clusters = lab.kubernetes.get("daskclusters", "-n", lab.namespace)
    names = {f"{lab.namespace}.{one['metadata']['name']}" for one in clusters}
    assert len(names) == 3
    until(lambda: rows(service).keys() == names, PATIENCE)
    first = min(names)
    lab.stop(first, replica=1)
    until(lambda: ask(0) == 201, PATIENCE)
    assert ask(1) == 409
    for one in lab.kubernetes.get("daskclusters", "-n", lab.namespace):
        lab.stop(f"{lab.namespace}.{one['metadata']['name']}")
    until(lambda: set(rows(service).values()) == {"stopped"}, PATIENCE)


def test_pods_are_where_the_policy_says(both: tuple[Service, Lab]) -> None:
    """The scheduler on a steady machine, workers with a GPU where it is cheap, both with the group's account."""
    _, lab = both
    name, _ = lab.running("dan")
    lab.scale(name, 2, "dan")
    until(lambda: [pod["status"]["phase"] for pod in lab.workers(name)] == ["Running"] * 2, PATIENCE)
    pods = lab.pods(name)
    assert {pod["spec"]["nodeName"] for pod in lab.workers(name)} == {"spot-1"}
    assert {pod["spec"]["serviceAccountName"] for pod in pods} == {"research"}
    assert {pod["metadata"]["labels"]["cost-centre"] for pod in pods} == {"4711"}
    for pod in pods:
        (box,) = pod["spec"]["containers"]
        assert box["image"] == "registry/science:2"
        worker = pod["metadata"]["labels"]["gatehouse/unit"] == "worker"
        limits = {"cpu": "2", "memory": str(4 * 2**30), "nvidia.com/gpu": "1"}
        assert box["resources"]["limits"] == (limits if worker else {"cpu": "500m", "memory": str(2**30)})
        assert pod["spec"].get("priorityClassName") == ("batch" if worker else None)
        assert pod["spec"]["nodeName"] == ("spot-1" if worker else "steady-1")
    lab.stop(name, "dan")
