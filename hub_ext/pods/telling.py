"""What a person reads about pods: what theirs wait for, and why one ended that should not have. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from hub_ext.contract.units import format_duration
from hub_ext.contract.usage import UnitKind
from hub_ext.pods.facts import Stage

_RECENT = timedelta(minutes=10)
"""How long an end is news."""
_CAUSES = {
    "OOMKilled": "it used more memory than it has; start it with more, or use less",
    "Evicted": "its machine ran short of memory or disk and evicted it",
    "EvictionByEvictionAPI": "an administrator or the cluster moved it off its machine",
    "PreemptionByScheduler": "something more important needed its machine",
    "DeletionByTaintManager": "its machine was lost or taken back",
    "DeletionByPodGC": "its machine was lost or taken back",
    "TerminationByKubelet": "its machine was shut down or taken back",
    "NodeLost": "its machine was lost or taken back",
    "Terminated": "its machine was shut down or taken back",
}
"""The reasons of container statuses, pods and DisruptionTarget that are not their owner's doing -> in words."""


class Row(Protocol):
    """What is looked at of a pod."""

    @property
    def kind(self) -> str:
        """``server``, ``scheduler`` or ``worker``."""

    @property
    def stage(self) -> str:
        """How far it has come."""

    @property
    def why(self) -> str:
        """What the API server says."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""

    @property
    def scheduled_at(self) -> datetime | None:
        """When a machine was found for it."""

    @property
    def seen_at(self) -> datetime:
        """When something was last heard of it."""


def starting(rows: Sequence[Row], now: datetime) -> str:
    """Say what a server or a scheduler waits for; empty: it has no pod yet, or waits for nothing.

    Args:
        rows: the pods of one lease.
        now: the moment.
    """
    base = next((row for row in reversed(rows) if row.kind != UnitKind.worker.value), None)
    if base is None:
        return ""
    if base.stage == Stage.pending:
        return _sentence("Waiting for a machine", base.created_at, now, base.why)
    if base.stage == Stage.pulling:
        return _sentence("Pulling the image", base.scheduled_at or base.created_at, now, base.why)
    return ""


def running(rows: Sequence[Row], now: datetime) -> str:
    """Say why a running cluster has fewer workers than it was granted: they wait, or one was ended; empty: neither."""
    workers = [row for row in rows if row.kind == UnitKind.worker.value]
    for stage, what in ((Stage.pending, "a machine"), (Stage.pulling, "the image")):
        waiting = [row for row in workers if row.stage == stage]
        if waiting:
            since = min(row.created_at for row in waiting)
            many = f"{len(waiting)} worker{'' if len(waiting) == 1 else 's'} waiting for {what}"
            return _sentence(many, since, now, next((row.why for row in waiting if row.why), ""))
    lost = [row for row in workers if row.stage == Stage.ended and row.seen_at > now - _RECENT]
    causes = [cause for row in lost if (cause := _cause(row.why))]
    return f"A worker ended: {causes[-1]}." if causes else ""


def ended(rows: Sequence[Row]) -> str:
    """Say why a server or cluster ended by itself; empty: as it should, as far as its pod says."""
    bases = [row for row in rows if row.kind != UnitKind.worker.value and row.stage == Stage.ended]
    cause = _cause(bases[-1].why) if bases else ""
    return f"Its pod ended: {cause}." if cause else ""


def _cause(why: str) -> str:
    """Return the first cause that is told of, with its word."""
    words = why.split(": ")
    return next((f"{_CAUSES[word]} ({word})" for word in words if word in _CAUSES), "")


def _sentence(what: str, since: datetime, now: datetime, why: str) -> str:
    lasted = format_duration(max(0, int((now - since).total_seconds())))
    return f"{what} for {lasted}: {why}" if why else f"{what} for {lasted}."
