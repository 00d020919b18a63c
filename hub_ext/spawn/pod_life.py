"""When a server's pod really ran, from the status that its kubelet wrote. Pure.

Kubernetes' times are whole seconds. A pod runs from the start of its notebook container to that container's end; our
pods are never restarted in place, so there is one interval for each pod, and its uid names both events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_ext.contract import labels
from hub_ext.contract.usage import Source

CONTAINER = "notebook"
"""KubeSpawner's name of the container that is the server."""

Pod = Mapping[str, Any]
"""A pod as the API server sends it."""


@dataclass(frozen=True)
class PodLife:
    """What is known of one pod."""

    uid: str
    lease: str
    """The label's value; empty: the pod is not ours."""
    started_at: datetime | None
    ended_at: datetime | None
    source: Source
    """How the end is known."""
    detail: str


def life_of(pod: Pod, *, gone: bool, now: datetime) -> PodLife:
    """Return when the pod's server started and ended, as far as it did.

    The end is what the kubelet wrote. Where a pod went without that, it is ``reconciled``: when the pod was to be gone
    at the latest (``deletionTimestamp``), and where nobody asked for that either, now.

    Args:
        pod: the last that was seen of it.
        gone: whether the API server has removed it since.
        now: the moment, aware.
    """
    meta, status = pod["metadata"], pod.get("status") or {}
    state = notebook_status(pod).get("state") or {}
    running, ended = state.get("running") or {}, state.get("terminated") or {}
    started_at = _instant(running.get("startedAt") or ended.get("startedAt"))
    ended_at, source = _instant(ended.get("finishedAt")), Source.exact
    if ended_at is None and (gone or status.get("phase") in {"Failed", "Succeeded"}):
        told = _instant(meta.get("deletionTimestamp"))
        ended_at, source = now if told is None else min(told, now), Source.reconciled
    return PodLife(
        uid=str(meta["uid"]),
        lease=str((meta.get("labels") or {}).get(labels.LEASE, "")),
        started_at=started_at,
        ended_at=ended_at if ended_at is None or started_at is None else max(ended_at, started_at),
        source=source,
        detail=_detail(pod, ended),
    )


def notebook_status(pod: Pod) -> Mapping[str, Any]:
    """Return the status of the server's container; empty while there is none."""
    found: list[Mapping[str, Any]] = (pod.get("status") or {}).get("containerStatuses") or []
    return next((one for one in found if one["name"] == CONTAINER), {})


def _detail(pod: Pod, ended: Mapping[str, Any]) -> str:
    text = f"pod {pod['metadata']['name']}"
    node = (pod.get("spec") or {}).get("nodeName")
    if node:
        text += f" on {node}"
    if "exitCode" in ended:
        text += f" ended with status {ended['exitCode']}"
    reason = ended.get("reason") or (pod.get("status") or {}).get("reason")
    return f"{text}, {reason}" if reason else text


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
