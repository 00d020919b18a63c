"""What an interval costs: its seconds times the hourly price that held, split where prices change.

The sum is carried in whole microseconds and exact fractions; no float takes part. An hour has 3600 seconds, so a cost
is seldom a finite decimal: it is told on a grid of 10**-15 of the currency, and *told so that nothing is lost*. On each
stretch of one price the cost up to an instant is counted from a fixed origin and cut to the grid; an interval costs
what the count grew by. Pieces of an interval therefore add up to the whole exactly, wherever it is cut, and a cost that
is a finite decimal on the grid is exact itself. This is the only rounding; the next is the display's, to cents.
"""

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction

from hub_ext.contract.usage import Interval
from hub_ext.policy.document import Price
from hub_ext.policy.rates import price_at, price_per_hour, valid_from

__all__ = ["GRID", "cost", "price_at", "price_per_hour"]

GRID = 15
"""Decimals of a cost. With amounts below ten billion, sums stay within the 28 digits of Python's default context."""
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_TICKS_PER_HOUR = 3_600_000_000
_EXACT = Context(prec=200)


def cost(interval: Interval, prices: tuple[Price, ...], *, until: datetime, since: datetime | None = None) -> Decimal:
    """Return what an interval costs in ``[since, until)``.

    Args:
        interval: one unit from start to end; without an end it runs on.
        prices: unit prices, sorted by date.
        until: an aware time; later parts do not count. For what still runs this is now.
        since: an aware time; earlier parts do not count. None: from the start.

    Returns:
        The amount in the policy's currency, not negative, on a grid of 10**-15.
    """
    start = interval.started_at if since is None else max(interval.started_at, since)
    end = until if interval.ended_at is None else min(interval.ended_at, until)
    total = 0
    while start < end:
        price = price_at(prices, start)
        stretch = min(end, _next_change(prices, start) or end)
        total += _counted(interval, price, stretch) - _counted(interval, price, start)
        start = stretch
    return _EXACT.normalize(Decimal(total).scaleb(-GRID, _EXACT)) if total else Decimal(0)


def _next_change(prices: tuple[Price, ...], at: datetime) -> datetime | None:
    """Return when the price that holds at an instant is followed by another."""
    return next((change for price in prices[1:] if (change := valid_from(price)) > at), None)


def _counted(interval: Interval, price: Price, at: datetime) -> int:
    """Return the cost from the origin up to an instant as whole steps of the grid, cut off below."""
    hour = Fraction(price_per_hour(interval.shape, price, override=interval.unit_price_per_hour, spot=interval.spot))
    ticks = (at - _ORIGIN) // _TICK
    steps: int = hour.numerator * ticks * 10**GRID // (hour.denominator * _TICKS_PER_HOUR)
    return steps
