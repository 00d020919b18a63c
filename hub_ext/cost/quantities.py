"""Intervals and corrections become quantities, cut at the ends of days in UTC."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import pairwise

from hub_ext.contract.quantities import DAY, HOUR, TICK, Going, Quantity, Rate, pieces
from hub_ext.contract.report import Correction
from hub_ext.contract.usage import Interval

__all__ = ["DAY", "HOUR", "TICK", "Going", "Quantity", "Rate"]
__all__ += ["as_closed", "clipped", "cluster_of", "corrected", "going", "going_on", "pieces", "quantities", "rate_of"]

_TICKS_OF_DAY = DAY // TICK


def quantities(intervals: Iterable[Interval], *, since: datetime, until: datetime) -> Iterator[Quantity]:
    """Yield the quantities of intervals in ``[since, until)``, cut at the ends of days in UTC.

    Args:
        intervals: in any order, of any time; aware times in any zone.
        since: an aware time; earlier parts do not count.
        until: an aware time; later parts do not count. For what still runs this is at most now.
    """
    for one in intervals:
        start, end = clipped(one.started_at, one.ended_at, since, until)
        for first, last in pieces(start, end, DAY):
            yield _quantity(one, first.date(), (last - first) // TICK)


def going_on(going: Iterable[Going], *, until: datetime) -> Iterator[Quantity]:
    """Yield the quantities of what started before ``until`` and still runs then."""
    now = until.astimezone(UTC)
    today = now.date()
    so_far = (now - datetime.combine(today, time.min, UTC)) // TICK
    for one in going:
        day, offset = one.day, one.offset
        while day <= today:
            lasted = so_far if day == today else _TICKS_OF_DAY
            yield Quantity(day, one.group, one.user, "", one.rate, one.count * lasted - offset)
            day, offset = day + DAY, 0


def going(intervals: Iterable[Interval]) -> Iterator[Going]:
    """Yield intervals that still run, one by one, as sums do it for many."""
    for one in intervals:
        start = one.started_at.astimezone(UTC)
        offset = (start - datetime.combine(start.date(), time.min, UTC)) // TICK
        yield Going(one.group, one.user, rate_of(one), start.date(), 1, offset)


def corrected(corrections: Iterable[Correction], *, since: datetime, until: datetime) -> Iterator[Quantity]:
    """Yield what turns the intervals as they are known now into the report of ``[since, until)``.

    The months in the span that are closed get back what they were, and what was found in the span is added to it.

    Args:
        corrections: those that were found in the span, and those whose stretch touches it.
        since: the report's first instant.
        until: the first instant after it.
    """
    for one in corrections:
        sign = 1 if one.added else -1
        start, end = clipped(one.since, one.until, since, until)
        for first, last in pieces(start, end, DAY):
            yield _quantity(one.interval, first.date(), -sign * ((last - first) // TICK))
        if since <= one.at < until:
            for first, last in pieces(one.since, one.until, DAY):
                ticks = sign * ((last - first) // TICK)
                yield _quantity(one.interval, one.at.astimezone(UTC).date(), ticks, first.date())


def as_closed(
    interval: Interval, corrections: Iterable[Correction], *, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the stretches of a unit in ``[since, until)`` as the reports of closed months told them.

    Args:
        interval: the unit as it is known now.
        corrections: of this unit.
        since: an aware time.
        until: an aware time; for what still runs at most now.
    """
    steps: dict[datetime, int] = {}
    told = [(*clipped(interval.started_at, interval.ended_at, since, until), 1)]
    told += [(*clipped(one.since, one.until, since, until), -1 if one.added else 1) for one in corrections]
    for start, end, sign in told:
        if start < end:
            steps[start] = steps.get(start, 0) + sign
            steps[end] = steps.get(end, 0) - sign
    found, height = [], 0
    for first, last in pairwise(sorted(steps)):
        height += steps[first]
        if height:
            found.append((first, last))
    return found


def clipped(start: datetime, end: datetime | None, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return what of a stretch lies in ``[since, until)``; its end is not after its start where nothing does."""
    return max(start, since), until if end is None else min(end, until)


def rate_of(interval: Interval) -> Rate:
    """Return the rate class of an interval."""
    shape = interval.shape
    return Rate(
        kind=interval.kind,
        profile=interval.profile,
        cores=shape.cores,
        memory=shape.memory,
        gpus=tuple(sorted(shape.gpus.items())),
        own_price=interval.unit_price_per_hour,
        spot=interval.spot,
    )


def cluster_of(interval: Interval) -> str:
    """Return the name of the cluster or server: the backend's, or its lease where it never got one."""
    return interval.ref or interval.lease


def _quantity(one: Interval, day: date, ticks: int, priced_on: date | None = None) -> Quantity:
    return Quantity(
        day=day,
        group=one.group,
        user=one.user,
        cluster=cluster_of(one),
        rate=rate_of(one),
        ticks=ticks,
        priced_on=priced_on,
        correction=priced_on is not None,
    )
