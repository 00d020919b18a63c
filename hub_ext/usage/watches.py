"""How metering goes in each namespace, as the replica that watches told it last."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from hub_ext.usage.tables import pod_watches

_INSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class WatchRow:
    """One namespace."""

    namespace: str
    heard_at: datetime | None
    """Last word of the API server."""
    pods: int
    problem: str
    notices: tuple[str, ...]
    at: datetime
    """When this was told."""


def tell(connection: Connection, rows: Sequence[WatchRow]) -> None:
    """Keep how it goes; in the order of the names, so nobody waits in a circle."""
    if not rows:
        return
    insert = _INSERT[connection.dialect.name](pod_watches)
    new = {name: insert.excluded[name] for name in ("heard_at", "pods", "problem", "notices", "at")}
    kept = insert.on_conflict_do_update(index_elements=["namespace"], set_=new)
    connection.execute(kept, [asdict(row) for row in sorted(rows, key=lambda row: row.namespace)])


def told(connection: Connection, namespaces: Sequence[str]) -> dict[str, WatchRow]:
    """Return what was told last of these namespaces."""
    query = select(pod_watches).where(pod_watches.c.namespace.in_(namespaces))
    return {
        row.namespace: WatchRow(row.namespace, row.heard_at, row.pods, row.problem, tuple(row.notices), row.at)
        for row in connection.execute(query)
    }
