"""Exact sums, told as decimals so that what is told adds up.

A cost is a fraction: an hour has 3600 seconds. Amounts are told on a grid of 10**-15 of the currency. Cutting each row
of a report off on its own would make rows that do not add up; so the *running sum* is cut, and a row is told by what
it grew. Rows add up to their total whatever they are, and the total is the exact sum, cut once.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from fractions import Fraction
from types import MappingProxyType

from hub_ext.cost.pricing import GRID
from hub_ext.cost.quantities import Rate
from hub_ext.policy.document import Policy, Price
from hub_ext.policy.rates import price_at, price_per_hour

TICKS_PER_HOUR = 3_600_000_000
_EXACT = Context(prec=200)


class Teller:
    """Tells amounts one after the other; those told add up to the exact sum, cut to the grid."""

    def __init__(self) -> None:
        self._sum = Fraction(0)
        self._told = 0

    def tell(self, amount: Fraction) -> Decimal:
        """Return an amount as a decimal on the grid, less than one step away from it."""
        self._sum += amount
        steps = self._sum.numerator * 10**GRID // self._sum.denominator
        grown, self._told = steps - self._told, steps
        return decimal(grown)

    @property
    def total(self) -> Decimal:
        """The sum of what was told."""
        return decimal(self._told)


class Rates:
    """Prices per hour of rate classes by day, each computed once.

    Args:
        policy: dated prices and their currencies.
        kept: month (``2026-10``) -> the prices that it was closed with, which hold for its days instead.
    """

    def __init__(self, policy: Policy, kept: Mapping[str, tuple[Price, ...]] = MappingProxyType({})) -> None:
        self._policy = policy
        self._kept = kept
        self._days: dict[date, Price] = {}
        self._found: dict[tuple[Rate, date, str], Decimal] = {}

    def hour(self, rate: Rate, day: date) -> Decimal:
        """Return the exact price of an hour on a day of UTC."""
        price = self._price(day)
        month = f"{day:%Y-%m}"
        key = (rate, price.since, month if month in self._kept else "")
        if key not in self._found:
            self._found[key] = price_per_hour(rate.shape, price, override=rate.own_price, spot=rate.spot)
        return self._found[key]

    def currency(self, day: date) -> str:
        """Return the currency of a day's prices."""
        return self._policy.currency_of(self._price(day))

    def since(self, day: date) -> date:
        """Return from when the day's prices hold."""
        return self._price(day).since

    def cost(self, rate: Rate, day: date, ticks: int) -> Fraction:
        """Return what so many microseconds cost on a day, exactly."""
        return Fraction(self.hour(rate, day)) * ticks / TICKS_PER_HOUR

    def _price(self, day: date) -> Price:
        if day not in self._days:
            prices = self._kept.get(f"{day:%Y-%m}", self._policy.prices)
            self._days[day] = price_at(prices, datetime.combine(day, time.min, UTC))
        return self._days[day]


def cut(amount: Fraction) -> Decimal:
    """Return an exact amount cut to the grid."""
    return decimal(amount.numerator * 10**GRID // amount.denominator)


def decimal(steps: int) -> Decimal:
    """Return whole steps of the grid as a decimal without trailing zeros."""
    return _EXACT.normalize(Decimal(steps).scaleb(-GRID, _EXACT)) if steps else Decimal(0)
