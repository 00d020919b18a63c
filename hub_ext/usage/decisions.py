"""Every yes and no with its why, and what administrators did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, literal, or_, select

from hub_ext.contract.account import DecisionRow
from hub_ext.contract.admission import Decision, Kind, Lease, Request
from hub_ext.contract.reasons import Reason
from hub_ext.usage.tables import audit, decisions

_NAME = 64
"""Characters of a group or profile, as the policy bounds them."""


def answered(connection: Connection, request: str) -> Decision | None:
    """Return the decision that this request already got, if it did."""
    query = select(decisions.c.body).where(decisions.c.request == request)
    body = connection.execute(query).scalar_one_or_none()
    return None if body is None else Decision.model_validate(body)


def keep(connection: Connection, request: Request, decision: Decision, group: str, now: datetime) -> None:
    """Write a decision down."""
    connection.execute(
        insert(decisions).values(
            id=decision.id,
            request=request.id,
            at=now,
            user=request.identity.name,
            group=group[:_NAME],  # what a person typed may be longer than any name
            kind=request.kind.value,
            profile=request.profile[:_NAME],
            name=request.name,
            allowed=decision.allowed,
            reason=decision.reason.value if decision.reason else "",
            message=decision.message,
            body=decision.model_dump(mode="json"),
        )
    )


def keep_grant(connection: Connection, key: str, lease: Lease, decision: Decision, now: datetime) -> bool:
    """Write down that a cluster is granted less than it wants; return whether it was not known by this key yet.

    One statement. Its caller holds the lock of the lease's group, so nobody else writes this key meanwhile.

    Args:
        connection: the transaction that decided.
        key: what counts as the same cut; at most 128 characters.
        lease: of the cluster.
        decision: what its owner reads, with a reason.
        now: the moment.
    """
    row = {
        "id": decision.id,
        "request": key,
        "at": now,
        "user": lease.user,
        "group": lease.group,
        "kind": lease.kind.value,
        "profile": lease.profile,
        "name": lease.name,
        "allowed": True,
        "reason": decision.reason.value if decision.reason else "",
        "message": decision.message,
        "body": decision.model_dump(mode="json"),
    }
    values = [literal(value, decisions.c[name].type) for name, value in row.items()]
    known = select(decisions.c.id).where(decisions.c.request == key).exists()
    made = connection.execute(insert(decisions).from_select(list(row), select(*values).where(~known)))
    return made.rowcount > 0


def newest(
    connection: Connection, limit: int = 200, *, user: str | None = None, refused_since: datetime | None = None
) -> tuple[DecisionRow, ...]:
    """Return the newest decisions first, everybody's or one person's; all, or the refusals since then."""
    query = select(decisions)
    if user is not None:
        query = query.where(decisions.c.user == user)
    if refused_since is not None:
        query = query.where(decisions.c.at >= refused_since, ~decisions.c.allowed)
    return _rows(connection.execute(query.order_by(decisions.c.at.desc(), decisions.c.id).limit(limit)))


def of_lease(connection: Connection, lease: Lease, since: datetime, *, limit: int) -> tuple[DecisionRow, ...]:
    """Return what was decided about a server or cluster, newest first: its start, and each grant in part.

    Args:
        connection: a transaction.
        lease: of it; the keys of its grants begin with its id (:func:`hub_ext.policy.cutting.key`).
        since: when it was asked for.
        limit: the most rows.
    """
    of_it = or_(decisions.c.id == lease.id, decisions.c.request.startswith(f"{lease.id[:64]} ", autoescape=True))
    query = select(decisions).where(decisions.c.user == lease.user, decisions.c.at >= since, of_it)
    return _rows(connection.execute(query.order_by(decisions.c.at.desc(), decisions.c.id).limit(limit)))


def _rows(rows: Iterable[Row[Any]]) -> tuple[DecisionRow, ...]:
    return tuple(
        DecisionRow(
            id=row.id,
            at=row.at,
            user=row.user,
            group=row.group,
            kind=Kind(row.kind),
            profile=row.profile,
            name=row.name,
            allowed=row.allowed,
            reason=Reason(row.reason) if row.reason else None,
            message=row.message,
        )
        for row in rows
    )


@dataclass(frozen=True)
class Waiting:
    """A start that was refused because others hold what the cohort shares, and that nobody has been allowed since."""

    decision: str
    """The first refusal of the row."""
    user: str
    group: str
    profile: str
    since: datetime


def waiting(connection: Connection, groups: Sequence[str], since: datetime) -> list[Waiting]:
    """Return who was refused for want of shared cores after ``since`` and still waits, oldest first."""
    columns = (decisions.c[name] for name in ("id", "at", "user", "group", "profile", "allowed"))
    query = select(*columns).where(
        decisions.c.group.in_(groups),
        decisions.c.at >= since,
        or_(
            and_(decisions.c.allowed, decisions.c.reason == ""),  # a start; a grant in part has a reason
            and_(~decisions.c.allowed, decisions.c.reason == Reason.cohort_full.value),
        ),
    )
    found: dict[tuple[str, str, str], Waiting] = {}
    for row in connection.execute(query.order_by(decisions.c.at, decisions.c.id)):
        key = (row.user, row.group, row.profile)
        if row.allowed:
            found.pop(key, None)
        else:
            found.setdefault(key, Waiting(row.id, *key, since=row.at))
    return sorted(found.values(), key=lambda one: (one.since, one.decision))


def first_noted(connection: Connection, action: str) -> datetime | None:
    """Return when the audit log first tells of an action; None: never."""
    query = select(audit.c.at).where(audit.c.action == action).order_by(audit.c.at).limit(1)
    at: datetime | None = connection.execute(query).scalar_one_or_none()
    return at


def note(connection: Connection, *, actor: str, action: str, target: str, text: str, now: datetime) -> None:
    """Write down what an administrator, or the service by itself, did, to what, and why."""
    connection.execute(insert(audit).values(at=now, actor=actor, action=action, target=target, note=text))
