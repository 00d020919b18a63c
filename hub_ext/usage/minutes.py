"""What a cluster wanted, was granted and did, minute by minute, for a day: enough for a picture, and bounded.

A row is written when something has changed or was told, at most one for each minute, and goes with its lease. Money
comes from intervals alone; nothing here counts for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from hub_ext.usage.tables import activity, busy_minutes, grant_minutes

KEPT = timedelta(days=1)
_INSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Granted:
    """Wish and grant from a moment on."""

    at: datetime
    wanted: int
    granted: int


@dataclass(frozen=True)
class Spent:
    """What the workers of a cluster had done until a moment, in microseconds since the first of them started."""

    at: datetime
    busy: int
    idle: int
    starting: int


def note_grant(connection: Connection, lease: str, *, wanted: int, granted: int, at: datetime) -> None:
    """Keep that wish or grant have changed; of several changes in one minute, the last.

    The caller holds the lock of the lease's group, so that the last is the last.
    """
    row = {"lease": lease, "minute": _minute(at), "at": at, "wanted": wanted, "granted": granted}
    insert = _INSERT[connection.dialect.name](grant_minutes).values(row)
    new = {name: insert.excluded[name] for name in ("at", "wanted", "granted")}
    connection.execute(insert.on_conflict_do_update(index_elements=["lease", "minute"], set_=new))


def note_activity(connection: Connection, lease: str, at: datetime) -> None:
    """Keep what a cluster's workers have done until now, as a sum, and drop what is older than a day.

    Call it after their activity was kept, in the same transaction.
    """
    sums = (func.coalesce(func.sum(activity.c[name]), 0) for name in ("busy", "idle", "starting"))
    known = select(
        literal(lease, busy_minutes.c.lease.type),
        literal(_minute(at), busy_minutes.c.minute.type),
        literal(at, busy_minutes.c.at.type),
        *sums,
    ).where(activity.c.lease == lease)
    names = ["lease", "minute", "at", "busy", "idle", "starting"]
    insert = _INSERT[connection.dialect.name](busy_minutes).from_select(names, known)
    new = {name: insert.excluded[name] for name in ("at", "busy", "idle", "starting")}
    later = insert.excluded["at"] >= busy_minutes.c.at
    connection.execute(insert.on_conflict_do_update(index_elements=["lease", "minute"], set_=new, where=later))
    oldest = _minute(at - KEPT)
    _drop(connection, busy_minutes, lease, oldest)
    _drop(connection, grant_minutes, lease, oldest)


def grants(connection: Connection, lease: str) -> list[Granted]:
    """Return the changes of wish and grant, the oldest first."""
    table = grant_minutes
    query = select(table.c.at, table.c.wanted, table.c.granted).where(table.c.lease == lease)
    return [Granted(*row) for row in connection.execute(query.order_by(table.c.minute))]


def spent(connection: Connection, lease: str) -> list[Spent]:
    """Return the sums, the oldest first."""
    table = busy_minutes
    query = select(table.c.at, table.c.busy, table.c.idle, table.c.starting).where(table.c.lease == lease)
    return [Spent(*row) for row in connection.execute(query.order_by(table.c.minute))]


def _drop(connection: Connection, table: Table, lease: str, before: int) -> None:
    connection.execute(delete(table).where(table.c.lease == lease, table.c.minute < before))


def _minute(at: datetime) -> int:
    """Return an instant in whole minutes since the epoch."""
    return int(at.timestamp()) // 60
