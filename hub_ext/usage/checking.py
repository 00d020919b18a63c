"""Do the daily sums agree with the intervals? They are counted again and compared, and counted anew if asked to."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select, text

from hub_ext.contract.quantities import TICK
from hub_ext.usage import rollups, schema
from hub_ext.usage.database import Database
from hub_ext.usage.folding import by_day
from hub_ext.usage.removed import kept_since
from hub_ext.usage.rollups import rate_id
from hub_ext.usage.tables import group_days, lease_days, leases

MOST = 1000
"""Differences that are collected: where more sums are wrong, all are counted anew."""
_LEASES = 500
"""Leases that are counted at a time."""
_WRITTEN = ("intervals", "rates", "lease_days", "group_days")
"""What a report writes, in its order."""


def differences(connection: Connection) -> Iterator[str]:
    """Count every ended interval again; yield each daily sum that is another, in words.

    Of days before the oldest that is kept, a group's sum may be more than what is still there to count.
    """
    for name in rollups.misnamed(connection):
        yield f"the rate {name} has another name than its content"
    groups: dict[tuple[str, date, str], int] = defaultdict(int)
    for ids in _some_leases(connection):
        counted: dict[tuple[Any, ...], int] = defaultdict(int)
        for spans in rollups.spans(connection, ids):
            for payer, span in spans:
                for day, ticks in by_day(*span).items():
                    counted[payer.lease, payer.group, payer.user, day, rate_id(payer.rate)] += ticks
                    groups[payer.group, day, rate_id(payer.rate)] += ticks
        stored = {
            (row.lease, row.group, row.user, row.day, row.rate): row.ticks
            for row in connection.execute(select(lease_days).where(lease_days.c.lease.in_(ids)))
        }
        yield from _compared("the sum of lease", stored, counted)
    kept = {(row.group, row.day, row.rate): row.ticks for row in connection.execute(select(group_days))}
    since = _first_day(connection)
    for key, ticks in kept.items():
        if since is not None and key[1] < since:
            groups[key] = max(groups[key], ticks)
    yield from _compared("the sum of group", kept, groups)


def verify(database: Database) -> list[str]:
    """Return the differences, as of one moment; no more than :data:`MOST`.

    Raises:
        InvalidRequest: the database has not this version's schema.
        Unavailable: the database does not answer.
    """
    with database.read() as connection:
        database.take_time(connection)
        schema.expect(connection)
        return list(islice(differences(connection), MOST))


def repair(database: Database) -> None:
    """Count the daily sums anew, in one transaction for which all who report wait.

    Raises:
        Unavailable: the database does not answer.
    """
    with database.write() as connection:
        database.take_time(connection)
        if not database.is_sqlite:
            connection.execute(text(f"LOCK TABLE {', '.join(_WRITTEN)} IN SHARE ROW EXCLUSIVE MODE"))
        rollups.rebuild(connection, _first_day(connection))


def _first_day(connection: Connection) -> date | None:
    """Return the first day of which every interval is still kept; None: all are."""
    since = kept_since(connection)
    return None if since is None else since.astimezone(UTC).date()


def _some_leases(connection: Connection) -> Iterator[Sequence[str]]:
    last = ""
    while (
        ids := connection.execute(select(leases.c.id).where(leases.c.id > last).order_by(leases.c.id).limit(_LEASES))
        .scalars()
        .all()
    ):
        yield ids
        last = ids[-1]


def _compared(what: str, stored: dict[tuple[Any, ...], int], counted: dict[tuple[Any, ...], int]) -> Iterator[str]:
    for key in sorted({*stored, *counted}, key=repr):
        kept, right = stored.get(key, 0), counted.get(key, 0)
        if kept != right:
            *whose, day, rate = key
            told = f"{what} {' '.join(whose)} on {day} at rate {rate[:8]}"
            yield f"{told} is {_time(kept)}, and {_time(right)} were counted"


def _time(ticks: int) -> str:
    """Return hours, minutes and seconds, exactly."""
    return f"{'-' if ticks < 0 else ''}{abs(ticks) * TICK}"
