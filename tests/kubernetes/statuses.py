"""What a kubelet writes into a pod's status, as pure functions of what its containers do.

Times are whole seconds, cut off, as Kubernetes' ``metav1.Time`` writes them. The rules are the kubelet's
(``pkg/kubelet/status`` and ``pkg/kubelet/kubelet_pods.go`` of the version in ``control_plane/go.mod``).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

KILLED = 137
"""Exit code after SIGKILL, also the out-of-memory killer's."""
TERMINATED = 143
"""Exit code after SIGTERM."""


@dataclass
class Container:
    """One run of one container, as it happened: what a ledger must agree with."""

    namespace: str
    pod: str
    uid: str
    name: str
    started: datetime
    ended: datetime | None = None
    exit_code: int = 0
    reason: str = ""

    @property
    def seconds(self) -> float:
        """How long it ran by its status, which is in whole seconds; it must have ended."""
        assert self.ended is not None
        return (self.ended - self.started).total_seconds()


def now() -> datetime:
    """Return the time as a status tells it: whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def stamp(moment: datetime) -> str:
    """Write a time as Kubernetes does: ``2026-03-01T12:00:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """Return the state of a container that has not started."""
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running(run: Container) -> dict[str, Any]:
    """Return the state of a container that runs."""
    return {"running": {"startedAt": stamp(run.started)}}


def terminated(run: Container) -> dict[str, Any]:
    """Return the state of a container that ended."""
    assert run.ended is not None
    reason = run.reason or ("Completed" if run.exit_code == 0 else "Error")
    times = {"startedAt": stamp(run.started), "finishedAt": stamp(run.ended)}
    return {"terminated": {"exitCode": run.exit_code, "reason": reason, **times, "containerID": _id(run)}}


def never_ran() -> dict[str, Any]:
    """Return the last state of a container whose pod was deleted before it started: without times."""
    message = "The container could not be located when the pod was terminated"
    return {"terminated": {"exitCode": KILLED, "reason": "ContainerStatusUnknown", "message": message}}


def container_status(spec: dict[str, Any], state: dict[str, Any], runs_so_far: list[Container]) -> dict[str, Any]:
    """Return one entry of ``containerStatuses``.

    Args:
        spec: the container in the pod's spec.
        state: from one of the functions above.
        runs_so_far: every run of it; all but the first are restarts.
    """
    runs = "running" in state
    image_id = f"{spec['image']}@sha256:{0:064x}" if runs_so_far else ""
    return {
        "name": spec["name"],
        "image": spec["image"],
        "imageID": image_id,
        "ready": runs,
        "started": runs,
        "restartCount": max(0, len(runs_so_far) - 1),
        "state": state,
        "lastState": terminated(runs_so_far[-2]) if len(runs_so_far) > 1 else {},
        **({"containerID": _id(runs_so_far[-1])} if runs_so_far else {}),
    }


def pod_status(phase: str, statuses: list[dict[str, Any]], begun: datetime, address: str) -> dict[str, Any]:
    """Return a pod's status, for a strategic merge: conditions that others wrote stay."""
    ready = phase == "Running" and all(one["ready"] for one in statuses)
    moment = stamp(now())
    truths = {"Initialized": True, "Ready": ready, "ContainersReady": ready}
    conditions = [
        {"type": kind, "status": str(truth), "lastTransitionTime": moment, "lastProbeTime": None}
        for kind, truth in truths.items()
    ]
    addresses = {"podIP": address, "podIPs": [{"ip": address}]} if phase != "Pending" else {}
    begin = {"startTime": stamp(begun), "hostIP": "127.0.0.1"}
    return {"phase": phase, "conditions": conditions, "containerStatuses": statuses, **begin, **addresses}


def _id(run: Container) -> str:
    return f"containerd://{run.uid.replace('-', '')}{run.started:%Y%m%d%H%M%S}"
