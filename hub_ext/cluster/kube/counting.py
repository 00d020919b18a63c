"""What a pod's JSON says of it: does it live, does it hold a place, what is it to its cluster. Pure.

A pod that carries our finalizer is still listed after its containers have ended, until the ledger has their times. It
runs no longer then, and must block nothing: neither its replacement nor the release of its cluster's lease.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

Pod = Mapping[str, Any]
_OVER = {"Succeeded", "Failed"}


class WorkerState(Enum):
    """What a worker's pod is to the controller's count."""

    pending = "pending"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    gone = "gone"
    """It is being deleted and nothing of it runs."""


def is_terminating(pod: Pod) -> bool:
    """Whether somebody has asked for its end."""
    return bool(pod["metadata"].get("deletionTimestamp"))


def lives(pod: Pod) -> bool:
    """Whether anything of it runs or is still to run."""
    if pod.get("status", {}).get("phase") in _OVER:
        return False
    return not is_terminating(pod) or _runs(pod)


def holds(pod: Pod) -> bool:
    """Whether it takes a place on a node."""
    return lives(pod) and bool(pod.get("spec", {}).get("nodeName"))


def worker_state(pod: Pod) -> WorkerState | None:
    """Return what a worker's pod is; None: its node does not say, and what was known of it holds.

    One without container statuses is pending too: no node has taken it yet. The stock controller does not count it, and
    so starts others in its place when it is started again.
    """
    phase = pod.get("status", {}).get("phase", "Unknown")
    if is_terminating(pod) and not lives(pod):
        return WorkerState.gone
    if phase == "Unknown":
        return None
    if phase == "Running":
        return WorkerState.succeeded if _left(pod) else WorkerState.running
    return {"Succeeded": WorkerState.succeeded, "Failed": WorkerState.failed}.get(phase, WorkerState.pending)


def counted(pods: Iterable[Pod]) -> dict[str, int]:
    """Return how many workers hold a place, and how many wait for one."""
    living = [pod for pod in pods if is_worker(pod) and lives(pod)]
    held = sum(1 for pod in living if holds(pod))
    return {"workers": held, "pending": len(living) - held}


def newest(pods: Iterable[Pod], count: int) -> list[str]:
    """Return the names of this many pods, the newest first."""
    found = sorted(pods, key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]), reverse=True)
    return [pod["metadata"]["name"] for pod in found[:count]]


def is_worker(pod: Pod) -> bool:
    """Whether it is a worker's, by the label that the gateway's controller gives."""
    return _component(pod) == "dask-worker"


def is_scheduler(pod: Pod) -> bool:
    """Whether it is a scheduler's, by the label that the gateway's controller gives."""
    return _component(pod) == "dask-scheduler"


def _component(pod: Pod) -> str:
    return str(pod["metadata"].get("labels", {}).get("app.kubernetes.io/component", ""))


def _states(pod: Pod) -> list[Mapping[str, Any]]:
    return [status.get("state") or {} for status in pod.get("status", {}).get("containerStatuses") or ()]


def _runs(pod: Pod) -> bool:
    return any("running" in state for state in _states(pod))


def _left(pod: Pod) -> bool:
    """Whether its containers have all ended by themselves, in order."""
    states = _states(pod)
    return bool(states) and all(state.get("terminated", {}).get("exitCode") == 0 for state in states)
