"""The manifest of a server's pod, for each kind of lease, without a cluster: the lease has the last word."""

import pkgutil
import tomllib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from jupyterhub import orm
from jupyterhub.objects import Hub
from jupyterhub.user import User
from kubernetes_asyncio.client import ApiClient
from traitlets.config import Config

from hub_ext.contract.admission import Lease
from hub_ext.policy.admission import decide
from hub_ext.policy.resolving import resolve
from hub_ext.spawn.kube import GatehouseKubeSpawner
from tests.policy.kubernetes_samples import policy
from tests.policy.samples import NOW, alice, request, standing

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: u, user: {}}]
"""
CARELESS = {
    "image": "registry/chart:1",
    "mem_limit": "64G",
    "mem_guarantee": "1G",
    "cpu_guarantee": 32,
    "extra_resource_limits": {"nvidia.com/gpu": "8", "ephemeral-storage": "20Gi"},
    "extra_resource_guarantees": {"example.org/fpga": "1"},
    "node_selector": {"zone": "a", "pool": "anything"},
    "extra_labels": {"gatehouse/user": "mallory", "team": "chart", "kept": "yes"},
    "extra_annotations": {"gatehouse/group": "finance"},
    "volumes": [
        {"name": "home", "persistentVolumeClaim": {"claimName": "home-{username}"}},
        {"name": "shared", "emptyDir": {}},
    ],
    "volume_mounts": [{"name": "home", "mountPath": "/home/jovyan"}, {"name": "shared", "mountPath": "/home/shared"}],
    "extra_pod_config": {"restartPolicy": "OnFailure", "priorityClassName": "vip", "serviceAccountName": "root"},
}  # fmt: skip


def lease(profile: str, **options: str) -> Lease:
    """Return the lease of alice's admitted start."""
    asked = request(profile).model_copy(update={"options": options})
    entitlement = resolve(policy(), alice("/research"))
    decision = decide(policy(), entitlement, asked, {"research": standing({})}, decision_id="d-7", now=NOW)
    assert decision.lease is not None, decision.message
    return decision.lease


Make = Callable[[Lease, dict[str, Any]], Any]


@pytest_asyncio.fixture
async def pod_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Return what makes a real spawner's manifest, as the API server would get it."""
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    default = "kubernetes_asyncio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION"  # as it was at the import
    monkeypatch.setattr(default, str(tmp_path / "kubeconfig"))
    database = orm.new_session_factory("sqlite:///:memory:")()
    person = orm.User(name="alice")
    database.add(person)
    database.commit()

    async def make(held: Lease, configured: dict[str, Any]) -> Any:
        settings = {
            "spawner_class": GatehouseKubeSpawner,
            "config": Config({"KubeSpawner": configured}),
            "hub": Hub(base_url="/hub/"),
        }
        spawner = User(person, settings, db=database).spawners[""]
        spawner._lease = {"id": held.id, "group": held.group, "profile": held.profile}
        spawner._apply(held)
        manifest = await spawner.get_pod_manifest()
        async with ApiClient() as client:
            return client.sanitize_for_serialization(manifest)

    yield make
    database.close()


async def test_lease_overrules_configuration(pod_of: Any) -> None:
    """Size, GPUs, nodes, rights and names are the lease's, whatever is configured; the rest of it stays."""
    pod = await pod_of(lease("gpu-notebook"), CARELESS)
    spec, container = pod["spec"], pod["spec"]["containers"][0]
    priced = {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "2"}
    assert container["resources"] == {"requests": priced, "limits": {**priced, "ephemeral-storage": "20Gi"}}
    assert container["image"] == "images.example.org/cuda:12"
    assert spec["nodeSelector"] == {"zone": "a", "pool": "on-demand", "gpu": "l4", "team": "research"}
    assert spec["tolerations"][-1] == {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    assert (spec["priorityClassName"], spec["serviceAccountName"]) == ("people", "research")
    assert (spec["restartPolicy"], spec["automountServiceAccountToken"]) == ("Never", False)
    labels, notes = pod["metadata"]["labels"], pod["metadata"]["annotations"]
    assert (labels["gatehouse/user"], labels["team"], labels["kept"]) == ("alice", "research", "yes")
    assert (labels["gatehouse/lease"], notes["gatehouse/group"], notes["owner"]) == ("d-7", "research", "platform")


async def test_volumes_of_the_group_stand_beside_the_home(pod_of: Any) -> None:
    """A home that the chart mounts stays; a volume or a mount of the same name or place gives way."""
    pod = await pod_of(lease("small"), CARELESS)
    spec, container = pod["spec"], pod["spec"]["containers"][0]
    assert {one["name"]: one.get("persistentVolumeClaim", {}).get("claimName") for one in spec["volumes"]} == {
        "home": "home-alice",
        "shared": "research",
    }
    assert [one["mountPath"] for one in container["volumeMounts"]] == ["/home/jovyan", "/home/shared"]
    assert container["envFrom"] == [{"secretRef": {"name": "research-database"}}]


@pytest.mark.parametrize(
    ("options", "image"), [({"image": "plain"}, "plain:1"), ({}, "torch:2")], ids=["chosen", "default"]
)
async def test_image_is_the_one_that_was_chosen(pod_of: Any, options: dict[str, str], image: str) -> None:
    """The container has it, and the server and its clusters are told the same."""
    container = (await pod_of(lease("small", **options), CARELESS))["spec"]["containers"][0]
    environment = {one["name"]: one.get("value") for one in container["env"]}
    assert container["image"] == environment["JUPYTER_IMAGE_SPEC"] == f"images.example.org/{image}"
    assert (environment["GATEHOUSE_LEASE"], environment["CPU_LIMIT"]) == ("d-7", "1.0")


async def test_lease_without_placement_still_says_whose_it_is(pod_of: Any) -> None:
    """A service that says nothing of Kubernetes leaves the chart's values, and the pod is labelled all the same."""
    bare = lease("small").model_copy(update={"placement": None})
    pod = await pod_of(bare, {"image": "registry/chart:1"})
    assert pod["spec"]["containers"][0]["image"] == "registry/chart:1"
    assert pod["metadata"]["labels"]["gatehouse/lease"] == "d-7"


def test_spawners_are_where_their_names_lead() -> None:
    """What ``c.JupyterHub.spawner_class`` may be called is a class of ours."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = project["entry-points"]["jupyterhub.spawners"]
    found = {name: pkgutil.resolve_name(place) for name, place in names.items()}
    assert found["gatehouse-kube"] is GatehouseKubeSpawner
    assert set(found) == {"gatehouse-local", "gatehouse-kube"}
