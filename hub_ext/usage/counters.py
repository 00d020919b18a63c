"""A group's checkpoint, and what ran since: what burst credits and decayed usage are folded from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, case, func, insert, literal, select, union_all, update

from hub_ext.policy.uses import Use
from hub_ext.usage.tables import counters, intervals
from hub_ext.usage.types import Instant


@dataclass(frozen=True)
class Counter:
    """A checkpoint."""

    credits: Decimal | None
    """Core-seconds; None: the group had no burst credits."""
    usage: float
    """Core-seconds, decayed."""
    settled_at: datetime
    """Everything that ran before is in the figures."""


def read(connection: Connection, groups: Sequence[str]) -> dict[str, Counter]:
    """Return the checkpoints by group; a group that was never settled has none."""
    rows = connection.execute(select(counters).where(counters.c.group.in_(groups)))
    return {row.group: Counter(row.credits, row.usage, row.settled_at) for row in rows}


def keep(connection: Connection, found: Mapping[str, Counter]) -> None:
    """Keep checkpoints. The caller holds the groups' locks."""
    for group, counter in found.items():
        values = {"credits": counter.credits, "usage": counter.usage, "settled_at": counter.settled_at}
        changed = connection.execute(update(counters).where(counters.c.group == group).values(**values))
        if changed.rowcount == 0:
            connection.execute(insert(counters).values(group=group, **values))


def uses(connection: Connection, groups: Sequence[str], since: datetime) -> Mapping[str, Sequence[Use]]:
    """Return what of these groups ran since an instant, by group.

    Equal ones are added up by the database: all that ran before ``since`` and still runs is one use. What ended before
    is not looked at, so a long history costs nothing: two questions, each of which one index answers.
    """
    start = case((intervals.c.started_at < since, literal(since, Instant)), else_=intervals.c.started_at)
    known = select(intervals.c.group, intervals.c.cores, start.label("started_at"), intervals.c.ended_at)
    ours = known.where(intervals.c.group.in_(groups), intervals.c.started_at.is_not(None))
    ran = union_all(ours.where(intervals.c.ended_at.is_(None)), ours.where(intervals.c.ended_at > since)).subquery()
    same = (ran.c.group, ran.c.started_at, ran.c.ended_at)
    found: dict[str, list[Use]] = defaultdict(list)
    for row in connection.execute(select(*same, func.sum(ran.c.cores).label("cores")).group_by(*same)):
        found[row.group].append(Use(row.cores, row.started_at, row.ended_at))
    return found
