"""What a kubelet says becomes fact, cause and next step; what may heal is told from what will not."""
# ruff: noqa: E501 - a table is read row by row, one line each

import json
from typing import Any

import pytest

from hub_ext.spawn.pod_trouble import refused_by_kubernetes, slow, trouble_of
from tests.spawn.pods import a_pod

MOUNT = {
    "type": "Warning",
    "reason": "FailedMount",
    "message": 'MountVolume.SetUp failed for volume "keys" : secret "keys" not found',
}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """Return a pod whose container waits."""
    return a_pod({"waiting": {"reason": reason, "message": message}})


def ended(code: int, reason: str = "Error") -> dict[str, Any]:
    """Return a pod whose container has ended."""
    return a_pod({"terminated": {"exitCode": code, "reason": reason}})


# id: (pod, events, words, whether it may heal)
TROUBLES: dict[str, tuple[dict[str, Any], list[dict[str, Any]], str, bool]] = {
    "no such image": (waiting("ErrImagePull", "not found"), [], "the image images.example.org/lab:1 cannot be pulled", True),
    "backing off": (waiting("ImagePullBackOff", 'Back-off pulling image "x"'), [], "Choose another image", True),
    "no image at all": (waiting("InvalidImageName"), [], "is no image that can be used", False),
    "no Secret": (waiting("CreateContainerConfigError", 'secret "db" not found'), [], 'is missing (secret "db" not found)', False),
    "no command": (ended(127), [], "does not hold what a server needs", False),
    "no command, by the runtime": (ended(128, "StartError"), [], "must have jupyterhub-singleuser", False),
    "ended": (ended(1), [], "ended while it was starting, with status 1.", False),
    "out of memory": (ended(137, "OOMKilled"), [], "with status 137 (OOMKilled).", False),
    "no Secret for a volume": (waiting("ContainerCreating"), [MOUNT], 'secret "keys" not found', True),
    "no claim": (a_pod(status={"conditions": [{"type": "PodScheduled", "status": "False", "message": 'persistentvolumeclaim "home" not found'}]}), [], 'is not there (persistentvolumeclaim "home" not found)', True),
    "evicted": (a_pod(status={"phase": "Failed", "reason": "Evicted"}), [], "its pod failed (Evicted)", False),
}  # fmt: skip


@pytest.mark.parametrize(("pod", "events", "words", "heals"), TROUBLES.values(), ids=TROUBLES)
def test_trouble(pod: dict[str, Any], events: list[dict[str, Any]], words: str, heals: bool) -> None:  # noqa: FBT001 - a column of the table
    """The sentence names what is missing, and ends with whom to tell."""
    found = trouble_of(pod, events)
    assert found is not None
    assert words in found.text
    assert found.text.endswith("Tell whoever runs the platform.")
    assert found.heals is heals


@pytest.mark.parametrize(
    "pod", [None, a_pod(), waiting("ContainerCreating"), a_pod({"running": {"startedAt": "2026-11-20T13:00:00Z"}})]
)
def test_no_trouble(pod: dict[str, Any] | None) -> None:
    """A pod that is on its way is none."""
    assert trouble_of(pod, []) is None


@pytest.mark.parametrize(
    "events",
    [[MOUNT, {"reason": "Pulling"}], [{**MOUNT, "message": "Multi-Attach error for volume"}]],
    ids=["mounted since", "a disk that comes late"],
)
def test_volume_that_comes_is_no_trouble(events: list[dict[str, Any]]) -> None:
    """A mount that succeeded later, or may take minutes, does not end a start."""
    assert trouble_of(waiting("ContainerCreating"), events) is None


def test_waiting_too_long_says_what_kept_it() -> None:
    """No node with room, or the last warning, or that nothing is known."""
    told = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
    unscheduled = {"conditions": [{"type": "PodScheduled", "status": "False", "message": told}]}
    assert told in slow(a_pod(status=unscheduled), [])
    assert "late disk" in slow(a_pod(), [{"type": "Warning", "message": "late disk"}])
    assert slow(None, []).startswith("it was not ready in time. Try once more.")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'pods "jupyter-a" is forbidden: exceeded quota: gatehouse, requested: cpu=4',
            "the namespace's own quota is used up",
        ),
        ('pods "a" is forbidden: no PriorityClass with name people was found', "has not what the policy names"),
        ('error looking up service account p/x: serviceaccount "x" not found', "has not what the policy names"),
        ("spec.containers[0].image: Required value", "did not take its pod (spec.containers[0].image"),
    ],
    ids=["quota", "priority class", "service account", "manifest"],
)
def test_refused_by_kubernetes(message: str, words: str) -> None:
    """The API server's own words name what is to be mended."""
    told = refused_by_kubernetes(403, json.dumps({"kind": "Status", "message": message}))
    assert words in told
    assert message in told
    assert "it answered 500" in refused_by_kubernetes(500, "<html>")
