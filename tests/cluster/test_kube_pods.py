"""What the controller reads in a pod's JSON: whether it lives, holds a place, and why it does not start."""

from typing import Any

import pytest

from hub_ext.cluster.kube import counting, explaining
from hub_ext.cluster.kube.counting import WorkerState
from hub_ext.contract.reasons import Reason

RUNNING = {"running": {"startedAt": "2026-11-02T10:00:01Z"}}
WAITING = {"waiting": {"reason": "ContainerCreating"}}
CRASHED = {"waiting": {"reason": "CrashLoopBackOff"}}


def done(code: int, reason: str = "Error") -> dict[str, Any]:
    """Return the state of a container that has ended."""
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": "2026-11-02T10:05:00Z"}}


def pod(
    phase: str,
    *states: dict[str, Any],
    name: str = "w",
    created: str = "2026-11-02T10:00:00Z",
    deleting: bool = False,
    node: str = "",
    component: str = "dask-worker",
    **status: Any,
) -> dict[str, Any]:
    """Return a pod as the API server tells of it."""
    metadata: dict[str, Any] = {
        "name": name,
        "creationTimestamp": created,
        "labels": {"app.kubernetes.io/component": component},
    }
    if deleting:
        metadata |= {"deletionTimestamp": "2026-11-02T10:06:00Z", "finalizers": ["gatehouse/ledger"]}
    told: dict[str, Any] = {"phase": phase, **status}
    if states:
        told["containerStatuses"] = [{"name": component, "state": state} for state in states]
    return {"metadata": metadata, "spec": {"nodeName": node} if node else {}, "status": told}


@pytest.mark.parametrize(
    ("given", "state", "lives"),
    [
        pytest.param(pod("Pending"), WorkerState.pending, True, id="no node took it"),
        pytest.param(pod("Pending", WAITING), WorkerState.pending, True, id="its image is pulled"),
        pytest.param(pod("Running", RUNNING), WorkerState.running, True, id="runs"),
        pytest.param(pod("Running", CRASHED), WorkerState.running, True, id="is started again"),
        pytest.param(pod("Running", done(1)), WorkerState.running, True, id="ended, and is started again"),
        pytest.param(pod("Running", done(0)), WorkerState.succeeded, True, id="has just left"),
        pytest.param(pod("Succeeded", done(0)), WorkerState.succeeded, False, id="left"),
        pytest.param(pod("Failed", done(137)), WorkerState.failed, False, id="killed"),
        pytest.param(pod("Failed"), WorkerState.failed, False, id="evicted: no container statuses"),
        pytest.param(pod("Unknown", RUNNING), None, True, id="its node does not answer"),
        pytest.param(pod("Running", RUNNING, deleting=True), WorkerState.running, True, id="has time left to end"),
        pytest.param(pod("Running", done(0), deleting=True), WorkerState.gone, False, id="kept by the finalizer"),
        pytest.param(pod("Pending", deleting=True), WorkerState.gone, False, id="kept, and never ran"),
        pytest.param(pod("Pending", WAITING, deleting=True), WorkerState.gone, False, id="kept while its image came"),
        pytest.param(pod("Failed", done(1), deleting=True), WorkerState.gone, False, id="failed, and is deleted"),
    ],
)
def test_a_worker_is_what_its_pod_says(given: dict[str, Any], state: WorkerState | None, lives: bool) -> None:  # noqa: FBT001 - a table's column
    """A pod that only the finalizer keeps neither runs nor counts; one that no node has taken counts as pending."""
    assert counting.worker_state(given) is state
    assert counting.lives(given) is lives


def test_workers_that_hold_a_place_are_counted_apart_from_those_that_wait() -> None:
    """What is on a node holds a place also before and after it runs; the scheduler is no worker."""
    pods = [
        pod("Pending"),
        pod("Pending", WAITING, node="n1"),
        pod("Running", RUNNING, node="n1"),
        pod("Running", RUNNING, node="n1", deleting=True),
        pod("Running", done(0), node="n1", deleting=True),
        pod("Failed", node="n1"),
        pod("Running", RUNNING, node="n1", component="dask-scheduler"),
    ]
    assert counting.counted(pods) == {"workers": 3, "pending": 1}


def test_the_newest_go_first() -> None:
    """By the time of their making; of the same second, by name."""
    pods = [pod("Pending", name=f"w{n}", created=f"2026-11-02T10:00:0{n // 2}Z") for n in range(5)]
    assert counting.newest(pods, 3) == ["w4", "w3", "w2"]
    assert counting.newest(pods, 0) == []


PULL = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "acme/none:1"'}}
SECRET = {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "keys" not found'}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(pod("Pending", PULL), ["image", "ImagePullBackOff", "acme/none:1", "platform"], id="pull"),
        pytest.param(pod("Pending", SECRET), ['secret "keys" not found', "platform"], id="secret"),
        pytest.param(pod("Pending", WAITING), [], id="needs time"),
        pytest.param(pod("Pending"), [], id="waits for a node"),
        pytest.param(None, [], id="none"),
    ],
)
def test_what_time_does_not_mend_is_told(given: dict[str, Any] | None, words: list[str]) -> None:
    """A wrong image and a missing Secret are failures; a machine that is still coming is none."""
    why = explaining.waits_for(given)
    assert (why is None) is (not words)
    assert why is None or all(word in why.message for word in words)


def test_a_scheduler_that_no_machine_takes_fails_in_kubernetes_own_words() -> None:
    """The scheduler of Kubernetes says what is short; nothing is invented where it says nothing."""
    full = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes: cpu."}
    assert "Unschedulable: 0/3 nodes: cpu." in explaining.too_slow(pod("Pending", conditions=[full]), 600).message
    assert "did not answer within 600 s" in explaining.too_slow(None, 600.4).message
    assert "ImagePullBackOff" in explaining.too_slow(pod("Pending", PULL), 600).message


@pytest.mark.parametrize(
    ("given", "word"),
    [
        pytest.param(pod("Failed", done(137, "OOMKilled")), "OOMKilled: exit code 137", id="memory"),
        pytest.param(pod("Failed", reason="Evicted", message="low on\ndisk"), "Evicted: low on disk", id="evicted"),
        pytest.param(pod("Running", RUNNING, deleting=True), "its pod was deleted", id="deleted"),
        pytest.param(
            pod(
                "Failed",
                done(143),
                conditions=[{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}],
            ),
            "PreemptionByScheduler",
            id="preempted",
        ),
    ],
)
def test_an_end_is_told_with_its_cause(given: dict[str, Any], word: str) -> None:
    """The person reads why their scheduler ended, on one line."""
    why = explaining.ended(given, ran=True)
    assert why.reason is Reason.scheduler_ended
    assert word in why.message
    assert "\n" not in why.message


def test_a_refused_pod_says_whose_bound_it_met() -> None:
    """A used-up ResourceQuota is told apart from anything else that the API server says; a long text is cut."""
    quota = '{"message": "pods \\"x\\" is forbidden: exceeded quota: backstop, requested: pods=1"}'
    assert "ResourceQuota" in explaining.refused(403, quota).message
    other = explaining.refused(422, '{"message": "' + "x" * 900 + '"}').message
    assert "ResourceQuota" not in other
    assert len(other) < 400
    assert "HTTP 403" in explaining.refused(403, "<html>").message
