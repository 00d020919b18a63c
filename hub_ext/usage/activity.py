"""What workers did with their time, kept so that lost, repeated and late reports change nothing."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.quantities import Quantity
from hub_ext.contract.usage import UnitKind
from hub_ext.usage.instants import utc_day, utc_ticks
from hub_ext.usage.rollups import RATE, RateReader
from hub_ext.usage.tables import activity, intervals
from hub_ext.usage.types import Instant

_INSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FIGURES = ("busy", "idle", "starting", "cpu", "memory_peak")


def keep(connection: Connection, lease: str, units: Sequence[UnitActivity], at: datetime) -> None:
    """Keep of each figure the largest. Rows are written in the order of their units, so nobody waits in a circle.

    Args:
        connection: a transaction.
        lease: whose workers these are; a worker that is known as another lease's stays as it is.
        units: at most one report of each worker counts.
        at: the moment.
    """
    rows = {unit.unit: {**unit.model_dump(), "lease": lease, "at": at} for unit in units}
    if not rows:
        return
    insert = _INSERT[connection.dialect.name](activity)
    new = insert.excluded
    larger = {
        name: case((new[name] > activity.c[name], new[name]), else_=activity.c[name]) for name in (*_FIGURES, "at")
    }
    kept = insert.on_conflict_do_update(index_elements=["unit"], set_=larger, where=activity.c.lease == new["lease"])
    connection.execute(kept, [rows[name] for name in sorted(rows)])


def of_leases(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, UnitActivity]]:
    """Return lease -> unit -> what is known of it."""
    found: dict[str, dict[str, UnitActivity]] = defaultdict(dict)
    for row in connection.execute(select(activity).where(activity.c.lease.in_(ids))):
        found[row.lease][row.unit] = _read(row)
    return found


def reported(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[UnitActivity, datetime]]:
    """Return unit -> what is known of it and when that was kept, for all units of these leases."""
    rows = connection.execute(select(activity).where(activity.c.lease.in_(ids)))
    return {row.unit: (_read(row), row.at) for row in rows}


def unused(connection: Connection, user: str, since: datetime, now: datetime) -> list[Quantity]:
    """Return how long a person's workers that started since then were idle or starting, summed up by their first day.

    A worker counts for no longer than it lived. The database adds up, so that ten thousand workers are a few rows.
    """
    table, wasted = intervals.c, activity.c.idle + activity.c.starting
    lived = utc_ticks(func.coalesce(table.ended_at, literal(now, Instant))) - utc_ticks(table.started_at)
    keys = (table.group, utc_day(table.started_at).label("day"), *(table[name] for name in RATE))
    query = (
        select(*keys, func.sum(case((wasted < lived, wasted), else_=lived)).label("ticks"))
        .join(activity, activity.c.unit == table.unit)
        .where(table.user == user, table.started_at >= since, table.started_at < now)
        .where(table.kind == UnitKind.worker.value)
        .group_by(*keys)
    )
    read = RateReader()
    return [Quantity(row.day, row.group, user, "", read(row), int(row.ticks)) for row in connection.execute(query)]


def _read(row: Row[Any]) -> UnitActivity:
    return UnitActivity(unit=row.unit, **{name: getattr(row, name) for name in _FIGURES})
