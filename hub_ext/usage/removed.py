"""What is gone because it was older than is kept: since when everything is there, and how much was removed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from hub_ext.usage.tables import removals

WHAT = ("leases", "intervals", "events", "decisions", "warnings", "audit")
"""The tables from which rows are removed."""


def kept_since(connection: Connection) -> datetime | None:
    """Return the midnight (UTC) since which nothing was removed; None: nothing ever was."""
    since: datetime | None = connection.execute(select(func.max(removals.c.kept_since))).scalar_one()
    return since


def add(connection: Connection, limit: datetime, counts: Mapping[str, int]) -> None:
    """Count what was removed, in the transaction that removed it."""
    of_limit = removals.c.kept_since == limit
    sums = {name: removals.c[name] + counts.get(name, 0) for name in WHAT}
    if not connection.execute(update(removals).where(of_limit).values(told=False, **sums)).rowcount:
        counted = {name: counts.get(name, 0) for name in WHAT}
        connection.execute(insert(removals).values(kept_since=limit, told=False, **counted))


def untold(connection: Connection) -> list[tuple[datetime, dict[str, int]]]:
    """Return limits and counts that the audit log does not have yet, and note that it has them now."""
    rows = connection.execute(select(removals).where(~removals.c.told).order_by(removals.c.kept_since)).all()
    connection.execute(update(removals).where(~removals.c.told).values(told=True))
    return [(row.kept_since, {name: getattr(row, name) for name in WHAT}) for row in rows]
