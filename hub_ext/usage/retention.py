"""What is older than is kept goes: first servers and clusters that ended long ago, with everything about them.

A lease goes as a whole, with its units' events and intervals and its daily sums, and only when it and all of its units
ended before the limit. So what is still there always adds up, and a late event finds either the whole of its unit's
past or nothing of it. The daily sums of groups stay for ever: no person is in them.

Each batch is a transaction of its own, short enough that nobody waits long for it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, or_, select

from hub_ext.usage import decisions as log
from hub_ext.usage import removed
from hub_ext.usage.tables import (
    activity,
    audit,
    busy_minutes,
    decisions,
    events,
    grant_minutes,
    intervals,
    lease_days,
    leases,
    pods,
    warnings,
)

_LEASES = 100
"""The most leases that go in one transaction."""
_INTERVALS = 2_000
"""How many of their intervals go in one transaction; more only where one lease has more."""
_ROWS = 2_000
"""The most decisions, or lines of the audit log, that go in one transaction."""
LEAST_DAYS = 62
"""This month's budgets and forecast look so far back."""


def limit_of(now: datetime, days: int, closed_until: datetime | None = None) -> datetime:
    """Return the midnight (UTC) before which what has ended goes.

    Args:
        now: the moment.
        days: how long it is kept.
        closed_until: the end of the last closed month, where months are closed: nothing of a month that may still be
            corrected goes.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    return midnight if closed_until is None else min(midnight, closed_until)


def remove_some(connection: Connection, limit: datetime) -> dict[str, int]:
    """Remove the oldest of what ended before a limit; return table -> rows; empty: there is no more.

    Args:
        connection: a transaction; its locks are few, and nobody waits for them while they wait.
        limit: a midnight (UTC), from :func:`limit_of`.
    """
    counts = _leases(connection, limit) or _rows(connection, limit)
    counts = {name: count for name, count in counts.items() if count and name in removed.WHAT}
    if counts:
        removed.add(connection, limit, counts)
    return counts


def tell(connection: Connection, now: datetime) -> None:
    """Write into the audit log what was removed since the last time."""
    for limit, counts in removed.untold(connection):
        text = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        target = f"what ended before {limit:%Y-%m-%d}"
        log.note(connection, actor="gatehouse", action="remove", target=target, text=text, now=now)


def _leases(connection: Connection, limit: datetime) -> dict[str, int]:
    """Remove leases that are over with all that is known about them."""
    found = select(leases.c.id).where(_over(limit)).order_by(leases.c.released_at, leases.c.id).limit(_LEASES)
    held = connection.execute(found.with_for_update(skip_locked=True)).scalars().all()
    # An event that was being taken in while the row was waited for is seen only by a second look.
    over = select(leases.c.id).where(leases.c.id.in_(held), _over(limit)).order_by(leases.c.released_at, leases.c.id)
    ids = _few(connection, connection.execute(over).scalars().all()) if held else []
    if not ids:
        return {}
    units = select(intervals.c.unit).where(intervals.c.lease.in_(ids))
    return {
        "events": _gone(connection, events, events.c.unit.in_(units)),
        "intervals": _gone(connection, intervals, intervals.c.lease.in_(ids)),
        "lease_days": _gone(connection, lease_days, lease_days.c.lease.in_(ids)),
        "activity": _gone(connection, activity, activity.c.lease.in_(ids)),
        "grant_minutes": _gone(connection, grant_minutes, grant_minutes.c.lease.in_(ids)),
        "busy_minutes": _gone(connection, busy_minutes, busy_minutes.c.lease.in_(ids)),
        "pods": _gone(connection, pods, pods.c.lease.in_(ids)),
        "leases": _gone(connection, leases, leases.c.id.in_(ids)),
    }


def _over(limit: datetime) -> ColumnElement[bool]:
    """Say that a lease is over; only a release sets its time, and nothing takes it back."""
    later = or_(intervals.c.ended_at.is_(None), intervals.c.ended_at >= limit)
    return and_(leases.c.released_at < limit, ~exists().where(intervals.c.lease == leases.c.id, later))


def _few(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return the first of these leases, as many as have few enough intervals; one at the least."""
    lease = intervals.c.lease
    counting = select(lease, func.count().label("size")).where(lease.in_(ids)).group_by(lease)
    sizes: dict[str, int] = {row.lease: row.size for row in connection.execute(counting)}
    total = 0
    few: list[str] = []
    for name in ids:
        total += sizes.get(name, 0)
        if few and total > _INTERVALS:
            break
        few.append(name)
    return few


def _rows(connection: Connection, limit: datetime) -> dict[str, int]:
    """Remove decisions whose lease is gone, levels of budgets of past months, and old lines of the audit log."""
    answered = and_(decisions.c.at < limit, ~exists().where(leases.c.id == decisions.c.id))
    some_decisions = select(decisions.c.id).where(answered).order_by(decisions.c.at).limit(_ROWS)
    some_lines = select(audit.c.id).where(audit.c.at < limit).order_by(audit.c.at).limit(_ROWS)
    oldest = select(func.min(warnings.c.month)).where(warnings.c.month < f"{limit:%Y-%m}").scalar_subquery()
    return {
        "decisions": _gone(connection, decisions, decisions.c.id.in_(some_decisions)),
        "warnings": _gone(connection, warnings, warnings.c.month == oldest),
        "audit": _gone(connection, audit, audit.c.id.in_(some_lines)),
    }


def _gone(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(which)).rowcount
