"""A pod's facts become events of the ledger, if it is what its lease is for. Pure.

Event ids are made from the pod's uid, so that the hub and this service may both report, and as often as they like. A
moment that was set right afterwards has an id of its own: the exact one may still come, and counts then.
"""

from datetime import datetime

from hub_ext.contract.admission import Kind, Lease
from hub_ext.contract.usage import Event, EventType, Source, UnitKind
from hub_ext.pods.facts import Known, Pod, Stage

_MOST = 500
_STARTED = {Source.exact: "started", Source.reconciled: "restarted", Source.estimated: "begun"}
_ENDED = {Source.exact: "ended", Source.reconciled: "gone", Source.estimated: "lost"}


def misfit(pod: Pod, lease: Lease | None) -> str:
    """Say why a pod may not be charged to the lease that its label names; empty: it may.

    Labels are written by whoever makes the pod, so they prove nothing: the lease must exist, be of the pod's kind, and
    be bound to the very server or cluster that the pod is of.
    """
    if lease is None:
        return f"its lease {pod.lease or '(none)'} is not known"
    if pod.kind is None:
        return "its label gatehouse/unit names no kind of unit"
    if (pod.kind is UnitKind.server) is not (lease.kind is Kind.server):
        return f"it is a {pod.kind.value}, and its lease {lease.id} is for a {lease.kind.value}"
    said = pod.server if lease.kind is Kind.server else pod.cluster
    alien = lease.kind is Kind.server and said.partition("/")[0] != lease.user
    if not said or alien or said != (lease.ref or said):
        return f"it is of {said or 'nobody'}, and its lease {lease.id} of {lease.ref or lease.user}"
    return ""


def events(pod: Pod) -> tuple[Event, ...]:
    """Return what is to be reported of a pod that fits its lease."""
    told = []
    if pod.start is not None:
        told.append(_event(pod, EventType.started, pod.start, _STARTED[pod.start.source]))
    if pod.end is not None:
        told.append(ended(pod, pod.end))
    return tuple(told)


def ended(pod: Pod, end: Known) -> Event:
    """Return the end of a pod."""
    return _event(pod, EventType.ended, end, _ENDED[end.source])


def free(pod: Pod, now: datetime, patience: float) -> bool:
    """Say whether a pod need not be held for its end any longer, once what is known of it is in the ledger.

    Args:
        pod: that carries our finalizer.
        now: the moment.
        patience: seconds after its grace period in which a kubelet may still tell of the end. After them its machine
            is taken for lost, and the pod ended with its grace period.
    """
    if pod.end is not None or (pod.stage is Stage.ended and pod.start is None):
        return True
    if pod.deleting_at is None:
        return False
    if pod.scheduled_at is None and pod.start is None:
        return True
    return (now - pod.deleting_at).total_seconds() > patience


def _event(pod: Pod, what: EventType, known: Known, word: str) -> Event:
    detail = f"pod {pod.namespace}/{pod.name}"
    if what is EventType.ended and pod.why:
        detail = f"{detail}: {pod.why}"
    return Event(
        id=f"{pod.uid}-{word}",
        unit=pod.unit,
        kind=pod.kind or UnitKind.scheduler,
        lease=pod.lease,
        type=what,
        at=known.at,
        source=known.source,
        detail=detail[:_MOST],
    )
