"""Pods: how far each has come, how long it waited, and when it was last known to be there.

Money comes from intervals alone; nothing here counts for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub_ext.usage.named import named
from hub_ext.usage.tables import pods

_INSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_NAMES = tuple(column.name for column in pods.c)


@dataclass(frozen=True)
class PodRow:
    """One pod, as it was last seen."""

    uid: str
    unit: str
    kind: str
    lease: str
    namespace: str
    name: str
    stage: str
    why: str
    created_at: datetime
    scheduled_at: datetime | None
    started_at: datetime | None
    gone: bool
    """It holds nothing any longer."""
    seen_at: datetime

    @property
    def pending(self) -> timedelta | None:
        """How long no machine was found for it; None: none is yet."""
        return None if self.scheduled_at is None else max(timedelta(0), self.scheduled_at - self.created_at)

    @property
    def pulling(self) -> timedelta | None:
        """How long its machine took to get its image and start it; None: it has not yet."""
        if self.started_at is None or self.scheduled_at is None:
            return None
        return max(timedelta(0), self.started_at - self.scheduled_at)


def keep(connection: Connection, rows: Sequence[PodRow]) -> None:
    """Keep how far pods have come; one that is gone does not come back.

    Rows are written in the order of their uids, so nobody waits in a circle.
    """
    if not rows:
        return
    insert = _INSERT[connection.dialect.name](pods)
    new = {name: insert.excluded[name] for name in ("stage", "why", "scheduled_at", "started_at", "gone", "seen_at")}
    kept = insert.on_conflict_do_update(index_elements=["uid"], set_=new, where=or_(~pods.c.gone, insert.excluded.gone))
    connection.execute(kept, [asdict(row) for row in sorted(rows, key=lambda row: row.uid)])


def alive(connection: Connection, uids: Sequence[str], at: datetime) -> None:
    """Note that these pods are there."""
    if uids:
        changed = update(pods).where(pods.c.uid == bindparam("of")).values(seen_at=at)
        connection.execute(changed, [{"of": uid} for uid in sorted(uids)])


def there(connection: Connection, namespaces: Sequence[str]) -> list[PodRow]:
    """Return the pods of these namespaces that are not gone, as far as is known; oldest first."""
    query = select(pods).where(~pods.c.gone, pods.c.namespace.in_(namespaces)).order_by(pods.c.created_at, pods.c.uid)
    return [_row(row) for row in connection.execute(query)]


def of_leases(connection: Connection, ids: Sequence[str]) -> list[PodRow]:
    """Return every pod of these leases, oldest first."""
    found = [_row(row) for row in named(connection, pods.c.lease, list(ids), pods)]
    return sorted(found, key=lambda row: (row.created_at, row.uid))


def of_units(connection: Connection, units: Sequence[str]) -> dict[str, PodRow]:
    """Return unit -> its pod, of the units that are pods."""
    return {row.unit: _row(row) for row in named(connection, pods.c.unit, list(units), pods)}


def _row(row: Row[Any]) -> PodRow:
    return PodRow(*(getattr(row, name) for name in _NAMES))
