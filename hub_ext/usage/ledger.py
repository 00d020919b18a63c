"""The ledger: events in, intervals out.

An interval is folded from all events of its unit, so that late, repeated and reordered events give the same interval:
the earliest start; of the ends the best-known one (exact before reconciled before estimated), of equals the earliest.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from hub_ext.contract.errors import NotFound
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, EventType, Interval, Source, UnitKind
from hub_ext.usage import corrections, leases
from hub_ext.usage.ledger_rows import interval
from hub_ext.usage.tables import events, intervals

_CHUNK = 1_000
"""Rows that are fetched at once where all of them would be too many."""
_RANK = {Source.exact.value: 0, Source.reconciled.value: 1, Source.estimated.value: 2}


def record(connection: Connection, event: Event, received_at: datetime) -> bool:
    """Keep an event and bring its unit's interval up to date; return whether it was new.

    The caller holds the event's lease (:func:`hub_ext.usage.leases.hold`): of two reports of one event, or of one unit,
    the second then sees what the first has written.

    Raises:
        NotFound: the event names a lease that this ledger does not know.
    """
    known = connection.execute(select(events.c.id).where(events.c.id == event.id)).first()
    if known is not None:
        return False
    connection.execute(
        insert(events).values(
            id=event.id,
            unit=event.unit,
            lease=event.lease,
            kind=event.kind.value,
            type=event.type.value,
            at=event.at,
            source=event.source.value,
            detail=event.detail,
            received_at=received_at,
        )
    )
    _fold(connection, event, received_at)
    return True


def close(connection: Connection, lease: str, seen_at: datetime | None, now: datetime) -> None:
    """End every open interval of a lease at its last sign of life; a better-known end still replaces it.

    Args:
        connection: a transaction.
        lease: whose units are gone.
        seen_at: when the hub or the gateway last told of it.
        now: the moment.
    """
    query = select(intervals).where(intervals.c.lease == lease, intervals.c.ended_at.is_(None))
    for row in connection.execute(query).all():
        ended = Event(
            id=f"{row.unit}-estimated",
            unit=row.unit,
            kind=UnitKind(row.kind),
            lease=lease,
            type=EventType.ended,
            at=max(filter(None, (row.started_at, row.alive_at, seen_at))),
            source=Source.estimated,
            detail="gone, and nobody had said so",
        )
        record(connection, ended, now)


def _fold(connection: Connection, event: Event, now: datetime) -> None:
    known = select(intervals.c.started_at, intervals.c.ended_at).where(intervals.c.unit == event.unit)
    before = connection.execute(known).one_or_none()
    rows = connection.execute(select(events).where(events.c.unit == event.unit)).all()
    started = min((r for r in rows if r.type == EventType.started.value), key=lambda r: r.at, default=None)
    ended = min(
        (r for r in rows if r.type == EventType.ended.value), key=lambda r: (_RANK[r.source], r.at), default=None
    )
    sources = [r.source for r in (started, ended) if r is not None]
    values = {
        "started_at": started.at if started else None,
        "ended_at": ended.at if ended else None,
        "alive_at": max(r.at for r in rows),
        "source": max(sources, key=_RANK.__getitem__, default=Source.exact.value),
    }
    if values["started_at"] and values["ended_at"]:
        values["ended_at"] = max(values["ended_at"], values["started_at"])
    if before is None:
        connection.execute(insert(intervals).values(**_identity(connection, event), **values))
    else:
        connection.execute(update(intervals).where(intervals.c.unit == event.unit).values(**values))
    old = (None, None) if before is None else (before.started_at, before.ended_at)
    why = f"{event.type.value} at {event.at:%Y-%m-%d %H:%M:%S} UTC was reported late ({event.source.value})"
    corrections.note(connection, event.unit, old, (values["started_at"], values["ended_at"]), now=now, why=why)


def _identity(connection: Connection, event: Event) -> dict[str, Any]:
    """Return who pays for a unit, and for how much of what: copied from its lease, so that it never changes."""
    found = leases.get(connection, event.lease)
    if found is None:
        raise NotFound(f"No lease {event.lease} is known, so {event.unit} cannot be charged to anybody.")
    lease, pricing = found.lease, found.pricing
    is_worker = event.kind is UnitKind.worker
    shape = (lease.worker or Shape()) if is_worker else lease.base
    return {
        "unit": event.unit,
        "kind": event.kind.value,
        "lease": lease.id,
        "user": lease.user,
        "group": lease.group,
        "profile": lease.profile,
        "name": lease.name,
        "ref": lease.ref,
        "cores": shape.cores,
        "memory": shape.memory,
        "gpus": shape.gpus,
        "price": pricing.worker if is_worker else pricing.base,
        "spot": pricing.worker_spot if is_worker else False,
    }


def overlapping(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    groups: Sequence[str] | None = None,
    user: str | None = None,
) -> list[Interval]:
    """Return the intervals that touch ``[since, until)``, newest first; running ones have no end."""
    query = _touching(since, until, groups, user)
    return _intervals(connection.execute(query.order_by(intervals.c.started_at.desc())))


def _touching(
    since: datetime, until: datetime, groups: Sequence[str] | None, user: str | None
) -> Select[tuple[Any, ...]]:
    query = select(intervals).where(
        intervals.c.started_at < until, or_(intervals.c.ended_at.is_(None), intervals.c.ended_at > since)
    )
    if groups is not None:
        query = query.where(intervals.c.group.in_(groups))
    if user is not None:
        query = query.where(intervals.c.user == user)
    return query


def stream(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    groups: Sequence[str] | None = None,
    user: str | None = None,
) -> Iterator[Interval]:
    """Yield the intervals that touch ``[since, until)``, oldest first, without holding all of them in memory."""
    query = _touching(since, until, groups, user).order_by(intervals.c.started_at, intervals.c.unit)
    yield from map(interval, connection.execution_options(yield_per=_CHUNK).execute(query))


def of_units(connection: Connection, units: Sequence[str]) -> list[Interval]:
    """Return the intervals of these units that have started, oldest first."""
    query = select(intervals).where(intervals.c.unit.in_(units), intervals.c.started_at.is_not(None))
    return _intervals(connection.execute(query.order_by(intervals.c.started_at, intervals.c.unit)))


def of_leases(connection: Connection, ids: Sequence[str]) -> list[Interval]:
    """Return every interval of these leases, oldest first."""
    query = select(intervals).where(intervals.c.lease.in_(ids), intervals.c.started_at.is_not(None))
    return _intervals(connection.execute(query.order_by(intervals.c.started_at)))


def running_bases(connection: Connection) -> dict[str, datetime]:
    """Return lease -> start, of every server and scheduler that has started and not ended."""
    bases = (UnitKind.server.value, UnitKind.scheduler.value)
    query = select(intervals.c.lease, intervals.c.started_at).where(
        intervals.c.kind.in_(bases), intervals.c.started_at.is_not(None), intervals.c.ended_at.is_(None)
    )
    return {row.lease: row.started_at for row in connection.execute(query)}


def _intervals(rows: Iterable[Row[Any]]) -> list[Interval]:
    return [interval(row) for row in rows]
