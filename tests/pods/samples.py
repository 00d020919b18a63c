"""Pods with statuses as the API server has them."""

from datetime import UTC, datetime, timedelta
from typing import Any

BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""When a sample pod was made."""


def at(seconds: float) -> datetime:
    """Return so many seconds after the beginning."""
    return BEGIN + timedelta(seconds=seconds)


def stamp(moment: datetime) -> str:
    """Write a time as the API server does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _stamp(seconds: float | None) -> str | None:
    return None if seconds is None else stamp(at(seconds))


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """A container that has not started, or not again."""
    return {"waiting": {"reason": reason, "message": message}}


def running(since: float) -> dict[str, Any]:
    """A container that runs."""
    return {"running": {"startedAt": _stamp(since)}}


def terminated(since: float | None, until: float | None, code: int = 0, reason: str = "Completed") -> dict[str, Any]:
    """A container that ended."""
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": _stamp(since), "finishedAt": _stamp(until)}}


def container(
    state: dict[str, Any], last: dict[str, Any] | None = None, restarts: int = 0, *, name: str = "main"
) -> dict[str, Any]:
    """A container's status."""
    return {"name": name, "state": state, "lastState": last or {}, "restartCount": restarts}


def pod(
    *containers: dict[str, Any],
    phase: str = "Running",
    unit: str = "worker",
    lease: str = "l1",
    name: str = "a-pod",
    uid: str = "uid-1",
    created: float = 0,
    scheduled: float | None = None,
    unschedulable: str = "",
    disrupted: tuple[str, float] | None = None,
    deleting: float | None = None,
    reason: str = "",
    message: str = "",
    user: str = "",
    servername: str = "",
    cluster: str = "c1",
) -> dict[str, Any]:
    """Return a pod; times are seconds after the beginning."""
    conditions = []
    if scheduled is not None:
        conditions.append({"type": "PodScheduled", "status": "True", "lastTransitionTime": _stamp(scheduled)})
    if unschedulable:
        told = {"lastTransitionTime": _stamp(0), "reason": "Unschedulable", "message": unschedulable}
        conditions.append({"type": "PodScheduled", "status": "False", **told})
    if disrupted:
        told = {"lastTransitionTime": _stamp(disrupted[1]), "reason": disrupted[0]}
        conditions.append({"type": "DisruptionTarget", "status": "True", **told})
    notes = {"hub.jupyter.org/username": user, "hub.jupyter.org/servername": servername} if user else {}
    labels = {"gatehouse/lease": lease, "gatehouse/unit": unit} | (
        {} if user else {"gateway.dask.org/cluster": cluster}
    )
    metadata: dict[str, Any] = {"uid": uid, "name": name, "namespace": "jhub", "labels": labels, "annotations": notes}
    metadata |= {"creationTimestamp": _stamp(created), "finalizers": ["gatehouse/ledger"]}
    if deleting is not None:
        metadata["deletionTimestamp"] = _stamp(deleting)
    status = {"phase": phase, "conditions": conditions, "containerStatuses": list(containers)}
    status |= {name: text for name, text in (("reason", reason), ("message", message)) if text}
    return {"metadata": metadata, "spec": {"containers": [{"name": "main"}, {"name": "a-sidecar"}]}, "status": status}
