"""Closed months and corrections: a report that was sent stays what it was, and what is found later is a row of its own.

Intervals are always what is known best. When one changes within a month that is closed, the difference is kept as
stretches of time that were added or taken away, in the transaction that changes the interval.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, insert, or_, select, text

from hub_ext.contract.report import Closed, Correction
from hub_ext.policy.document import Policy, Price
from hub_ext.policy.months import month_bounds, month_end, month_key, month_start
from hub_ext.usage import ledger_rows
from hub_ext.usage.tables import closed_months, intervals
from hub_ext.usage.tables import corrections as table

SETTLING = timedelta(hours=1)
"""How long after its end a month can be closed at the earliest: clocks differ, and reports are on the way."""

Span = tuple[datetime | None, datetime | None]
"""Start and end of an interval as the ledger holds them. No start: not charged yet; no end: it runs."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of time of one month that an interval gained or lost."""

    month: str
    since: datetime
    until: datetime
    added: bool


def differences(old: Span, new: Span, closed: Collection[str]) -> list[Stretch]:
    """Return what a change of an interval means for closed months.

    Args:
        old: what the ledger held, both None where it held nothing.
        new: what it holds now.
        closed: the months, ``2026-10``.
    """
    changes = [(part, True) for part in _minus(new, old)] + [(part, False) for part in _minus(old, new)]
    found = []
    for month in sorted(closed):
        first, last = month_bounds(month)
        for (start, end), added in changes:
            since, until = max(start, first), last if end is None else min(end, last)
            if since < until:
                found.append(Stretch(month, since, until, added))
    return found


def _minus(whole: Span, part: Span) -> list[tuple[datetime, datetime | None]]:
    """Return what of a span lies outside of another."""
    start, end = whole
    if start is None or start == end:
        return []
    first, last = part
    if first is None or first == last or (end is not None and end <= first) or (last is not None and last <= start):
        return [(start, end)]
    found: list[tuple[datetime, datetime | None]] = []
    if start < first:
        found.append((start, first))
    if last is not None and (end is None or last < end):
        found.append((last, end))
    return found


def note(connection: Connection, unit: str, old: Span, new: Span, *, now: datetime, why: str) -> None:
    """Keep what a change of an interval means for closed months. Called after the interval was changed.

    Closing waits for every transaction that has changed an interval, so a month that is not seen here is closed later
    and includes the change.
    """
    earliest = min((one for one in (old[0], new[0]) if one is not None), default=now)
    if old == new or earliest >= month_start(now):
        return
    found = differences(old, new, closed(connection, until=now))
    if found:
        rows = [
            {
                "unit": unit,
                "month": one.month,
                "since": one.since,
                "until": one.until,
                "added": one.added,
                "at": now,
                "why": why,
            }
            for one in found
        ]
        connection.execute(insert(table), rows)


def close(connection: Connection, policy: Policy, month: str, *, author: str, now: datetime) -> tuple[Closed, bool]:
    """Close a month; return it, and whether it was open before.

    Its prices are kept with it, so that an entry of the policy that is edited later does not change it.

    Args:
        connection: a transaction.
        policy: with the prices of the month.
        month: ``2026-10``.
        author: who closes it.
        now: the moment.

    Raises:
        ValueError: it is no month, or it is not over for long enough.
    """
    _, end = month_bounds(month)
    if now < end + SETTLING:
        raise ValueError(
            f"{month} can be closed from {end + SETTLING:%Y-%m-%d %H:%M} UTC on, when late reports are in."
        )
    row = connection.execute(select(closed_months).where(closed_months.c.month == month)).one_or_none()
    if row is not None:
        return Closed(month=row.month, at=row.at, author=row.author), False
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE intervals IN SHARE MODE"))  # waits for what changes intervals now
    told = [one.model_copy(update={"currency": policy.currency_of(one)}) for one in policy.prices]
    prices = [one.model_dump(mode="json", by_alias=True) for one in told]
    connection.execute(insert(closed_months).values(month=month, at=now, author=author, prices=prices))
    return Closed(month=month, at=now, author=author), True


def closed(connection: Connection, *, until: datetime, since: datetime | None = None) -> tuple[str, ...]:
    """Return the closed months that touch ``[since, until)``, oldest first."""
    query = select(closed_months.c.month).where(closed_months.c.month < month_key(month_end(until)))
    if since is not None:
        query = query.where(closed_months.c.month >= month_key(since))
    found = connection.execute(query.order_by(closed_months.c.month)).scalars()
    return tuple(month for month in found if month_bounds(month)[0] < until)


def kept_prices(connection: Connection) -> dict[str, tuple[Price, ...]]:
    """Return the prices of every closed month, as they were when it was closed."""
    rows = connection.execute(select(closed_months.c.month, closed_months.c.prices))
    return {row.month: tuple(Price.model_validate(one) for one in row.prices) for row in rows}


def closed_until(connection: Connection) -> datetime | None:
    """Return the end of the last closed month; None: none was ever closed."""
    month = connection.execute(select(func.max(closed_months.c.month))).scalar_one()
    return None if month is None else month_bounds(month)[1]


def touching(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    groups: Sequence[str] | None = None,
    user: str | None = None,
) -> tuple[Correction, ...]:
    """Return the corrections found in ``[since, until)``, and those of stretches in it; oldest first."""
    found = and_(table.c.at >= since, table.c.at < until)
    stretch = and_(table.c.since < until, table.c.until > since)
    columns = (*table.c[1:], *(column.label(f"of_{column.name}") for column in intervals.c))
    query = select(*columns).join(intervals, intervals.c.unit == table.c.unit).where(or_(found, stretch))
    if groups is not None:
        query = query.where(intervals.c.group.in_(groups))
    if user is not None:
        query = query.where(intervals.c.user == user)
    return tuple(
        Correction(
            interval=ledger_rows.interval(row, "of_"),
            month=row.month,
            since=row.since,
            until=row.until,
            added=row.added,
            at=row.at,
            why=row.why,
        )
        for row in connection.execute(query.order_by(table.c.id))
    )
