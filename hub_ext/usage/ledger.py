"""The ledger: events in, intervals out.

An interval is folded from all events of its unit (``folding``), so that late, repeated and reordered events give the
same interval. Events are taken many at once: an outbox that waited sends hundreds, and each statement is a round trip.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, insert, literal_column, or_, select, update

from hub_ext.contract.errors import NotFound
from hub_ext.contract.quantities import Rate
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, EventType, Interval, Source, UnitKind
from hub_ext.usage import corrections, leases
from hub_ext.usage.folding import Span, fold
from hub_ext.usage.leases import LeaseRecord
from hub_ext.usage.ledger_rows import interval
from hub_ext.usage.named import named
from hub_ext.usage.removed import kept_since
from hub_ext.usage.rollups import Changes, Payer
from hub_ext.usage.tables import events, intervals

log = logging.getLogger(__name__)

_CHUNK = 1_000
"""Rows that are fetched at once where all of them would be too many."""


class Life(NamedTuple):
    """How long a server or scheduler lived."""

    group: str
    profile: str
    lasted: timedelta


def record(connection: Connection, happened: Sequence[Event], received_at: datetime) -> list[Event]:
    """Keep events and bring their units' intervals and the daily sums up to date; return those that were new.

    The caller holds the events' leases (:func:`hub_ext.usage.leases.hold`): of two reports of one event, or of one
    unit, the second then sees what the first has written.

    An event of a lease that was removed for its age changes nothing: its sums are settled, and of its unit's past
    there is nothing left to fold it with.

    Raises:
        NotFound: an event names a lease that this ledger does not know.
    """
    new = _unknown(connection, happened)
    owners = leases.several(connection, {event.lease for event in new})
    new = _not_removed(connection, new, owners)
    if not new:
        return []
    connection.execute(insert(events), [_row(event, received_at) for event in new])
    first = {event.unit: event for event in reversed(new)}
    folded = _folded(connection, list(first))
    known = {row.unit: row for row in named(connection, intervals.c.unit, list(first), intervals)}
    changes = Changes()
    added, changed = [], []
    for unit, event in first.items():
        span, before = folded[unit], known.get(unit)
        payer = _payer(event, owners) if before is None else _payer_of(before)
        if before is None:
            added.append(_identity(event, owners[event.lease], payer.rate) | _times(span))
        else:
            changed.append({"of": unit, **_times(span)})
            changes.add(payer, _whole(before), -1)
        changes.add(payer, span.whole)
    if added:
        connection.execute(insert(intervals), added)
    if changed:
        connection.execute(update(intervals).where(intervals.c.unit == bindparam("of")), changed)
    for unit, event in first.items():
        _correct(connection, event, known.get(unit), folded[unit], received_at)
    changes.write(connection)
    return new


def close(connection: Connection, lease: str, seen_at: datetime | None, now: datetime) -> None:
    """End every open interval of a lease at its last sign of life; a better-known end still replaces it.

    Args:
        connection: a transaction that holds the lease.
        lease: whose units are gone.
        seen_at: when the hub or the gateway last told of it.
        now: the moment.
    """
    query = select(intervals).where(intervals.c.lease == lease, intervals.c.ended_at.is_(None))
    ends = [
        Event(
            id=f"{row.unit}-estimated",
            unit=row.unit,
            kind=UnitKind(row.kind),
            lease=lease,
            type=EventType.ended,
            at=max(filter(None, (row.started_at, row.alive_at, seen_at))),
            source=Source.estimated,
            detail="gone, and nobody had said so",
        )
        for row in connection.execute(query)
    ]
    record(connection, ends, now)


def _unknown(connection: Connection, happened: Sequence[Event]) -> list[Event]:
    """Return each event once that has not been taken before, in their order."""
    asked = {event.id: event for event in reversed(happened)}
    known = {row.id for row in named(connection, events.c.id, list(asked), events.c.id)}
    return [event for event in reversed(asked.values()) if event.id not in known]


def _not_removed(connection: Connection, new: Sequence[Event], owners: Mapping[str, LeaseRecord]) -> list[Event]:
    """Return the events without those of unknown leases from the time of which leases were removed."""
    lost = [event for event in new if event.lease not in owners]
    since = kept_since(connection) if lost else None
    gone = {event.id for event in lost if since is not None and event.at < since}
    if gone:
        log.warning("%d events are passed over: they are of leases that were removed for their age", len(gone))
    return [event for event in new if event.id not in gone]


def _correct(connection: Connection, event: Event, before: Row[Any] | None, span: Span, now: datetime) -> None:
    """Keep what a change of an interval means for closed months."""
    old = (None, None) if before is None else (before.started_at, before.ended_at)
    why = f"{event.type.value} at {event.at:%Y-%m-%d %H:%M:%S} UTC was reported late ({event.source.value})"
    corrections.note(connection, event.unit, old, (span.started_at, span.ended_at), now=now, why=why)


def _row(event: Event, received_at: datetime) -> dict[str, Any]:
    return {
        "id": event.id,
        "unit": event.unit,
        "lease": event.lease,
        "kind": event.kind.value,
        "type": event.type.value,
        "at": event.at,
        "source": event.source.value,
        "detail": event.detail,
        "received_at": received_at,
    }


def _folded(connection: Connection, units: Sequence[str]) -> Mapping[str, Span]:
    seen: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in named(connection, events.c.unit, units, events.c.unit, events.c.type, events.c.at, events.c.source):
        seen[row.unit].append(row)
    return {unit: fold(rows) for unit, rows in seen.items()}


def _times(span: Span) -> dict[str, Any]:
    return {
        "started_at": span.started_at,
        "ended_at": span.ended_at,
        "alive_at": span.alive_at,
        "source": span.source,
    }


def _whole(row: Row[Any]) -> tuple[datetime, datetime] | None:
    return (row.started_at, row.ended_at) if row.started_at and row.ended_at else None


def _payer(event: Event, owners: Mapping[str, LeaseRecord]) -> Payer:
    """Return who pays for a new unit, and at which rate: its lease's, so that it never changes."""
    found = owners.get(event.lease)
    if found is None:
        raise NotFound(f"No lease {event.lease} is known, so {event.unit} cannot be charged to anybody.")
    lease, pricing = found.lease, found.pricing
    if event.kind is UnitKind.worker:
        rate = _rate(event.kind, lease.profile, lease.worker or Shape(), pricing.worker, spot=pricing.worker_spot)
    else:
        rate = _rate(event.kind, lease.profile, lease.base, pricing.base, spot=False)
    return Payer(lease.id, lease.group, lease.user, rate)


def _payer_of(row: Row[Any]) -> Payer:
    gpus = tuple(sorted(row.gpus.items()))
    rate = Rate(UnitKind(row.kind), row.profile, row.cores, row.memory, gpus, row.price, row.spot)
    return Payer(row.lease, row.group, row.user, rate)


def _rate(kind: UnitKind, profile: str, shape: Shape, own_price: Decimal | None, *, spot: bool) -> Rate:
    return Rate(kind, profile, shape.cores, shape.memory, tuple(sorted(shape.gpus.items())), own_price, spot)


def _identity(event: Event, owner: LeaseRecord, rate: Rate) -> dict[str, Any]:
    lease = owner.lease
    return {
        "unit": event.unit,
        "kind": event.kind.value,
        "lease": lease.id,
        "user": lease.user,
        "group": lease.group,
        "profile": lease.profile,
        "name": lease.name,
        "ref": lease.ref,
        "cores": rate.cores,
        "memory": rate.memory,
        "gpus": dict(rate.gpus),
        "price": rate.own_price,
        "spot": rate.spot,
    }


def overlapping(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    groups: Collection[str] | None = None,
    user: str | None = None,
    limit: int | None = None,
) -> list[Interval]:
    """Return the intervals that touch ``[since, until)``, newest first, all or so many; running ones have no end."""
    query = _touching(since, until, groups, user)
    return _intervals(connection.execute(query.order_by(intervals.c.started_at.desc()).limit(limit)))


def _touching(
    since: datetime, until: datetime, groups: Collection[str] | None, user: str | None
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


def running(
    connection: Connection, *, groups: Collection[str] | None = None, user: str | None = None
) -> list[Interval]:
    """Return what has started and not ended, of some groups and one person or of all."""
    query = select(intervals).where(intervals.c.ended_at.is_(None), intervals.c.started_at.is_not(None))
    if groups is not None:
        query = query.where(intervals.c.group.in_(groups))
    if user is not None:
        query = query.where(intervals.c.user == user)
    return _intervals(connection.execute(query))


def lives(connection: Connection, since: datetime, *, groups: Collection[str] | None = None) -> list[Life]:
    """Return how long servers and schedulers lived that ended after ``since``, of some groups or of all."""
    query = select(intervals.c.group, intervals.c.profile, intervals.c.started_at, intervals.c.ended_at).where(
        intervals.c.kind != literal_column(f"'{UnitKind.worker}'"), intervals.c.ended_at > since
    )
    if groups is not None:
        query = query.where(intervals.c.group.in_(groups))
    rows = connection.execute(query.where(intervals.c.started_at.is_not(None)))
    return [Life(row.group, row.profile, row.ended_at - row.started_at) for row in rows]


def running_bases(connection: Connection) -> dict[str, datetime]:
    """Return lease -> start, of every server and scheduler that has started and not ended."""
    bases = (UnitKind.server.value, UnitKind.scheduler.value)
    query = select(intervals.c.lease, intervals.c.started_at).where(
        intervals.c.kind.in_(bases), intervals.c.started_at.is_not(None), intervals.c.ended_at.is_(None)
    )
    return {row.lease: row.started_at for row in connection.execute(query)}


def running_servers(connection: Connection) -> set[str]:
    """Return every server, as ``user/server``, that has started and not ended, whatever became of its lease."""
    query = select(intervals.c.ref).where(
        intervals.c.kind == UnitKind.server.value, intervals.c.started_at.is_not(None), intervals.c.ended_at.is_(None)
    )
    return set(connection.execute(query).scalars())


def _intervals(rows: Iterable[Row[Any]]) -> list[Interval]:
    return [interval(row) for row in rows]
