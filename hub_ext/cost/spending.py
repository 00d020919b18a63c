"""What somebody has spent, as a curve over time: from daily sums of what has ended, and from what runs.

Exact fractions throughout. Only the question *when* an amount was reached needs single intervals, and only those of
one day: the sums tell which day it is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Self

from hub_ext.contract.quantities import DAY, TICK, Going, Quantity, Rate
from hub_ext.contract.usage import Interval
from hub_ext.cost.money import TICKS_PER_HOUR, Rates
from hub_ext.cost.quantities import going, going_on, quantities, rate_of

OfDay = Callable[[datetime, datetime], Sequence[Interval]]
"""Given a stretch within one day (UTC), answers every interval that touches it."""


class Spending:
    """A curve from ``since`` to ``until``.

    Args:
        rates: prices.
        ended: how long what ran on which day, of intervals that have ended by ``until``.
        going: what has not, with at least what started before ``until``.
        since: the curve's beginning, 00:00 UTC of a day.
        until: the moment of the question.
        of_day: where single intervals come from.
    """

    def __init__(
        self,
        rates: Rates,
        ended: Iterable[Quantity],
        going: Iterable[Going],
        *,
        since: datetime,
        until: datetime,
        of_day: OfDay,
    ) -> None:
        self.since = since
        self.until = until
        self._rates = rates
        self._ended = tuple(ended)
        self._going = tuple(going)
        self._of_day = of_day

    @classmethod
    def of(cls, rates: Rates, intervals: Sequence[Interval], *, since: datetime, until: datetime) -> Self:
        """Return the curve of intervals at hand; those of before ``since`` and after ``until`` do not count."""
        running = [
            one for one in intervals if one.started_at < until and (one.ended_at is None or one.ended_at > until)
        ]
        ended = [one for one in intervals if one.ended_at is not None and one.ended_at <= until]
        known = quantities(ended, since=since, until=until)
        return cls(rates, known, going(running), since=since, until=until, of_day=lambda _, __: intervals)

    @property
    def burn_rate(self) -> Decimal:
        """The price per hour of what runs at the curve's end."""
        today = self.until.astimezone(UTC).date()
        return sum((one.count * self._rates.hour(one.rate, today) for one in self._going), Decimal(0))

    @cached_property
    def days(self) -> Mapping[date, Fraction]:
        """What each day cost on which something ran, up to ``until``; in order."""
        ticks: dict[tuple[date, Rate], int] = defaultdict(int)
        first = self.since.astimezone(UTC).date()
        for one in (*self._ended, *going_on(self._going, until=self.until)):
            if one.day >= first:
                ticks[one.day, one.rate] += one.ticks
        found: dict[date, Fraction] = defaultdict(Fraction)
        for (day, rate), ran in ticks.items():
            found[day] += self._rates.cost(rate, day, ran)
        return dict(sorted(found.items()))

    def spent(self, until: datetime | None = None, *, since: datetime | None = None) -> Fraction:
        """Return what was spent up to an instant, or between two.

        Args:
            until: at most the curve's end; None: that.
            since: 00:00 UTC of a day, not before the curve's beginning; None: that.
        """
        end = self.until if until is None else until.astimezone(UTC)
        first = (since or self.since).astimezone(UTC).date()
        midnight = _midnight(end.date())
        total = sum((cost for day, cost in self.days.items() if first <= day < end.date()), Fraction(0))
        if end >= self.until:
            return total + self.days.get(end.date(), Fraction(0))
        return total if end == midnight else total + self._between(self._of_day(midnight, end), midnight, end)

    def reached(self, amount: Fraction) -> datetime | None:
        """Return the first instant, to the microsecond, by which this much was spent; None: it is not yet."""
        if amount <= 0:
            return self.since
        before = Fraction(0)
        for day, cost in self.days.items():
            if before + cost >= amount:
                low = max(_midnight(day), self.since)
                high = min(_midnight(day) + DAY, self.until)
                return self._instant(self._of_day(low, high), amount - before, low, high)
            before += cost
        return None

    def _between(self, intervals: Sequence[Interval], low: datetime, high: datetime) -> Fraction:
        """Return what these cost in a stretch of one day."""
        parts = quantities(intervals, since=low, until=high)
        return sum((self._rates.cost(one.rate, one.day, one.ticks) for one in parts), Fraction(0))

    def _instant(self, intervals: Sequence[Interval], amount: Fraction, low: datetime, high: datetime) -> datetime:
        """Return when a stretch of one day has cost so much, at its end at the latest.

        Between two changes of what runs the curve is a straight line.
        """
        changes: dict[datetime, Fraction] = defaultdict(Fraction)
        for one in intervals:
            start, end = max(one.started_at, low), min(one.ended_at or high, high)
            if start < end:
                slope = Fraction(self._rates.hour(rate_of(one), low.date())) / TICKS_PER_HOUR
                changes[start] += slope
                changes[end] -= slope
        here, slope = low, Fraction(0)
        for change in sorted(changes):
            grown = slope * ((change - here) // TICK)
            if grown >= amount:
                break
            amount, here, slope = amount - grown, change, slope + changes[change]
        return min(high, here + ceil(amount / slope) * TICK) if slope > 0 else high


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
