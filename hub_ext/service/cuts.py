"""Grants in part, written down among the decisions: at most one statement, and only when one differs from the last."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from hub_ext.contract.admission import Decision, Grant
from hub_ext.policy import cutting
from hub_ext.usage import decisions
from hub_ext.usage.database import Connection
from hub_ext.usage.leases import LeaseRecord


@dataclass(frozen=True)
class Granted:
    """A grant, whose cluster it is for, and whether it was cut for a new reason."""

    owner: str
    grant: Grant
    cut: bool = False


def keep(connection: Connection, before: LeaseRecord, told: Grant, now: datetime) -> bool:
    """Write a grant in part down, if it differs from the one before; return whether it does.

    Args:
        connection: the transaction that decided, with the group's lock.
        before: the lease as it was at the last heartbeat.
        told: what its owner reads.
        now: the moment.
    """
    if not cutting.is_new(told, reason=before.reason, workers=before.lease.workers, wanted=before.wanted):
        return False
    decision = Decision(
        id=f"g-{uuid4().hex[:12]}",
        allowed=True,
        reason=told.reason,
        message=told.message,
        retry_at=told.retry_at,
        trace=told.trace,
    )
    return decisions.keep_grant(connection, cutting.key(before.lease, told, now), before.lease, decision, now)
