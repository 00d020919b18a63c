"""One pod's JSON becomes facts: whose it is, when it waited, ran and ended, and why. Pure.

Source of the fields: the Kubernetes API, ``Pod`` of ``v1``: PodStatus, PodCondition, ContainerStatus.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub_ext.contract.labels import FINALIZER, HUB_USER, LEASE, UNIT
from hub_ext.contract.usage import Source, UnitKind

_CLUSTER, _SERVER = "gateway.dask.org/cluster", "hub.jupyter.org/servername"
_OVER = frozenset({"Succeeded", "Failed"})
_MOST = 300
"""Characters of a message that is passed on."""

_Json = Mapping[str, Any]


class Stage(StrEnum):
    """How far a pod has come."""

    pending = "pending"
    """No machine has been found for it."""
    pulling = "pulling"
    """It has a machine, which pulls its image, mounts its volumes and starts it."""
    running = "running"
    ended = "ended"


@dataclass(frozen=True)
class Known:
    """A moment, and how it is known."""

    at: datetime
    source: Source = Source.exact


@dataclass(frozen=True)
class Pod:
    """What a pod says of itself. Its labels are claims: only the ledger knows whether there is such a lease."""

    uid: str
    namespace: str
    name: str
    lease: str
    """By its label; empty: it has none."""
    kind: UnitKind | None
    """By its label; None: it has none that we know."""
    cluster: str
    """The gateway's name for its cluster, ``namespace.name``; empty: it is of none."""
    server: str
    """The hub's ``user/server``, as the spawner writes it; empty: it is none."""
    created_at: datetime
    scheduled_at: datetime | None
    """When a machine was found for it."""
    start: Known | None
    end: Known | None
    """None also where it is over and nobody says since when: see :func:`gone`."""
    stage: Stage
    why: str
    """Why it waits, failed or ended, in the API server's words; empty: there is nothing to say."""
    deleting_at: datetime | None
    """By when it should be gone, its grace period included; None: nobody asked for that."""
    finalizers: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The unit that is paid for: the lease's server or scheduler, or a worker by its pod's name."""
        match self.kind:
            case UnitKind.server:
                return self.lease
            case UnitKind.worker:
                return f"{self.lease}-{self.name}"
            case _:
                return f"{self.lease}-scheduler"

    @property
    def held(self) -> bool:
        """Whether it stays until its end is in the ledger."""
        return FINALIZER in self.finalizers

    @property
    def lives(self) -> bool:
        """Whether it may still hold a machine, or get one."""
        return self.stage is not Stage.ended


def read(pod: _Json) -> Pod:
    """Return the facts of a pod.

    Args:
        pod: an object of the API server, as JSON.
    """
    meta, status = pod["metadata"], pod.get("status", {})
    labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
    main = _main(pod)
    start, end = _start(main), _end(pod, main)
    kind = labels.get(UNIT)
    cluster = labels.get(_CLUSTER, "")
    user = notes.get(HUB_USER, "")
    over = end is not None or status.get("phase") in _OVER
    scheduled_at = _when(_condition(status, "PodScheduled", "True"))
    stage = Stage.ended if over else Stage.running if start else Stage.pulling if scheduled_at else Stage.pending
    return Pod(
        uid=meta["uid"],
        namespace=meta["namespace"],
        name=meta["name"],
        lease=labels.get(LEASE, ""),
        kind=UnitKind(kind) if kind in set(UnitKind) else None,
        cluster=f"{meta['namespace']}.{cluster}" if cluster else "",
        server=f"{user}/{notes.get(_SERVER, '')}" if user else "",
        created_at=_instant(meta["creationTimestamp"]),
        scheduled_at=scheduled_at,
        start=start,
        end=end,
        stage=stage,
        why=_why(status, main, stage),
        deleting_at=_moment(meta.get("deletionTimestamp")),
        finalizers=tuple(meta.get("finalizers") or ()),
    )


def gone(pod: Pod, now: datetime) -> Known | None:
    """Return when a pod ended that is no longer there, or of which nobody tells any more; None: it never ran.

    Where no container status told: by the end of its grace period at the latest, else at the moment it was missed.
    """
    if pod.end is not None or pod.start is None:
        return pod.end
    at = now if pod.deleting_at is None else min(now, pod.deleting_at)
    return Known(max(at, pod.start.at), Source.reconciled)


def _main(pod: _Json) -> _Json:
    """Return the status of the container that is paid for: the first of its specification; sidecars do not count.

    The kubelet sorts statuses by name, so the first status may be a sidecar's.
    """
    containers = pod.get("spec", {}).get("containers") or [{}]
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return next((one for one in statuses if one["name"] == containers[0]["name"]), {})


def _runs(main: _Json) -> Iterator[_Json]:
    """Yield what is told of the container's runs, the present or last one first; no more than two are kept."""
    state, last = main.get("state") or {}, main.get("lastState") or {}
    yield from (run for run in (state.get("running"), state.get("terminated"), last.get("terminated")) if run)


def _start(main: _Json) -> Known | None:
    """Return the first start that is told of; a container that restarted more than once had an earlier one."""
    starts = [at for run in _runs(main) if (at := _moment(run.get("startedAt"))) is not None]
    if not starts:
        return None
    return Known(min(starts), Source.exact if main.get("restartCount", 0) <= 1 else Source.reconciled)


def _end(pod: _Json, main: _Json) -> Known | None:
    """Return the end of a pod that does not start its container again.

    A container that ended in a pod that is neither over nor going away starts again: the pod keeps its machine, so its
    interval goes on.
    """
    meta, status = pod["metadata"], pod.get("status", {})
    over = status.get("phase") in _OVER
    deleting = _moment(meta.get("deletionTimestamp"))
    ended = (main.get("state") or {}).get("terminated") or (main.get("lastState") or {}).get("terminated")
    running = (main.get("state") or {}).get("running")
    if not over and (deleting is None or running or not ended):
        return None
    if ended and not running and (at := _moment(ended.get("finishedAt"))) is not None:
        return Known(at)
    told = _when(_condition(status, "DisruptionTarget", "True")) or _when(_condition(status, "Ready", "False"))
    at = told or deleting
    return None if at is None or _start(main) is None else Known(at, Source.reconciled)


def _why(status: _Json, main: _Json, stage: Stage) -> str:
    state = main.get("state") or {}
    if stage is Stage.pending:
        return _line(_condition(status, "PodScheduled", "False").get("message", ""))
    if stage is Stage.ended:
        ended = state.get("terminated") or {}
        reasons = [_condition(status, "DisruptionTarget", "True").get("reason"), status.get("reason")]
        words = [*reasons, ended.get("reason"), status.get("message") or ended.get("message")]
        code = ended.get("exitCode")
        return _line(": ".join(dict.fromkeys(filter(None, [*words, code and f"exit code {code}"]))))
    waiting = state.get("waiting") or {}
    if waiting.get("reason", "") in {"", "ContainerCreating", "PodInitializing"}:
        return ""
    return _line(": ".join(filter(None, [waiting["reason"], waiting.get("message")])))


def _condition(status: _Json, kind: str, value: str) -> _Json:
    told = (one for one in status.get("conditions") or () if one["type"] == kind and one["status"] == value)
    return next(told, {})


def _when(condition: _Json) -> datetime | None:
    return _moment(condition.get("lastTransitionTime"))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else _instant(text)


def _instant(text: str) -> datetime:
    """Read RFC 3339, as the API server writes it."""
    return datetime.fromisoformat(text)


def _line(text: str) -> str:
    return " ".join(text.split())[:_MOST]
