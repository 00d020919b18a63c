"""What workers did with their time, kept so that lost, repeated and late reports change nothing."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects import postgresql, sqlite

from hub_ext.contract.activity import UnitActivity
from hub_ext.usage.tables import activity

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
        figures = {name: getattr(row, name) for name in _FIGURES}
        found[row.lease][row.unit] = UnitActivity(unit=row.unit, **figures)
    return found
