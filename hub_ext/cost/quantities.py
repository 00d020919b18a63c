"""Quantities: how long what was used on which day. Whole microseconds, so that sums are exact and need no order.

A price holds from 00:00 UTC of a day, so a day of UTC has one price; a quantity of one day and one rate class has one
too. Whatever sums time up by day, in memory or in a database, gives quantities; ``reporting`` prices them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hub_ext.contract.report import Correction
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval, UnitKind

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate class: everything but the date that a price per hour depends on."""

    kind: UnitKind
    profile: str
    cores: Decimal
    memory: int
    """Bytes."""
    gpus: tuple[tuple[str, int], ...] = ()
    """Model and count, sorted by model."""
    own_price: Decimal | None = None
    """Per hour, where the profile overrides the unit prices."""
    spot: bool = False

    @property
    def shape(self) -> Shape:
        """What one unit holds."""
        return Shape(cores=self.cores, memory=self.memory, gpus=dict(self.gpus))


@dataclass(frozen=True, slots=True)
class Quantity:
    """How long units of one rate class ran on one day for one person, group and cluster."""

    day: date
    """Of UTC, the line that it belongs to."""
    group: str
    user: str
    cluster: str
    rate: Rate
    ticks: int
    """Microseconds; less than nothing where a correction takes time away."""
    priced_on: date | None = None
    """The day whose price holds, where that is another one: corrections are priced as what they correct."""
    correction: bool = False


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


def pieces(start: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of ``[start, end)`` between the ends of days or hours in UTC.

    Args:
        start: an aware time.
        end: an aware time; where it is not after the start there are no parts.
        step: a day or an hour. UTC has neither days of 23 nor hours that come twice.
    """
    here, end = start.astimezone(UTC), end.astimezone(UTC)
    while here < end:
        stop = min(end, _ORIGIN + ((here - _ORIGIN) // step + 1) * step)
        yield here, stop
        here = stop


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
