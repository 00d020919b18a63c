"""A person's month by server and cluster, day by day: the dearest by themselves, the others of each group summed up.

Amounts are told group by group with one :class:`hub_ext.cost.money.Teller` each. So a group's lines add up to the exact
sum of what they stand for, cut once: to the same figure as :func:`hub_ext.cost.budgets.balance` calls ``mine``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from hub_ext.contract.quantities import DAY, Quantity
from hub_ext.contract.usage import UnitKind
from hub_ext.cost.money import Rates, Teller

Kind = Literal["server", "cluster"]
_Cells = Mapping[date, Fraction]


@dataclass(frozen=True)
class Line:
    """One line."""

    group: str
    kind: Kind
    lease: str
    """Empty: the others of the group."""
    profile: str
    """Empty as well then."""
    count: int
    daily: tuple[Decimal, ...]

    @property
    def cost(self) -> Decimal:
        """The sum of its days."""
        return sum(self.daily, Decimal(0))


@dataclass(frozen=True)
class _Thing:
    """A server or cluster."""

    group: str
    kind: Kind
    lease: str
    profile: str


def lines(rates: Rates, quantities: Iterable[Quantity], *, first: date, days: int, most: int) -> tuple[Line, ...]:
    """Return the lines of a month, the dearest first and those that are summed up last.

    Args:
        rates: prices.
        quantities: of one person; ``cluster`` is the lease. Of other days than these they do not count.
        first: of the month.
        days: how many days are told.
        most: how many servers and clusters get a line of their own.
    """
    span = tuple(first + n * DAY for n in range(days))
    things = {thing: cells for thing, cells in _things(rates, quantities, span).items() if any(cells.values())}
    dear = sorted(things, key=lambda thing: (-sum(things[thing].values()), thing.lease))
    named = [(thing, 1, things[thing]) for thing in dear[:most]]
    tellers: dict[str, Teller] = defaultdict(Teller)
    return tuple(
        _told(thing, count, cells, span, tellers) for thing, count, cells in [*named, *_rest(dear[most:], things)]
    )


def total(told: Iterable[Line]) -> Decimal:
    """Return what lines add up to."""
    return sum((line.cost for line in told), Decimal(0))


def _things(rates: Rates, quantities: Iterable[Quantity], span: tuple[date, ...]) -> Mapping[_Thing, _Cells]:
    found: dict[_Thing, dict[date, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for one in quantities:
        if span and span[0] <= one.day <= span[-1]:
            kind: Kind = "server" if one.rate.kind is UnitKind.server else "cluster"
            thing = _Thing(one.group, kind, one.cluster, one.rate.profile)
            found[thing][one.day] += rates.cost(one.rate, one.day, one.ticks)
    return found


def _rest(small: list[_Thing], things: Mapping[_Thing, _Cells]) -> list[tuple[_Thing, int, _Cells]]:
    """Sum up what gets no line of its own, by group and kind."""
    sums: dict[_Thing, dict[date, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    counts: dict[_Thing, int] = defaultdict(int)
    for thing in small:
        others = _Thing(thing.group, thing.kind, "", "")
        counts[others] += 1
        for day, amount in things[thing].items():
            sums[others][day] += amount
    return [(others, counts[others], sums[others]) for others in sorted(sums, key=lambda one: (one.group, one.kind))]


def _told(thing: _Thing, count: int, cells: _Cells, span: tuple[date, ...], tellers: dict[str, Teller]) -> Line:
    daily = tuple(tellers[thing.group].tell(cells.get(day, Fraction(0))) for day in span)
    return Line(thing.group, thing.kind, thing.lease, thing.profile, count, daily)
