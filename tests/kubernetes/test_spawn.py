"""Servers of a real JupyterHub on a real API server: pods as the policy says, ends as they were, failures in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub_ext.contract.paths import ADMIN
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.hub_on_kubernetes import Place, running_place
from tests.kubernetes.node import Node, standing_in
from tests.service.waiting import until

pytestmark = pytest.mark.own_plane

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2020-01-01, core_hour: 0.04, gpu_hour: {l4: 0.70}}]
profiles:
  small:
    kind: server
    title: Small notebook
    cores: 0.5
    memory: 1 GiB
    kubernetes:
      profileOptions:
        image:
          display_name: Image
          choices:
            plain: {display_name: Plain, kubespawner_override: {image: "registry/plain:1"}}
            torch: {display_name: PyTorch, groups: [research], kubespawner_override: {image: "registry/torch:2"}}
          unlisted_choice:
            enabled: true
            groups: [research]
            validation_regex: registry/[a-z]+:[0-9]+
            kubespawner_override: {image: "{value}"}
  l4: {kind: server, cores: 4, memory: 16 GiB, gpus: {l4: 1}}
  no-secret: {kind: server, cores: 1, memory: 1 GiB, kubernetes: {envFromSecrets: [nowhere]}}
  no-class: {kind: server, cores: 1, memory: 1 GiB, kubernetes: {priorityClassName: nowhere}}
  no-node: {kind: server, cores: 1, memory: 1 GiB, kubernetes: {nodeSelector: {disk: nowhere}}}
  vast: {kind: server, cores: 900, memory: 1 GiB}
groups:
  research:
    title: Research
    match: [/research]
    profiles: [small, no-secret, no-node, vast]
    kubernetes:
      serviceAccountName: research
      priorityClassName: people
      nodeSelector: {team: research}
      labels: {team: research}
      volumes: [{name: certificates, configMap: {name: company}}]
      volumeMounts: [{name: certificates, mountPath: /etc/company, readOnly: true}]
      envFromSecrets: [research-database]
  gpu: {title: GPU, match: [/gpu], profiles: [l4]}
  analysts: {title: Analysts, match: [/analysts], profiles: [small, no-class]}
kubernetes:
  gpus: {l4: {nodeSelector: {gpu: l4}, tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]}}
  onDemand: {nodeSelector: {pool: steady}}
defaults: {contact: "#data-platform"}
"""
GROUND = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: research}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: company}
data: {ca.crt: x}
---
apiVersion: v1
kind: Secret
metadata: {name: research-database}
stringData: {PGPASSWORD: x}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: gatehouse}
spec: {hard: {requests.cpu: "500"}}
"""
PEOPLE_CLASS = {
    "apiVersion": "scheduling.k8s.io/v1",
    "kind": "PriorityClass",
    "metadata": {"name": "people"},
    "value": 1000,
}
LABELS = {"pool": "steady", "team": "research", "zone": "a", "gpu": "l4"}
TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
NEAR = timedelta(seconds=2)


@pytest.fixture(scope="module")
def nodes(kubernetes: Cluster) -> Iterator[dict[str, Node]]:
    """A node for everybody, and one with GPUs, which is tainted."""
    assert kubernetes.plane is not None
    steady = {key: value for key, value in LABELS.items() if key != "gpu"}
    with (
        standing_in(kubernetes.plane, "steady", labels=steady) as plain,
        standing_in(kubernetes.plane, "l4", labels=LABELS, taints=[TAINT], capacity={"nvidia.com/gpu": "4"}) as l4,
    ):
        yield {"steady": plain, "l4": l4}


@pytest.fixture(scope="module")
def running(kubernetes: Cluster, nodes: dict[str, Node], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Hub and service for a namespace of their own."""
    assert nodes
    kubernetes.apply(PEOPLE_CLASS)
    with kubernetes.namespace("people") as namespace:
        kubernetes.apply(GROUND, namespace=namespace)
        with running_place(kubernetes, namespace, tmp_path_factory.mktemp("place"), POLICY) as place:
            yield place


@pytest.fixture
def place(running: Place) -> Iterator[Place]:
    """The same, with nothing running before and after."""
    yield running
    for user in ("alice", "bob", "dan"):
        running.hub.api("DELETE", f"users/{user}/server")
    until(lambda: not running.pods())


def ready(place: Place, user: str) -> bool:
    """Say whether the person's server is ready."""
    server = place.server(user)
    return bool(server and server["ready"])


def start(place: Place, user: str, **options: Any) -> Any:
    """Start a server, wait until it is ready, and return its pod."""
    answer = place.start(user, **options)
    assert answer.status in {201, 202}, answer.text
    until(lambda: ready(place, user))
    return place.pod(user)


def test_profiles_become_pods(place: Place) -> None:
    """Each group's profile is a pod of its shape, on its nodes, with its rights and its labels, and no more."""
    dan = start(place, "dan", profile="small", options={"image": "torch"})
    spec, container = dan["spec"], dan["spec"]["containers"][0]
    assert container["image"] == "registry/torch:2"
    size = {"cpu": "500m", "memory": "1Gi"}
    assert container["resources"] == {"limits": size, "requests": size}
    assert spec["nodeSelector"] == {"pool": "steady", "team": "research", "zone": "a"}
    assert (spec["nodeName"], spec["priorityClassName"], spec["priority"]) == ("steady", "people", 1000)
    assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("research", False)
    assert [one["name"] for one in spec["volumes"]] == ["certificates"]
    assert container["envFrom"] == [{"secretRef": {"name": "research-database"}}]
    assert (spec["restartPolicy"], container["securityContext"].get("privileged")) == ("Never", None)
    assert dan["metadata"].get("finalizers") is None

    bob = start(place, "bob", profile="small")
    assert bob["spec"]["containers"][0]["image"] == "registry/plain:1"
    assert bob["spec"]["serviceAccountName"] == "default"
    assert bob["spec"]["nodeSelector"] == {"pool": "steady", "zone": "a"}

    alice = start(place, "alice", profile="l4")
    assert alice["spec"]["containers"][0]["resources"]["limits"] == {
        "cpu": "4",
        "memory": "16Gi",
        "nvidia.com/gpu": "1",
    }
    assert alice["spec"]["nodeName"] == "l4"
    for pod, user, group in ((dan, "dan", "research"), (bob, "bob", "analysts"), (alice, "alice", "gpu")):
        lease = bound(place, user)
        labels, notes = pod["metadata"]["labels"], pod["metadata"]["annotations"]
        assert {key: value for key, value in labels.items() if key.startswith("gatehouse/")} == {
            "gatehouse/lease": lease["id"],
            "gatehouse/unit": "server",
            "gatehouse/user": user,
            "gatehouse/group": group,
            "gatehouse/profile": lease["profile"],
        }
        assert (labels["hub.jupyter.org/username"], notes["gatehouse/user"]) == (user, user)
    assert (dan["metadata"]["labels"]["team"], bob["metadata"]["labels"]["team"]) == ("research", "chart")
    environment = {one["name"]: one.get("value") for one in container["env"]}
    assert (environment["JUPYTER_IMAGE_SPEC"], environment["CPU_LIMIT"]) == ("registry/torch:2", "0.5")


@pytest.mark.parametrize(
    "options",
    [
        {"options": {"image": "torch"}},
        {"options": {"image--unlisted-choice": "registry/torch:2"}},
        {"options": {"image": "plain", "mem_limit": "512G"}},
        {"options": {"disk": "fast"}},
    ],
    ids=["another group's image", "typed", "a trait", "no option"],
)
def test_forged_choice_is_refused(place: Place, options: dict[str, Any]) -> None:
    """What the person's group is not offered starts nothing, whatever the API is told."""
    answer = place.start("bob", profile="small", **options)
    assert (answer.status, answer.json["message"].endswith("[option_not_offered]")) == (409, True), answer.text
    assert not place.pods()
    ignored = start(place, "bob", profile="small", image="registry/torch:2", kubespawner_override={"privileged": True})
    assert ignored["spec"]["containers"][0]["image"] == "registry/plain:1"


def test_page_offers_what_the_group_may_choose(place: Place) -> None:
    """The start page's form has the group's choices, and starts the one that was made."""
    assert "PyTorch" not in place.hub.visitor("bob").get("/hub/spawn").text
    dan = place.hub.visitor("dan")
    assert "PyTorch" in dan.get("/hub/spawn").text
    dan.start({"profile": "small", "charge_to": "research", "option:research:small:image": "torch"})
    until(lambda: ready(place, "dan"))
    assert place.pod("dan")["spec"]["containers"][0]["image"] == "registry/torch:2"


def finished(place: Place, lease: str) -> bool:
    """Say whether the lease is released and its interval has ended."""
    interval = place.interval(lease)
    [state] = [one["state"] for one in place.leases("dan") if one["id"] == lease]
    return state == "released" and interval is not None and interval["ended_at"] is not None


def begun(place: Place) -> tuple[Any, str]:
    """Start dan's server; return its pod and its lease, which is bound and begun."""
    pod = start(place, "dan", profile="small")
    lease = pod["metadata"]["labels"]["gatehouse/lease"]
    until(lambda: place.interval(lease) is not None)
    return pod, lease


def bound(place: Place, user: str) -> dict[str, Any]:
    """Wait for the person's one bound lease: the hub tells of it right after the server is ready."""
    found: list[dict[str, Any]] = []

    def told() -> bool:
        found[:] = [one for one in place.leases(user) if one["state"] == "bound"]
        return len(found) == 1

    until(told)
    return found[0]


def moment(text: str) -> datetime:
    """Read Kubernetes' time."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("down", [False, True], ids=["hub up", "hub down"])
def test_killed_pod_ends_when_it_did(place: Place, nodes: dict[str, Node], *, down: bool) -> None:
    """A server that is killed ends exactly then and gives its lease back, also while the hub was down."""
    pod, lease = begun(place)
    started = moment(pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"])
    if down:
        place.hub.kill()
    nodes["steady"].end(place.namespace, "jupyter-dan", 137, "OOMKilled")
    killed = datetime.now(UTC)
    if down:
        until(lambda: place.pod("dan")["status"]["phase"] == "Failed")
        place.hub.start()
    until(lambda: finished(place, lease))

    interval = place.interval(lease)
    assert interval is not None
    assert (interval["started_at"], interval["source"]) == (started, "exact")
    assert abs(interval["ended_at"] - killed) < NEAR
    uid = pod["metadata"]["uid"]
    assert [one["id"] for one in place.events(lease)] == [f"{uid}-started", f"{uid}-ended"]
    until(lambda: place.server("dan") is None and not place.pods())


def test_hub_that_was_killed_finds_its_servers(place: Place) -> None:
    """Servers outlive the hub, are its own again, and end once, when they are stopped."""
    pod, lease = begun(place)
    place.hub.kill()
    place.hub.start()
    assert ready(place, "dan")
    assert place.pod("dan")["metadata"]["uid"] == pod["metadata"]["uid"]

    place.hub.api("DELETE", "users/dan/server")

    until(lambda: finished(place, lease))
    interval = place.interval(lease)
    assert interval is not None
    assert (len(place.events(lease)), interval["source"]) == (2, "exact")
    assert abs(interval["ended_at"] - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("force", "source"),
    [((), "exact"), (("--grace-period=0", "--force"), "reconciled")],
    ids=["deleted", "forced"],
)
def test_pod_deleted_with_kubectl(place: Place, force: tuple[str, ...], source: str) -> None:
    """Somebody else's hand ends a server too, and the hub hears of it at once, also where the kubelet says no word."""
    _, lease = begun(place)
    place.cluster.kubectl("delete", "pod", "jupyter-dan", "-n", place.namespace, "--wait=false", *force)
    deleted = datetime.now(UTC)
    until(lambda: finished(place, lease))
    interval = place.interval(lease)
    assert interval is not None
    assert (interval["source"], abs(interval["ended_at"] - deleted) < NEAR) == (source, True)
    until(lambda: place.server("dan") is None)


def test_pod_of_an_earlier_life_is_replaced(place: Place) -> None:
    """A pod that is left of a server nobody knows gives way, and the new one has its lease."""
    left = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "jupyter-dan",
            "labels": {"component": "singleuser-server", "gatehouse/lease": "d-of-long-ago"},
        },
        "spec": {
            "containers": [{"name": "notebook", "image": "registry/plain:1", "resources": {"requests": {"cpu": "1"}}}]
        },
    }
    place.cluster.apply(left, namespace=place.namespace)
    pod, lease = begun(place)
    assert lease != "d-of-long-ago"
    [state] = [one["state"] for one in place.leases("dan") if one["id"] == lease]
    assert (state, pod["metadata"]["labels"]["gatehouse/lease"]) == ("bound", lease)


# id: (who, options, words)
FAILURES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no such image": (
        "dan",
        {"profile": "small", "options": {"image--unlisted-choice": "registry/none:1"}},
        "the image registry/none:1 cannot be pulled",
    ),
    "no Secret": ("dan", {"profile": "no-secret"}, 'is missing (secret "nowhere" not found)'),
    "no priority class": ("bob", {"profile": "no-class"}, "no PriorityClass with name nowhere was found"),
    "namespace's quota": ("dan", {"profile": "vast"}, "the namespace's own quota is used up"),
    "no node": ("dan", {"profile": "no-node"}, "no node of the cluster had room for it in time"),
}


@pytest.mark.parametrize(("user", "options", "words"), FAILURES.values(), ids=FAILURES)
def test_failed_start_is_said(
    place: Place, nodes: dict[str, Node], user: str, options: dict[str, Any], words: str
) -> None:
    """A pod that cannot start is removed; person, log and ledger have the reason, and nothing is charged."""
    nodes["steady"].unpullable.add("registry/none:1")
    before = {one["id"] for one in place.leases(user)}
    person = place.hub.visitor(user)  # its own look at the start page would forget a failure
    answer = place.start(user, **options)
    until(lambda: [one["state"] for one in place.leases(user) if one["id"] not in before] == ["released"])
    [lease] = [one for one in place.leases(user) if one["id"] not in before]
    assert (lease["reason"], words in lease["message"]) == ("start_failed", True), lease["message"]
    assert place.interval(lease["id"]) is None
    assert words in place.hub.log
    listed = place.service.as_("adam", "GET", f"{ADMIN}/servers").json["servers"]
    [seen] = [one for one in listed if one["lease"] == lease["id"]]
    assert (seen["reason"], seen["message"]) == ("start_failed", lease["message"])
    until(lambda: not place.pods())
    if answer.status == 409:
        assert answer.json["message"].endswith("[start_failed]")
        return
    until(lambda: "[start_failed]" in person.get(f"/hub/spawn-pending/{user}").text)
