"""What the policy's blocks add up to, for each kind of pod; and what nobody's block or choice can move."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.placement import Placement, PodPlacement
from hub_ext.policy.choosing import choose
from hub_ext.policy.kubernetes import Pods
from hub_ext.policy.placing import place
from tests.policy.kubernetes_samples import policy

SHARED = {"name": "shared", "persistentVolumeClaim": {"claimName": "research", "readOnly": False}}
SCRATCH: dict[str, Any] = {"name": "scratch", "emptyDir": {}}


def placed(group: str, profile: str, *chosen: Pods, user: str = "alice") -> Placement:
    """Return where a lease of the person goes."""
    return place(policy(), group, profile, lease="d-1", user=user, chosen=chosen)


def worker(group: str, profile: str) -> PodPlacement:
    """Return where the workers of a lease go."""
    found = placed(group, profile).worker
    assert found is not None
    return found


# id: (pod, what is expected of it)
PODS: dict[str, tuple[PodPlacement, dict[str, Any]]] = {
    "server of a group without a block": (
        placed("analysts", "small").base,
        {
            "node_selector": {"pool": "on-demand"},
            "priority_class": "people",
            "service_account": "",
            "volumes": (),
            "resources": {},
        },
    ),
    "server of a group with one": (
        placed("research", "small").base,
        {
            "node_selector": {"pool": "on-demand", "team": "research"},
            "service_account": "research",
            "volumes": (SHARED,),
            "volume_mounts": ({"name": "shared", "mountPath": "/home/shared", "readOnly": False},),
            "env_from_secrets": ("research-database",),
        },
    ),
    "server with GPUs": (
        placed("research", "gpu-notebook").base,
        {
            "node_selector": {"gpu": "l4", "pool": "on-demand", "team": "research"},
            "resources": {"nvidia.com/gpu": 2},
            "tolerations": ({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},),
            "image": "images.example.org/cuda:12",
        },
    ),
    "scheduler of a cluster on spot machines": (
        placed("research", "spot").base,
        {
            "node_selector": {"pool": "on-demand", "team": "research"},
            "tolerations": (),
            "priority_class": "schedulers",
            "volumes": (SCRATCH, SHARED),
            "resources": {},
        },
    ),
    "worker on a spot machine with a GPU": (
        worker("research", "spot"),
        {
            "node_selector": {"gpu": "l4", "pool": "spot", "team": "research"},
            "tolerations": (
                {"key": "batch", "operator": "Exists"},
                {"key": "spot", "operator": "Equal", "value": "true", "effect": "NoSchedule"},
                {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
            ),
            "priority_class": "batch",
            "service_account": "research",
            "resources": {"nvidia.com/gpu": 1},
        },
    ),
    "worker at the full price": (worker("analysts", "steady"), {"node_selector": {"pool": "on-demand"}}),
}


@pytest.mark.parametrize(("pod", "expected"), PODS.values(), ids=PODS)
def test_blocks_add_up(pod: PodPlacement, expected: dict[str, Any]) -> None:
    """Each pod gets what the document, its profile, its part of the cluster, its group and its machine say."""
    assert {name: getattr(pod, name) for name in expected} == expected


def test_mounts_of_the_profile_and_its_part_stand_side_by_side() -> None:
    """A part of a cluster adds mounts of the profile's volume to the profile's own."""
    assert [mount["mountPath"] for mount in worker("research", "spot").volume_mounts] == [
        "/scratch",
        "/tmp/dask",  # noqa: S108 - a path in a container
        "/home/shared",
    ]


def test_group_is_above_the_profile_and_ours_above_both() -> None:
    """A label of the group replaces the profile's; those by which pods are found are last."""
    labels = placed("research", "gpu-notebook", user="Ada Lovelace").base.labels
    assert (labels["team"], labels["tier"]) == ("research", "gold")
    assert labels["gatehouse/unit"] == "server"
    assert labels["gatehouse/user"] == labels["hub.jupyter.org/username"] == "ada-lovelace---76740216"
    annotations = placed("research", "gpu-notebook", user="Ada Lovelace").base.annotations
    assert annotations["gatehouse/user"] == "Ada Lovelace"
    assert annotations["owner"] == "platform"


def test_choice_cannot_move_what_is_priced() -> None:
    """A choice sets an image and nodes; the nodes of spot machines and GPUs stay as they are."""
    pod = placed("research", "small", *choose(policy(), "research", "small", {"image": "torch"})).base
    assert pod.image == "images.example.org/torch:2"
    assert pod.node_selector == {"disk": "fast", "gpu": "none", "pool": "on-demand", "team": "research"}


@given(
    selector=st.dictionaries(st.sampled_from(["pool", "gpu", "team", "disk"]), st.sampled_from(["spot", "l4", "x"])),
    labels=st.dictionaries(st.sampled_from(["gatehouse/lease", "gatehouse/user", "team"]), st.just("forged")),
)
def test_nothing_moves_machine_or_payer(selector: dict[str, str], labels: dict[str, str]) -> None:
    """Whatever is chosen, a pod runs on the machines that are priced and bears the payer's labels."""
    forged = Pods.model_construct(node_selector=selector, labels=labels, annotations=labels)
    plain, pod = placed("research", "gpu-notebook").base, placed("research", "gpu-notebook", forged).base
    assert (pod.node_selector["pool"], pod.node_selector["gpu"]) == ("on-demand", "l4")
    assert pod.resources == plain.resources
    assert {key: value for key, value in pod.labels.items() if "/" in key} == {
        key: value for key, value in plain.labels.items() if "/" in key
    }
