"""Daily sums of what has ended, so that a month of ten million intervals is told from a few thousand rows.

Sums are of time, in whole microseconds by what an hour's price depends on; money is computed from them when it is told.
They are brought up to date in the transaction that changes an interval, by what it changes, so at every moment they are
the sums of all ended intervals. What still runs is not among them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Select, Table, case, delete, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from hub_ext.contract.quantities import Going, Quantity, Rate
from hub_ext.contract.usage import UnitKind
from hub_ext.usage.folding import by_day
from hub_ext.usage.instants import utc_day, utc_offset
from hub_ext.usage.tables import group_days, intervals, lease_days, leases, rates

_INSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_IN_MEMORY = 20_000
"""Intervals that are counted before their sums are written."""
RATE = ("kind", "profile", "cores", "memory", "gpus", "price", "spot")
"""The columns of a rate class, here and in intervals."""
_OF_INTERVALS = [intervals.c[name] for name in ("lease", "group", "user", "started_at", "ended_at", *RATE)]


@lru_cache(maxsize=10_000)
def rate_id(rate: Rate) -> str:
    """Return the name of a rate: the same for equal ones, in every process."""
    gpus = ",".join(f"{model}={count}" for model, count in rate.gpus)
    price = "" if rate.own_price is None else format(rate.own_price.normalize(), "f")
    parts = (rate.kind.value, rate.profile, f"{rate.cores.normalize():f}", rate.memory, gpus, price, rate.spot)
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Payer:
    """Who pays for an interval, and at which rate: it never changes."""

    lease: str
    group: str
    user: str
    rate: Rate


class Changes:
    """What intervals of one transaction change in the daily sums, until they are written at once.

    Args:
        since: the first day whose sums of groups are changed; None: all are.
    """

    def __init__(self, since: date | None = None) -> None:
        self._since = since
        self._ticks: dict[tuple[Payer, date], int] = defaultdict(int)

    def add(self, payer: Payer, span: tuple[datetime, datetime] | None, sign: int = 1) -> None:
        """Count a span of somebody's, or take it away again with -1; None is nothing."""
        for day, ticks in by_day(*span).items() if span else ():
            self._ticks[payer, day] += sign * ticks

    def write(self, connection: Connection) -> None:
        """Add them to the sums.

        The last step of a transaction: rows of a group are waited for in one order, and nothing is locked after them.
        """
        changed = {key: ticks for key, ticks in self._ticks.items() if ticks}
        if not changed:
            return
        _know(connection, {payer.rate for payer, _ in changed})
        groups: dict[tuple[str, date, str], int] = defaultdict(int)
        leases: list[dict[str, Any]] = []
        for (payer, day), ticks in changed.items():
            if self._since is None or day >= self._since:
                groups[payer.group, day, rate_id(payer.rate)] += ticks
            row = {
                "lease": payer.lease,
                "day": day,
                "rate": rate_id(payer.rate),
                "group": payer.group,
                "user": payer.user,
            }
            leases.append({**row, "ticks": ticks})
        _add(connection, lease_days, sorted(leases, key=lambda row: (row["lease"], row["day"], row["rate"])))
        keys = ("group", "day", "rate")
        sums = [{**dict(zip(keys, key, strict=True)), "ticks": ticks} for key, ticks in sorted(groups.items())]
        if sums:
            _add(connection, group_days, sums)


def _know(connection: Connection, used: Iterable[Rate]) -> None:
    """Keep rates that are new."""
    wanted = {rate_id(rate): rate for rate in used}
    known = set(connection.execute(select(rates.c.id).where(rates.c.id.in_(wanted))).scalars())
    rows = [_row(rate) for name, rate in sorted(wanted.items()) if name not in known]
    if rows:
        insert = _INSERT[connection.dialect.name]
        connection.execute(insert(rates).on_conflict_do_nothing(), rows)


def _row(rate: Rate) -> dict[str, Any]:
    return {
        "id": rate_id(rate),
        "kind": rate.kind.value,
        "profile": rate.profile,
        "cores": rate.cores,
        "memory": rate.memory,
        "gpus": dict(rate.gpus),
        "price": rate.own_price,
        "spot": rate.spot,
    }


def _add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    insert = _INSERT[connection.dialect.name](table)
    key = [column.name for column in table.primary_key]
    added = insert.on_conflict_do_update(index_elements=key, set_={"ticks": table.c.ticks + insert.excluded.ticks})
    connection.execute(added, list(rows))


def rebuild(connection: Connection, since: date | None = None) -> None:
    """Count all ended intervals anew. Nobody may write meanwhile.

    Args:
        connection: the transaction.
        since: the first day of which every interval is still kept; the sums of groups before it stay as they are.
    """
    connection.execute(delete(lease_days))
    connection.execute(delete(group_days) if since is None else delete(group_days).where(group_days.c.day >= since))
    for some in spans(connection):
        changes = Changes(since)
        for payer, span in some:
            changes.add(payer, span)
        changes.write(connection)


def spans(
    connection: Connection, leases: Collection[str] | None = None
) -> Iterator[Iterator[tuple[Payer, tuple[datetime, datetime]]]]:
    """Yield some at a time who paid for which ended interval and how long, of some leases or of all."""
    query = select(*_OF_INTERVALS).where(intervals.c.started_at.is_not(None), intervals.c.ended_at.is_not(None))
    if leases is not None:
        query = query.where(intervals.c.lease.in_(leases))
    query = query.order_by(intervals.c.lease)  # so that few sums change at a time
    read = RateReader()
    for rows in connection.execute(query.execution_options(yield_per=_IN_MEMORY)).partitions():
        yield ((Payer(row.lease, row.group, row.user, read(row)), (row.started_at, row.ended_at)) for row in rows)


def misnamed(connection: Connection) -> list[str]:
    """Return the names of rates that are not the hash of what they say."""
    read = RateReader()
    return [row.id for row in connection.execute(select(rates).order_by(rates.c.id)) if rate_id(read(row)) != row.id]


def ended(
    connection: Connection,
    since: date,
    until: date,
    *,
    groups: Collection[str] | None = None,
    users: Collection[str] | None = (),
) -> list[Quantity]:
    """Return the sums of each day in ``[since, until)``: of groups, without a user, and of people in them.

    Args:
        connection: a transaction.
        since: the first day.
        until: the day after the last.
        groups: which; None: all.
        users: of whom their own sums are told beside the groups'; None: of everybody.
    """
    parts = [_days(group_days, since, until, groups).add_columns(literal("").label("user"), group_days.c.ticks)]
    if users is None or users:
        own = _days(lease_days, since, until, groups)
        if users is not None:
            own = own.where(lease_days.c.user.in_(users))
        own = own.add_columns(lease_days.c.user, func.sum(lease_days.c.ticks).label("ticks"))
        parts.append(own.group_by(lease_days.c.group, lease_days.c.day, lease_days.c.rate, lease_days.c.user))
    sums = union_all(*parts).subquery()
    read = RateReader()
    query = select(sums, *(rates.c[name] for name in RATE)).join(rates, rates.c.id == sums.c.rate)
    return [Quantity(row.day, row.group, row.user, "", read(row), int(row.ticks)) for row in connection.execute(query)]


def _days(table: Table, since: date, until: date, groups: Collection[str] | None) -> Select[Any]:
    query = select(table.c.group, table.c.day, table.c.rate).where(table.c.day >= since, table.c.day < until)
    return query if groups is None else query.where(table.c.group.in_(groups))


def of_leases(
    connection: Connection,
    since: date,
    until: date,
    *,
    groups: Collection[str] | None = None,
    user: str | None = None,
    by_ref: bool = True,
) -> list[Quantity]:
    """Return the sums of each day in ``[since, until)`` by server or cluster, named by the backend or by the lease."""
    days = lease_days.c
    named = (case((leases.c.ref != "", leases.c.ref), else_=leases.c.id) if by_ref else leases.c.id).label("cluster")
    query = (
        select(days.group, days.user, days.day, named, days.ticks, *(rates.c[name] for name in RATE))
        .join(leases, leases.c.id == days.lease)
        .join(rates, rates.c.id == days.rate)
        .where(days.day >= since, days.day < until)
    )
    if groups is not None:
        query = query.where(days.group.in_(groups))
    if user is not None:
        query = query.where(days.user == user)
    read = RateReader()
    rows = connection.execute(query)
    return [Quantity(row.day, row.group, row.user, row.cluster, read(row), row.ticks) for row in rows]


def first_day(connection: Connection, user: str) -> date | None:
    """Return the first day (UTC) of which there is something of a person's that has ended; None: there is nothing."""
    day: date | None = connection.execute(
        select(func.min(lease_days.c.day)).where(lease_days.c.user == user)
    ).scalar_one_or_none()
    return day


def going(
    connection: Connection,
    now: datetime,
    *,
    by_person: bool = False,
    groups: Collection[str] | None = None,
) -> list[Going]:
    """Return what started before ``now`` and has not ended, summed up over everybody or by person."""
    table = intervals.c
    whose = (table.user,) if by_person else ()
    keys = (table.group, *whose, utc_day(table.started_at).label("day"), *(table[name] for name in RATE))
    sums = (func.count().label("units"), func.sum(utc_offset(table.started_at)).label("offset"))
    query = select(*keys, *sums).where(table.ended_at.is_(None), table.started_at < now).group_by(*keys)
    if groups is not None:
        query = query.where(table.group.in_(groups))
    read = RateReader()
    return [
        Going(row.group, row.user if whose else "", read(row), row.day, row.units, int(row.offset))
        for row in connection.execute(query)
    ]


class RateReader:
    """Makes each rate once, from rows of either table."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Rate] = {}

    def __call__(self, row: Any) -> Rate:
        """Return the rate of a row."""
        key = (row.kind, row.profile, row.cores, row.memory, *sorted(row.gpus.items()), row.price, row.spot)
        if key not in self._known:
            gpus = tuple(sorted(row.gpus.items()))
            self._known[key] = Rate(UnitKind(row.kind), row.profile, row.cores, row.memory, gpus, row.price, row.spot)
        return self._known[key]
